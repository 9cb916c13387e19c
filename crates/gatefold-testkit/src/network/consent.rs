//! The authorization server's pages without a browser: the requests that its page makes, with the
//! headers that a browser would add.

use std::{collections::BTreeMap, io};

use http::{HeaderMap, header};
use serde_json::{Value, json};

use super::{
    Account,
    client::{self, Answer, Headers},
    text,
};

/// What the page's script calls.
const API: &str = "/@atproto/oauth-provider/~api";
/// The name of the cookie that the script repeats in a header.
const CSRF: &str = "csrf-token";

/// Signs in and agrees, to `scopes` only when there are any.
pub(super) async fn agree(
    account: &Account,
    authorize_url: &str,
    scopes: Option<&str>,
) -> io::Result<String> {
    let mut page = match Page::open(authorize_url).await? {
        Opened::Page(page) => page,
        Opened::Elsewhere(url) => return Ok(url),
    };
    let sign_in = json!({
        "locale": "en",
        "username": account.handle,
        "password": account.password,
        "remember": false,
    });
    let signed_in = page.call("/sign-in", None, &sign_in).await?;
    let token = text(&signed_in, "ephemeralToken")?;
    let consent = match scopes {
        Some(scopes) => json!({"sub": account.did, "scope": scopes}),
        None => json!({"sub": account.did}),
    };
    let agreed = page.call("/consent", Some(&token), &consent).await?;
    page.leave(&text(&agreed, "url")?).await
}

/// Rejects, as anybody may who is not signed in.
pub(super) async fn deny(authorize_url: &str) -> io::Result<String> {
    let mut page = match Page::open(authorize_url).await? {
        Opened::Page(page) => page,
        Opened::Elsewhere(url) => return Ok(url),
    };
    let rejected = page.call("/reject", None, &json!({})).await?;
    page.leave(&text(&rejected, "url")?).await
}

enum Opened {
    Page(Page),
    /// The server had its answer at once.
    Elsewhere(String),
}

/// The page in its tab.
struct Page {
    url: String,
    origin: String,
    cookies: BTreeMap<String, String>,
}

impl Page {
    async fn open(url: &str) -> io::Result<Opened> {
        let (authority, _) = client::split(url)?;
        let mut page = Self {
            url: url.to_owned(),
            origin: format!("http://{authority}"),
            cookies: BTreeMap::new(),
        };
        let answer = page.navigate(url, "cross-site", &[]).await?;
        if answer.status.is_redirection() {
            return Ok(Opened::Elsewhere(location(&answer)?));
        }
        if !answer.status.is_success() {
            return Err(answer.unexpected("no page to sign in on"));
        }
        Ok(Opened::Page(page))
    }

    async fn navigate(
        &mut self,
        url: &str,
        from: &'static str,
        more: Headers<'_>,
    ) -> io::Result<Answer> {
        let cookies = self.cookies();
        let mut headers = vec![
            ("user-agent", "Mozilla/5.0 (a test)"),
            ("accept", "text/html"),
            ("accept-language", "en"),
            ("sec-fetch-site", from),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("cookie", cookies.as_str()),
        ];
        headers.extend_from_slice(more);
        let answer = client::get(url, &headers).await?;
        self.keep(&answer.headers);
        Ok(answer)
    }

    async fn call(&mut self, name: &str, token: Option<&str>, body: &Value) -> io::Result<Value> {
        let cookies = self.cookies();
        let csrf = self.cookies.get(CSRF).map_or("", String::as_str);
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![
            ("user-agent", "Mozilla/5.0 (a test)"),
            ("accept-language", "en"),
            ("origin", self.origin.as_str()),
            ("referer", self.url.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-mode", "same-origin"),
            ("sec-fetch-dest", "empty"),
            ("x-csrf-token", csrf),
            ("cookie", cookies.as_str()),
        ];
        if let Some(bearer) = &bearer {
            headers.push(("authorization", bearer.as_str()));
        }
        let url = format!("{}{API}{name}", self.origin);
        let answer = client::post(&url, &headers, body).await?;
        self.keep(&answer.headers);
        if !answer.status.is_success() {
            return Err(answer.unexpected(name));
        }
        answer.json()
    }

    /// Goes where the page's script sends the browser, and on to the client.
    async fn leave(&mut self, url: &str) -> io::Result<String> {
        let referer = self.url.clone();
        let more = [("referer", referer.as_str())];
        let answer = self.navigate(url, "same-origin", &more).await?;
        location(&answer)
    }

    fn cookies(&self) -> String {
        let cookies = self.cookies.iter();
        let pairs: Vec<_> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().ok().and_then(|line| line.split(';').next());
            if let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn location(answer: &Answer) -> io::Result<String> {
    match answer.header(header::LOCATION) {
        "" => Err(answer.unexpected("not sent on")),
        url => Ok(url.to_owned()),
    }
}
