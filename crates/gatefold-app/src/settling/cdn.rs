//! A CDN before the public bucket: told to forget what was withdrawn, and asked whether it has.

use gatefold_domain::ObjectKey;
use gatefold_net::{Answer, Client, InvalidUrl, Outgoing, OutgoingBody, Url};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Purge, Purging};

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// Cloudflare's API, by which one URL is purged.
pub struct Cloudflare {
    /// Its address, without a slash at the end.
    pub api: String,
    /// The zone that the public URL is in.
    pub zone: String,
    /// A token that may purge there.
    pub token: Zeroizing<String>,
}

/// Somebody who is told by a `POST` of `{"url": "…"}`, and sees to it that nobody gets that any more.
pub struct Webhook {
    /// Where.
    pub url: String,
    /// Shown as a bearer token, if there is one.
    pub token: Option<Zeroizing<String>>,
}

/// What stands between the public bucket and the world.
pub struct Cdn {
    /// The way out.
    pub net: Client,
    /// Where the world reads the public bucket, with a slash at the end.
    pub public: String,
    /// If it is Cloudflare's.
    pub cloudflare: Option<Cloudflare>,
    /// If somebody else is to be told.
    pub webhook: Option<Webhook>,
}

impl Cdn {
    async fn forget(&self, key: &ObjectKey) -> Result<(), String> {
        let url = self.at(key);
        if let Some(Cloudflare { api, zone, token }) = &self.cloudflare {
            let there = format!("{api}/client/v4/zones/{zone}/purge_cache");
            let body = json!({ "files": [url] });
            let answer = self.post(&there, Some(token), &body).await?;
            let said: Value = serde_json::from_slice(&answer).unwrap_or_default();
            if said.get("success") != Some(&Value::Bool(true)) {
                return Err("Cloudflare has not purged what it was asked to".to_owned());
            }
        }
        if let Some(Webhook { url: there, token }) = &self.webhook {
            self.post(there, token.as_ref(), &json!({ "url": url }))
                .await?;
        }
        Ok(())
    }

    async fn post(
        &self,
        there: &str,
        token: Option<&Zeroizing<String>>,
        body: &Value,
    ) -> Result<Vec<u8>, String> {
        let mut request = Outgoing::new(Method::POST, self.url(there)?);
        let json = HeaderValue::from_static("application/json");
        request.headers.insert(header::CONTENT_TYPE, json);
        if let Some(token) = token {
            let shown = Zeroizing::new(format!("Bearer {}", token.as_str()));
            let shown = HeaderValue::from_str(&shown);
            let mut shown = shown.map_err(|_| "the token for purging is none".to_owned())?;
            shown.set_sensitive(true);
            request.headers.insert(header::AUTHORIZATION, shown);
        }
        request.body = OutgoingBody::Bytes(body.to_string().into());
        let Answer { status, body, .. } = self.net.send(request).await.map_err(away)?;
        if !status.is_success() {
            return Err(format!("whoever purges answered with {status}"));
        }
        let body = body.collect(LONGEST).await.map_err(away)?;
        Ok(body.to_vec())
    }

    /// Asks as a listener would, for one byte.
    async fn look(&self, key: &ObjectKey) -> Result<(), String> {
        let mut request = Outgoing::new(Method::GET, self.url(&self.at(key))?);
        let first = HeaderValue::from_static("bytes=0-0");
        request.headers.insert(header::RANGE, first);
        let answer = self.net.send(request).await.map_err(away)?;
        match answer.status {
            // Who may not list a bucket of S3 is told this of what is not there.
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN => Ok(()),
            status if status.is_success() => {
                Err("a public copy is still read at its old address".to_owned())
            }
            status => Err(format!(
                "whether a public copy is still read cannot be told: {status}"
            )),
        }
    }

    fn at(&self, key: &ObjectKey) -> String {
        format!("{}{}", self.public, key.as_str())
    }

    fn url(&self, text: &str) -> Result<Url, String> {
        let url: Result<Url, InvalidUrl> = self.net.url(text);
        url.map_err(|_| "nothing can be asked at the address of the CDN".to_owned())
    }
}

fn away(error: gatefold_net::NetError) -> String {
    format!("the CDN cannot be asked: {error}")
}

impl Purge for Cdn {
    fn purge<'a>(&'a self, key: &'a ObjectKey) -> Purging<'a> {
        Box::pin(self.forget(key))
    }

    fn is_gone<'a>(&'a self, key: &'a ObjectKey) -> Purging<'a> {
        Box::pin(self.look(key))
    }
}
