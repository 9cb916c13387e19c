//! Signed URLs of a bucket in a folder: what S3 servers give for theirs. See `docs/spec/signed-url.md`.
//!
//! Whoever has one gets its object until it ends, and nobody is asked for anything else.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_domain::{ObjectKey, Timestamp};

use super::{Signed, Terms};

/// What the path of a signed URL begins with.
pub const SIGNED_PREFIX: &str = "/objects/";
/// What is signed begins with this, so that no other use of the key makes the same.
const LABEL: &[u8] = b"gatefold signed url v1\n";
const EXPIRES: &str = "expires=";
const DISPOSITION: &str = "&disposition=";
const SIGNATURE: &str = "&signature=";

/// Signs URLs of a site, and knows them again. Clones are the same one.
#[derive(Clone)]
pub struct UrlSigner {
    site: Arc<str>,
    key: Arc<hmac::Key>,
}

/// What a signed URL names.
pub struct SignedObject {
    /// The object.
    pub key: ObjectKey,
    /// When the URL ends.
    pub until: Timestamp,
    /// The `Content-Disposition` that the answer has.
    pub disposition: Option<String>,
}

/// Why a signed URL is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignedUrlRefusal {
    /// Nobody here signed it, or it was changed on its way.
    #[error("this address was not signed here")]
    NotAuthentic,
    /// Its time has passed.
    #[error("this address was good until a while ago")]
    Expired,
}

impl UrlSigner {
    /// Signs for a site, whose scheme, host and port these are, with 32 random bytes.
    #[must_use]
    pub fn new(site: &str, key: &[u8; 32]) -> Self {
        Self {
            site: site.into(),
            key: Arc::new(hmac::Key::new(hmac::HMAC_SHA256, key)),
        }
    }

    /// The address of an object, on these terms. The same terms give the same address; when it is made
    /// plays no part.
    pub(super) fn sign(&self, key: &ObjectKey, terms: &Terms<'_>) -> Signed {
        let until = terms.until.as_millis().max(0) / 1000;
        let mut said = format!("{}?{EXPIRES}{until}", key.as_str());
        if let Some(disposition) = terms.disposition {
            said.push_str(DISPOSITION);
            said.push_str(&Base64UrlUnpadded::encode_string(disposition.as_bytes()));
        }
        let tag = hmac::sign(&self.key, &message(&said));
        let tag = Base64UrlUnpadded::encode_string(tag.as_ref());
        Signed(format!(
            "{}{SIGNED_PREFIX}{said}{SIGNATURE}{tag}",
            self.site
        ))
    }

    /// What an address names, whose path goes on so after [`SIGNED_PREFIX`], at a moment.
    ///
    /// # Errors
    /// When it was not signed here, and once its time has passed.
    pub fn open(
        &self,
        path: &str,
        query: &str,
        now: Timestamp,
    ) -> Result<SignedObject, SignedUrlRefusal> {
        let refused = SignedUrlRefusal::NotAuthentic;
        let (said, tag) = query.rsplit_once(SIGNATURE).ok_or(refused)?;
        let tag = Base64UrlUnpadded::decode_vec(tag).map_err(|_| refused)?;
        let whole = message(&format!("{path}?{said}"));
        hmac::verify(&self.key, &whole, &tag).map_err(|_| refused)?;
        // Only what was written here comes so far.
        let (until, disposition) = match said.split_once(DISPOSITION) {
            Some((until, disposition)) => (until, Some(disposition)),
            None => (said, None),
        };
        let until = until.strip_prefix(EXPIRES).and_then(|it| it.parse().ok());
        let until: i64 = until.ok_or(refused)?;
        let until = Timestamp::from_millis(until.saturating_mul(1000));
        if now >= until {
            return Err(SignedUrlRefusal::Expired);
        }
        let disposition = disposition.map(|text| {
            let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|_| refused)?;
            String::from_utf8(bytes).map_err(|_| refused)
        });
        Ok(SignedObject {
            key: path.parse().map_err(|_| refused)?,
            until,
            disposition: disposition.transpose()?,
        })
    }
}

fn message(said: &str) -> Vec<u8> {
    [LABEL, said.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
    const UNTIL: Timestamp = Timestamp::from_millis(1_790_000_300_000);
    const SITE: &str = "https://music.example";

    fn signer() -> UrlSigner {
        UrlSigner::new(SITE, &[7; 32])
    }

    fn terms(disposition: Option<&str>) -> Terms<'_> {
        Terms {
            now: NOW,
            until: UNTIL,
            disposition,
            media_type: None,
        }
    }

    /// Path after the prefix, and query.
    fn split(signed: &Signed) -> (String, String) {
        let rest = signed.expose().strip_prefix(SITE).unwrap();
        let rest = rest.strip_prefix(SIGNED_PREFIX).unwrap();
        let (path, query) = rest.split_once('?').unwrap();
        (path.to_owned(), query.to_owned())
    }

    #[test]
    fn it_is_written_as_the_specification_says() {
        let key: ObjectKey = "audio/00ff.mp3".parse().unwrap();
        let signed = signer().sign(&key, &terms(Some("attachment")));
        assert_eq!(
            signed.expose(),
            "https://music.example/objects/audio/00ff.mp3?expires=1790000300\
             &disposition=YXR0YWNobWVudA\
             &signature=qL1dlrwAkG_GQ_lUyZujjUGg1B_hm9qOE3voTNF-Ql8"
        );
    }

    #[test]
    fn it_names_its_object_until_it_ends() {
        let key: ObjectKey = "audio/00ff.mp3".parse().unwrap();
        for disposition in [None, Some("attachment; filename=\"a&signature=b\"")] {
            let signed = signer().sign(&key, &terms(disposition));
            let (path, query) = split(&signed);
            for (millis, is_good) in [
                (0, true),
                (1_790_000_299_999, true),
                (1_790_000_300_000, false),
                (i64::MAX, false),
            ] {
                let opened = signer().open(&path, &query, Timestamp::from_millis(millis));
                match opened {
                    Ok(opened) => {
                        assert!(is_good, "{millis}");
                        assert!(opened.key == key && opened.until == UNTIL);
                        assert_eq!(opened.disposition.as_deref(), disposition);
                    }
                    Err(refusal) => {
                        assert!(!is_good, "{millis}");
                        assert_eq!(refusal, SignedUrlRefusal::Expired);
                    }
                }
            }
            let other = UrlSigner::new(SITE, &[8; 32]);
            let refused = other.open(&path, &query, NOW).map(drop);
            assert_eq!(refused, Err(SignedUrlRefusal::NotAuthentic));
        }
    }

    proptest! {
        #[test]
        fn whatever_is_changed_is_refused(
            at in 0_usize..200,
            byte in 0x21_u8..0x7f,
            disposition in proptest::option::of(".{0,40}"),
        ) {
            let key: ObjectKey = "audio/00ff.mp3".parse().unwrap();
            let signed = signer().sign(&key, &terms(disposition.as_deref()));
            let (path, query) = split(&signed);
            let mut spoiled = format!("{path}?{query}").into_bytes();
            let at = at.min(spoiled.len().saturating_sub(1));
            prop_assume!(spoiled[at] != byte);
            spoiled[at] = byte;
            let spoiled = String::from_utf8(spoiled).unwrap();
            let (path, query) = spoiled.split_once('?').unwrap_or((&spoiled, ""));
            let refused = signer().open(path, query, NOW).map(drop);
            prop_assert_eq!(refused, Err(SignedUrlRefusal::NotAuthentic));
        }

        #[test]
        fn nothing_that_was_not_signed_opens(path in ".{0,60}", query in ".{0,120}") {
            prop_assert!(signer().open(&path, &query, NOW).is_err());
        }
    }
}
