//! How long a request's head may be. Bodies have their limits where it is known what they are for.

use http::{HeaderMap, StatusCode, Uri};

use crate::error::Problem;

/// The longest path with its query, in bytes. An exchange token, `next` and a callback's parameters
/// fit in a quarter of it.
const MAX_URL: usize = 8 * 1024;
/// The most header lines.
const MAX_LINES: usize = 100;
/// The longest header, in bytes of names and values.
const MAX_HEADERS: usize = 32 * 1024;

/// # Errors
/// When a part of the head is longer than any client of ours makes it.
pub(crate) fn check(uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let url = uri.path_and_query().map_or(0, |url| url.as_str().len());
    if url > MAX_URL {
        return Err(URL_TOO_LONG);
    }
    let bytes = headers.iter().fold(0_usize, |sum, (name, value)| {
        sum.saturating_add(name.as_str().len())
            .saturating_add(value.len())
    });
    if headers.len() > MAX_LINES || bytes > MAX_HEADERS {
        return Err(HEADERS_TOO_LARGE);
    }
    Ok(())
}

const URL_TOO_LONG: Problem = Problem::new(
    StatusCode::URI_TOO_LONG,
    "url_too_long",
    "the address is longer than any of this site's",
);

const HEADERS_TOO_LARGE: Problem = Problem::new(
    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    "headers_too_large",
    "the request's headers are larger than this site reads; deleting its cookies may help",
);

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_head_has_its_length() {
        let headers = |lines: usize, len: usize| {
            let mut headers = HeaderMap::new();
            for line in 0..lines {
                let name = HeaderName::try_from(format!("x-{line:03}")).unwrap();
                headers.insert(name, HeaderValue::try_from("v".repeat(len)).unwrap());
            }
            headers
        };
        let uri = |len: usize| format!("/{}", "u".repeat(len - 1)).parse::<Uri>().unwrap();
        for (uri, headers, outcome) in [
            (uri(1), headers(0, 0), Ok(())),
            (uri(MAX_URL), headers(MAX_LINES, 10), Ok(())),
            (uri(MAX_URL + 1), headers(0, 0), Err("url_too_long")),
            (uri(1), headers(MAX_LINES + 1, 10), Err("headers_too_large")),
            (uri(1), headers(1, MAX_HEADERS - 5), Ok(())),
            (
                uri(1),
                headers(1, MAX_HEADERS - 4),
                Err("headers_too_large"),
            ),
        ] {
            let found = check(&uri, &headers).map_err(|problem| problem.code());
            assert_eq!(found, outcome);
        }
    }
}
