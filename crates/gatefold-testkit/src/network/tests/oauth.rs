//! Just enough of an OAuth client: one key, one session, one retry with a new nonce.

use std::cell::Cell;

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64ct::{Base64UrlUnpadded, Encoding};
use http::{Method, header};
use serde_json::{Value, json};

use super::{
    super::{
        Account, Pds,
        client::{self, Answer},
    },
    Result, parameter,
};

pub(super) const SCOPES: &str = "atproto repo:fm.plyr.track blob:audio/*";
const REDIRECT: &str = "http://127.0.0.1:1/back";

fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

fn hash(text: &str) -> String {
    encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// Text that there is once.
fn unique() -> Result<String> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes)?;
    Ok(encode(&bytes))
}

/// Everything but letters and digits in the form of URLs.
fn escape(text: &str) -> String {
    text.bytes().fold(String::new(), |done, byte| {
        if byte.is_ascii_alphanumeric() {
            done + char::from(byte).encode_utf8(&mut [0; 4])
        } else {
            done + &format!("%{byte:02X}")
        }
    })
}

fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", escape(value)))
        .collect();
    pairs.join("&")
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// Pushes an authorization request that is bound to no key; `more` is how the client shows who it is.
pub(super) async fn push(
    pds: &Pds,
    client_id: &str,
    redirect: &str,
    verifier: &str,
    more: &[(&str, &str)],
) -> Result<Answer> {
    let challenge = hash(verifier);
    let mut fields = more.to_vec();
    fields.extend([
        ("client_id", client_id),
        ("redirect_uri", redirect),
        ("response_type", "code"),
        ("scope", SCOPES),
        ("state", "a-state"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    let url = format!("{}/oauth/par", pds.url);
    Ok(client::send(Method::POST, &url, &[FORM], form(&fields).into()).await?)
}

pub(super) struct Login {
    pub(super) client_id: String,
    pub(super) refresh_token: String,
    access_token: String,
    pds: Pds,
    key: EcdsaKeyPair,
    /// The name of a confidential client's key, and the key.
    signs_with: Option<(String, EcdsaKeyPair)>,
    redirect: String,
    nonce: Option<String>,
    keep_nonces: bool,
    verifier: String,
    proofs: Cell<u32>,
}

impl Login {
    /// The client that lives on this machine, and is told from others by its unused port.
    pub(super) fn new(pds: &Pds) -> Result<Self> {
        let scope = escape(SCOPES);
        // The name of its page tells it from all others of this run.
        let page = unique()?;
        let redirect = escape(REDIRECT);
        let other = escape(&format!("http://127.0.0.1/{page}"));
        let client_id =
            format!("http://localhost?redirect_uri={redirect}&redirect_uri={other}&scope={scope}");
        Self::known_as(pds, client_id, REDIRECT.to_owned())
    }

    /// The client with this id, which is public until it [signs](Self::sign_with).
    pub(super) fn known_as(pds: &Pds, client_id: String, redirect: String) -> Result<Self> {
        Ok(Self {
            client_id,
            redirect,
            signs_with: None,
            refresh_token: String::new(),
            access_token: String::new(),
            pds: pds.clone(),
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?,
            nonce: None,
            keep_nonces: true,
            verifier: String::new(),
            proofs: Cell::new(0),
        })
    }

    /// From now on it is confidential, with a new key of this name; its public half.
    pub(super) fn sign_with(&mut self, name: &str) -> Result<Value> {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        let mut public = jwk(&key);
        public["kid"] = name.into();
        self.signs_with = Some((name.to_owned(), key));
        Ok(public)
    }

    pub(super) fn redirect_uri(&self) -> &str {
        &self.redirect
    }

    /// How many proofs it has made.
    pub(super) fn proofs(&self) -> u32 {
        self.proofs.get()
    }

    /// From now on takes a nonce from a refusal only.
    pub(super) fn forget_nonces_of_answers(&mut self) {
        self.keep_nonces = false;
        self.nonce = None;
    }

    pub(super) async fn authorize(&mut self) -> Result<String> {
        self.verifier = unique()?;
        let assertion = self.assertion()?;
        let (client_id, redirect) = (&self.client_id, &self.redirect);
        let more = identified(&assertion);
        let pushed = push(&self.pds, client_id, redirect, &self.verifier, &more).await?;
        let pushed = pushed.json()?;
        let request = pushed["request_uri"]
            .as_str()
            .ok_or_else(|| format!("not pushed: {pushed}"))?;
        let query = form(&[("client_id", &self.client_id), ("request_uri", request)]);
        Ok(format!("{}/oauth/authorize?{query}", self.pds.url))
    }

    pub(super) async fn sign_in(&mut self, account: &Account) -> Result {
        let back = account.consent(&self.authorize().await?).await?;
        let code = parameter(&back, "code").ok_or("no code")?.to_owned();
        let (verifier, redirect) = (self.verifier.clone(), self.redirect.clone());
        let answer = self
            .token(&[
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", &redirect),
                ("code_verifier", &verifier),
            ])
            .await?;
        let said = answer.json()?;
        assert_eq!(said["sub"], account.did, "{said}");
        Ok(())
    }

    pub(super) async fn refresh(&mut self) -> Result<Answer> {
        let spent = self.refresh_token.clone();
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", &spent)])
            .await
    }

    /// Asks who is signed in.
    pub(super) async fn session(&mut self) -> Result<Answer> {
        let url = format!("{}/xrpc/com.atproto.server.getSession", self.pds.url);
        let token = self.access_token.clone();
        self.ask(Method::GET, &url, Some(&token), String::new())
            .await
    }

    async fn token(&mut self, fields: &[(&str, &str)]) -> Result<Answer> {
        let client_id = self.client_id.clone();
        let assertion = self.assertion()?;
        let mut fields = [fields, &identified(&assertion)].concat();
        fields.push(("client_id", &client_id));
        let url = format!("{}/oauth/token", self.pds.url);
        let answer = self.ask(Method::POST, &url, None, form(&fields)).await?;
        if answer.status.is_success() {
            let said = answer.json()?;
            let take = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
            self.access_token = take("access_token");
            self.refresh_token = take("refresh_token");
        }
        Ok(answer)
    }

    /// With a proof, and once more when another nonce is asked for.
    async fn ask(
        &mut self,
        method: Method,
        url: &str,
        token: Option<&str>,
        body: String,
    ) -> Result<Answer> {
        let mut again = true;
        loop {
            let proof = self.proof(method.as_str(), url, token)?;
            let authorization = format!("DPoP {}", token.unwrap_or_default());
            let mut headers = vec![("dpop", proof.as_str())];
            if token.is_some() {
                headers.push(("authorization", &authorization));
            }
            if !body.is_empty() {
                headers.push(FORM);
            }
            let body = body.clone().into();
            let answer = client::send(method.clone(), url, &headers, body).await?;
            let nonce = answer.header(header::HeaderName::from_static("dpop-nonce"));
            let refused = !answer.status.is_success();
            self.nonce = (refused || self.keep_nonces).then(|| nonce.to_owned());
            if !(again && refused && answer.json()?["error"] == "use_dpop_nonce") {
                return Ok(answer);
            }
            again = false;
        }
    }

    /// A proof of possession (RFC 9449).
    fn proof(&self, method: &str, url: &str, token: Option<&str>) -> Result<String> {
        self.proofs.update(|proofs| proofs.saturating_add(1));
        let head = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(&self.key)});
        let mut claims = json!({
            "jti": unique()?,
            "htm": method,
            "htu": url,
            "iat": now(),
        });
        if let Some(nonce) = &self.nonce {
            claims["nonce"] = Value::from(nonce.as_str());
        }
        if let Some(token) = token {
            claims["ath"] = hash(token).into();
        }
        signed(&self.key, &head, &claims)
    }

    /// How a confidential client shows who it is (RFC 7523); empty for a public one.
    fn assertion(&self) -> Result<String> {
        let Some((name, key)) = &self.signs_with else {
            return Ok(String::new());
        };
        let head = json!({"alg": "ES256", "kid": name});
        let claims = json!({
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.pds.url,
            "jti": unique()?,
            "iat": now(),
        });
        signed(key, &head, &claims)
    }
}

/// The fields that carry an assertion, if there is one.
fn identified(assertion: &str) -> Vec<(&str, &str)> {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    match assertion {
        "" => Vec::new(),
        assertion => vec![
            ("client_assertion_type", kind),
            ("client_assertion", assertion),
        ],
    }
}

fn jwk(key: &EcdsaKeyPair) -> Value {
    let point = key.public_key().as_ref();
    json!({
        "kty": "EC",
        "crv": "P-256",
        "x": encode(&point[1..33]),
        "y": encode(&point[33..65]),
    })
}

fn signed(key: &EcdsaKeyPair, head: &Value, claims: &Value) -> Result<String> {
    let head = encode(head.to_string().as_bytes());
    let signed = format!("{head}.{}", encode(claims.to_string().as_bytes()));
    let signature = key.sign(&SystemRandom::new(), signed.as_bytes())?;
    Ok(format!("{signed}.{}", encode(signature.as_ref())))
}

/// The server is not ours and knows no other clock than the system's.
#[expect(
    clippy::disallowed_methods,
    reason = "the server's clock is the system's, whatever a test might like"
)]
fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
