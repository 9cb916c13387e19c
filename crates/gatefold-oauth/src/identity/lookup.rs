//! From a handle to a DID: what the two ways say, and what follows from it. Pure.

use gatefold_domain::Did;
use http::StatusCode;

use super::IdentityError;
use crate::fetch::is_passing;

/// What one way says about a handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It is this one's.
    Did(Did),
    /// It is more than one's.
    Several,
    /// It is nobody's.
    Nothing,
    /// It cannot be asked at the moment.
    Unknown,
}

/// What the TXT records of `_atproto.` and the handle say. Records of other purposes stand there
/// too and do not count, nor do DIDs of methods that atproto does not know.
pub(crate) fn by_records(records: &[String]) -> Said {
    let mut dids = records
        .iter()
        .filter_map(|record| record.trim().strip_prefix("did=")?.trim().parse().ok());
    match dids.next() {
        None => Said::Nothing,
        Some(first) if dids.all(|other: Did| other == first) => Said::Did(first),
        Some(_) => Said::Several,
    }
}

/// What `/.well-known/atproto-did` says. Hosts that answer every path with some page are common: a
/// page that is no DID says nothing.
pub(crate) fn by_page(status: StatusCode, body: &[u8]) -> Said {
    if is_passing(status) {
        return Said::Unknown;
    }
    let text = str::from_utf8(body).map(str::trim);
    match text.map(str::parse) {
        Ok(Ok(did)) if status == StatusCode::OK => Said::Did(did),
        _ => Said::Nothing,
    }
}

/// What follows. Where both name somebody, DNS is right.
pub(crate) fn agreed(dns: Said, https: Said) -> Result<Did, IdentityError> {
    match (dns, https) {
        (Said::Several, _) => Err(IdentityError::SeveralDids),
        (Said::Did(did), _) | (Said::Nothing | Said::Unknown, Said::Did(did)) => Ok(did),
        (Said::Nothing, Said::Nothing | Said::Several) => Err(IdentityError::NoSuchHandle),
        (Said::Unknown, _) | (_, Said::Unknown) => Err(IdentityError::HandleUnreachable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";
    const OTHER: &str = "did:web:other.example.com";

    fn did(text: &str) -> Said {
        Said::Did(text.parse().unwrap())
    }

    #[test]
    fn records_name_one_or_nobody() {
        let one = format!("did={ONE}");
        let other = format!("did={OTHER}");
        let cases: &[(&[&str], Said)] = &[
            (&[], Said::Nothing),
            (&["v=spf1 -all", ONE], Said::Nothing),
            (&["did=", "did=did:key:abc", "did=nobody"], Said::Nothing),
            (&[&one], did(ONE)),
            (&[" did=did:web:other.example.com "], did(OTHER)),
            (&["v=spf1 -all", &one, "did=nobody"], did(ONE)),
            (&[&one, &one], did(ONE)),
            (&[&one, &other], Said::Several),
            (&[&one, &one, &other], Said::Several),
        ];
        for (records, expected) in cases {
            let records: Vec<String> = records.iter().map(ToString::to_string).collect();
            assert_eq!(by_records(&records), *expected, "{records:?}");
        }
    }

    #[test]
    fn a_page_is_a_did_or_nothing() {
        for (status, body, expected) in [
            (200, ONE, did(ONE)),
            (200, "\n did:web:other.example.com\r\n", did(OTHER)),
            (200, "", Said::Nothing),
            (200, "<!doctype html>", Said::Nothing),
            (200, "did=did:plc:ewvi7nxzyoun6zhxrhs64oiz", Said::Nothing),
            (
                200,
                "did:plc:ewvi7nxzyoun6zhxrhs64oiz\ndid:web:a.example.com",
                Said::Nothing,
            ),
            (204, ONE, Said::Nothing),
            (302, ONE, Said::Nothing),
            (404, ONE, Said::Nothing),
            (429, ONE, Said::Unknown),
            (500, ONE, Said::Unknown),
            (503, "", Said::Unknown),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(
                by_page(status, body.as_bytes()),
                expected,
                "{status} {body}"
            );
        }
        assert_eq!(by_page(StatusCode::OK, b"\xff"), Said::Nothing);
    }

    #[test]
    fn dns_is_right_where_both_say_something() {
        let known = |text: &str| Ok(text.parse().unwrap());
        for (dns, https, expected) in [
            (did(ONE), did(ONE), known(ONE)),
            (did(ONE), did(OTHER), known(ONE)),
            (did(ONE), Said::Nothing, known(ONE)),
            (did(ONE), Said::Unknown, known(ONE)),
            (Said::Nothing, did(OTHER), known(OTHER)),
            (Said::Unknown, did(OTHER), known(OTHER)),
            (Said::Several, did(ONE), Err(IdentityError::SeveralDids)),
            (
                Said::Several,
                Said::Nothing,
                Err(IdentityError::SeveralDids),
            ),
            (
                Said::Nothing,
                Said::Nothing,
                Err(IdentityError::NoSuchHandle),
            ),
            (
                Said::Nothing,
                Said::Unknown,
                Err(IdentityError::HandleUnreachable),
            ),
            (
                Said::Unknown,
                Said::Nothing,
                Err(IdentityError::HandleUnreachable),
            ),
            (
                Said::Unknown,
                Said::Unknown,
                Err(IdentityError::HandleUnreachable),
            ),
        ] {
            assert_eq!(
                agreed(dns.clone(), https.clone()),
                expected,
                "{dns:?} {https:?}"
            );
        }
    }
}
