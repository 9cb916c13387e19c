//! Percent-encoding (RFC 3986, 2.1), as queries and forms have it.

use std::fmt::Write as _;

/// Appends a text in which nothing stays as it is but what is never special: the unreserved characters
/// (RFC 3986, 2.3).
pub fn push(to: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            to.push(char::from(byte));
        } else {
            // Writing into a string does not fail.
            let _ = write!(to, "%{byte:02X}");
        }
    }
}

/// Appends a name and a value to a query or form.
pub fn push_pair(to: &mut String, name: &str, value: &str) {
    if !to.is_empty() {
        to.push('&');
    }
    push(to, name);
    to.push('=');
    push(to, value);
}

/// A text that can stand anywhere in an address.
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    push(&mut encoded, text);
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_never_special_stays() {
        for (text, written) in [
            ("did:plc:abc", "did%3Aplc%3Aabc"),
            ("aZ09-._~", "aZ09-._~"),
            ("a b+c&d=e%2f", "a%20b%2Bc%26d%3De%252f"),
            ("終点", "%E7%B5%82%E7%82%B9"),
            ("", ""),
        ] {
            assert_eq!(encoded(text), written);
        }
        let mut query = String::new();
        push_pair(&mut query, "scope", "atproto a");
        push_pair(&mut query, "x&y", "");
        assert_eq!(query, "scope=atproto%20a&x%26y=");
    }
}
