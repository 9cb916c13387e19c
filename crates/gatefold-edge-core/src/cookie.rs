//! Cookies of a request (RFC 6265, 4.2).

use http::{HeaderMap, header};

/// The value of the cookie `name`, when it is sent exactly once. A browser that was made to hold two
/// of one name says by nothing which of them is ours, so that both are refused, equal or not.
#[must_use]
pub fn sole_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = None;
    for header in headers.get_all(header::COOKIE) {
        for pair in header.to_str().ok()?.split(';') {
            // A pair without a name may end up as another's when it passes through a proxy.
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if key.trim_matches([' ', '\t']) == name {
                if found.is_some() {
                    return None;
                }
                found = Some(value.trim_matches([' ', '\t']));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_counts_when_it_is_sent_once() {
        let table: [(&[&[u8]], Option<&str>); 13] = [
            (&[b"a=1"], Some("1")),
            (&[b"b=2; a=1; c=3"], Some("1")),
            (&[b"b=2;a=1 ;c"], Some("1")),
            (&[b"b=2", b"a=1"], Some("1")),
            (&[b"a=1=2"], Some("1=2")),
            (&[b"a="], Some("")),
            (&[b"A=1; ab=1; b=a; =a"], None),
            (&[b""], None),
            (&[], None),
            (&[b"a=1; a=1"], None),
            (&[b"a=1", b"a=2"], None),
            (&[b"a=1; a"], None),
            (&[b"a=1; b=\xff"], None),
        ];
        for (lines, value) in table {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_bytes(line).unwrap());
            }
            assert_eq!(sole_cookie(&headers, "a"), value, "{lines:?}");
        }
    }
}
