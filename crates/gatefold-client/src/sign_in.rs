//! How a person signs a program in: in their browser, where the server shows them a code, which only
//! this program can redeem.

use base64ct::{Base64UrlUnpadded, Encoding};
use http::{Method, header};
use rand_core::CryptoRng;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{client::Client, error::ClientError, server::Server, token::Token};

/// A sign-in that has begun: it knows the verifier, whose hash alone is in its address.
pub struct SignIn(Zeroizing<String>);

/// What a code was redeemed for.
pub struct SignedIn {
    /// What the program shows from now on.
    pub token: Token,
    /// When that ends, as ISO 8601 has it, if the server says so.
    pub expires_at: Option<String>,
}

#[derive(Serialize)]
struct Redeeming<'a> {
    exchange_token: &'a str,
    verifier: &'a str,
}

#[derive(Deserialize)]
struct Redeemed {
    session_id: Option<String>,
    expires_at: Option<String>,
}

impl SignIn {
    /// Begins a sign-in.
    pub fn new(random: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill_bytes(bytes.as_mut());
        let verifier = Base64UrlUnpadded::encode_string(bytes.as_ref());
        Self(Zeroizing::new(verifier))
    }

    /// Where the person signs in, as whom they say to be. With a port, the server's page offers to
    /// bring the code to whatever listens there on the person's machine.
    #[must_use]
    pub fn address(&self, server: &Server, handle: &str, port: Option<u16>) -> String {
        let mut url = server.at(&["auth", "start"]);
        let challenge = Base64UrlUnpadded::encode_string(&Sha256::digest(self.0.as_bytes()));
        let mut query = url.query_pairs_mut();
        query.append_pair("handle", handle);
        query.append_pair("verifier_challenge", &challenge);
        if let Some(port) = port {
            query.append_pair("loopback_port", &port.to_string());
        }
        drop(query);
        url.into()
    }

    /// Redeems a code, which people may paste together with the address that it stands in.
    ///
    /// # Errors
    /// [`ClientError::NotSignedIn`] when it is not good, or not for this sign-in, and when the server
    /// cannot be asked.
    pub async fn redeem(&self, client: &Client, code: &str) -> Result<SignedIn, ClientError> {
        let code = found_in(code);
        let body = Redeeming {
            exchange_token: &code,
            verifier: &self.0,
        };
        let body = Zeroizing::new(serde_json::to_vec(&body).unwrap_or_default());
        let request = client
            .request(Method::POST, &["auth", "exchange"])
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_vec());
        let redeemed: Redeemed = client.ask(request).await?;
        let secret = redeemed.session_id.map(Zeroizing::new);
        let token = secret.and_then(|secret| secret.parse().ok());
        Ok(SignedIn {
            token: token.ok_or_else(|| client.unexpected("it does not sign programs in"))?,
            expires_at: redeemed.expires_at,
        })
    }
}

/// The code in what somebody pasted: the code itself, or the address in which it stands.
fn found_in(pasted: &str) -> Zeroizing<String> {
    let pasted = pasted.trim();
    let url = Url::parse(pasted).ok();
    let mut pairs = url.iter().flat_map(|url| url.query_pairs());
    let code = pairs.find(|(name, _)| name == "exchange_token");
    Zeroizing::new(code.map_or_else(|| pasted.to_owned(), |(_, code)| code.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hash_of_the_verifier_leaves() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let sign_in = SignIn(Zeroizing::new(verifier.to_owned()));
        let server = "https://a.example".parse().unwrap();
        let start = "https://a.example/auth/start?handle=robin.example.com&verifier_challenge=\
                     E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(sign_in.address(&server, "robin.example.com", None), start);
        assert_eq!(
            sign_in.address(&server, "robin.example.com", Some(5000)),
            format!("{start}&loopback_port=5000")
        );
        let odd = sign_in.address(&server, "a&next=/b", None);
        assert!(odd.contains("?handle=a%26next%3D%2Fb&"), "{odd}");
    }

    #[test]
    fn a_code_is_found_in_what_people_paste() {
        for pasted in [
            "abc-_1",
            "  abc-_1\n",
            "http://127.0.0.1:5000/?exchange_token=abc-_1",
            "https://a.example/signed-in?for=command_line&exchange_token=abc-_1#top",
        ] {
            assert_eq!(*found_in(pasted), "abc-_1", "{pasted:?}");
        }
        assert_eq!(*found_in("https://a.example/"), "https://a.example/");
    }
}
