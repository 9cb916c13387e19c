//! `application/x-www-form-urlencoded`, as requests are written and callbacks are read.

use gatefold_domain::percent;
use zeroize::Zeroizing;

/// Pairs as text, for a body or a query. Nothing but what is never special stays as it is.
pub(crate) fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::new());
    for (name, value) in pairs {
        percent::push_pair(&mut text, name, value);
    }
    text
}

/// The pairs of a query in the order in which they stand there; nothing when a part is no text.
pub(crate) fn decode(query: &str) -> Option<Vec<(String, String)>> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((part(name)?, part(value)?))
        })
        .collect()
}

fn part(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from((high << 4) | low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_written_so_that_nothing_is_special() {
        let text = encode([("a", "b c+d"), ("e:f", "ä&="), ("g", "")]);
        assert_eq!(*text, "a=b%20c%2Bd&e%3Af=%C3%A4%26%3D&g=");
        let pairs = decode(&text).unwrap();
        assert_eq!(pairs[0], ("a".to_owned(), "b c+d".to_owned()));
        assert_eq!(pairs[1], ("e:f".to_owned(), "ä&=".to_owned()));
        assert_eq!(pairs[2], ("g".to_owned(), String::new()));
    }

    #[test]
    fn a_query_is_read_as_browsers_write_it() {
        for (query, pairs) in [
            ("", Some(vec![])),
            ("&&", Some(vec![])),
            ("a", Some(vec![("a", "")])),
            ("a=b=c", Some(vec![("a", "b=c")])),
            ("a=b+c%20d", Some(vec![("a", "b c d")])),
            ("a=%", None),
            ("a=%4", None),
            ("a=%zz", None),
            ("a=%+1", None),
            ("a=%ff", None),
        ] {
            let found = decode(query);
            let found = found.as_ref().map(|pairs| {
                let pairs = pairs.iter();
                pairs
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .collect()
            });
            assert_eq!(found, pairs, "{query}");
        }
    }
}
