//! Signing in to a site, step by step, as people and programs do it.

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_testkit::network::Account;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Result,
    actors::{Browser, By, Program},
    http::Answer,
    links::{form, location, parameter},
    site::Site,
};

/// A verifier of a program's sign-in.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// Whom a browser's person comes back from: their authorization server.
const SERVER: By<'_> = By::Other("http://localhost");

impl Browser {
    /// Types a handle and continues; where the person is sent.
    ///
    /// # Errors
    /// When they are not sent anywhere.
    pub async fn begin(&mut self, handle: &str) -> Result<String> {
        let begun = self.start(handle).await?;
        location(&begun)
    }

    /// Types a handle and continues.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn start(&mut self, handle: &str) -> Result<Answer> {
        self.submit("/auth/start", &[("handle", handle)]).await
    }

    /// Comes back from the authorization server.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn come_back(&mut self, url: &str) -> Result<Answer> {
        let path = self.reach.path(url)?.to_owned();
        self.visit(SERVER, &path).await
    }

    /// Comes back from the authorization server, with success; the exchange token.
    ///
    /// # Errors
    /// When it is none.
    pub async fn land(&mut self, url: &str) -> Result<String> {
        let answer = self.come_back(url).await?;
        let landing = location(&answer)?;
        let token = parameter(&landing, "exchange_token").ok_or("no exchange token")?;
        self.secrets.push(token.clone());
        Ok(token)
    }

    /// Redeems an exchange token, as the page does on which the person lands.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn exchange(&mut self, token: &str) -> Result<Answer> {
        let body = json!({"exchange_token": token});
        self.fetch(Method::POST, "/auth/exchange", &body).await
    }

    /// Signs in from the beginning to the end.
    ///
    /// # Errors
    /// When any step fails.
    pub async fn sign_in(&mut self, account: &Account) -> Result {
        let there = self.begin(&account.handle).await?;
        self.finish(account, &there).await
    }

    /// Agrees at the authorization server, and goes on to the end.
    ///
    /// # Errors
    /// When any step fails.
    pub async fn finish(&mut self, account: &Account, there: &str) -> Result {
        let back = account.consent(there).await?;
        let token = self.land(&back).await?;
        let answer = self.exchange(&token).await?;
        whole(&answer).map(drop)
    }

    /// Who the site says that this is.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn me(&mut self) -> Result<Answer> {
        self.fetch(Method::GET, "/auth/me", &Value::Null).await
    }

    /// Asks for a developer token and agrees to it; the exchange token.
    ///
    /// # Errors
    /// When any step fails.
    pub async fn ask_for_token(&mut self, account: &Account, wish: &Value) -> Result<String> {
        let begun = self
            .fetch(Method::POST, "/auth/developer-token/start", wish)
            .await?;
        let there = text(&whole(&begun)?, "auth_url")?;
        let back = account.consent(&there).await?;
        self.land(&back).await
    }

    /// Makes a developer token.
    ///
    /// # Errors
    /// When any step fails.
    pub async fn make_token(&mut self, account: &Account, name: &str) -> Result<String> {
        let wish = json!({"name": name, "expires_in_days": 30});
        let exchange = self.ask_for_token(account, &wish).await?;
        let redeemed = self.exchange(&exchange).await?;
        let token = text(&whole(&redeemed)?, "session_id")?;
        self.secrets.push(token.clone());
        Ok(token)
    }
}

/// Where a program sends its person so that they sign it in.
#[must_use]
pub fn program_start(handle: &str, verifier: &str) -> String {
    let challenge = Base64UrlUnpadded::encode_string(&Sha256::digest(verifier));
    let query = form(&[("handle", handle), ("verifier_challenge", &challenge)]);
    format!("/auth/start?{query}")
}

/// Signs a program in, by the person's browser; what it shows from then on.
///
/// # Errors
/// When any step fails.
pub async fn program(site: &Site, browser: &mut Browser, account: &Account) -> Result<String> {
    let begun = browser
        .open(&program_start(&account.handle, VERIFIER))
        .await?;
    let back = account.consent(&location(&begun)?).await?;
    let exchange = browser.land(&back).await?;
    let redeemed = Program::nobody(site)
        .exchange(&exchange, Some(VERIFIER))
        .await?;
    text(&whole(&redeemed)?, "session_id")
}

/// The JSON of an answer that is a success.
///
/// # Errors
/// When it is none.
pub fn whole(answer: &Answer) -> Result<Value> {
    if answer.status == StatusCode::OK {
        return answer.json();
    }
    let body = String::from_utf8_lossy(&answer.body);
    Err(format!("{}: {body}", answer.status).into())
}

/// A field of JSON that is text.
///
/// # Errors
/// When it is not.
pub fn text(value: &Value, name: &str) -> Result<String> {
    let text = value.get(name).and_then(Value::as_str);
    let text = text.ok_or_else(|| format!("no {name} in {value}"))?;
    Ok(text.to_owned())
}
