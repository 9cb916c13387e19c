//! A small atproto network on this machine: the reference PDS with its authorization server, and the
//! directory of `did:plc`, both as their authors publish them (`e2e/atproto-network`).
//!
//! One network serves all tests of a run at once, so they keep out of each other's way: each makes its
//! own accounts, has a client of its own (another port, or another host), and takes a [`Pds`] of its
//! own for [faults](Pds::faults). Nothing listens or connects beyond loopback.

mod client;
mod consent;
mod fault;
mod grant;

use std::io;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

pub use fault::{Fault, Kind};
pub use grant::{Grant, Seen};

use crate::shared::{Start, installed, shared};

/// The host under which [`Network::client`] can stand for a server: a public name, as clients must have,
/// under which nobody is known. Tests put a label of their own before it.
pub const CLIENT_DOMAIN: &str = "gatefoldtest.fm";

/// The network.
#[derive(Clone, Deserialize)]
pub struct Network {
    /// The directory's base URL: `{plc}/{did}` is a DID's document.
    #[serde(rename = "plc")]
    pub plc_url: String,
    /// The PDS's base URL, which is also its authorization server's issuer. It resolves the handles of
    /// its accounts (`com.atproto.identity.resolveHandle`).
    #[serde(rename = "pds")]
    pub pds_url: String,
    #[serde(rename = "control")]
    control_url: String,
}

/// A PDS with its authorization server.
#[derive(Clone)]
pub struct Pds {
    /// Its base URL and its issuer.
    pub url: String,
    control: Control,
}

/// An account on a [`Pds`].
#[derive(Clone)]
pub struct Account {
    /// Who it is, a `did:plc`.
    pub did: String,
    /// Its handle, below `.test`.
    pub handle: String,
    /// What its owner signs in with.
    pub password: String,
    pds: Pds,
}

impl Network {
    /// The network of this run, which the first to ask for it starts; that takes about two seconds.
    ///
    /// # Errors
    /// When Node or the network's modules are missing, or it does not start.
    pub async fn start() -> io::Result<Self> {
        let script = installed("e2e/atproto-network")?.join("src/network.js");
        let said = tokio::task::spawn_blocking(move || {
            shared("atproto-network", |folder| {
                let arguments = [script.as_path(), folder];
                Ok(Start {
                    program: "node".into(),
                    arguments: arguments
                        .map(|path| path.to_string_lossy().into_owned())
                        .into(),
                })
            })
        });
        Ok(serde_json::from_str(&said.await??)?)
    }

    /// The PDS that everybody shares.
    #[must_use]
    pub fn pds(&self) -> Pds {
        Pds {
            url: self.pds_url.clone(),
            control: Control(self.control_url.clone()),
        }
    }

    /// A PDS more, that nobody else knows of. It takes a tenth of a second.
    ///
    /// # Errors
    /// When the network does not answer.
    pub async fn another_pds(&self) -> io::Result<Pds> {
        let control = Control(self.control_url.clone());
        let made = control.say(json!({"do": "pds"})).await?;
        Ok(Pds {
            url: text(&made, "url")?,
            control,
        })
    }

    /// An account on the PDS that everybody shares; its handle begins with `name`.
    ///
    /// # Errors
    /// When the PDS does not make one.
    pub async fn account(&self, name: &str) -> io::Result<Account> {
        self.pds().account(name).await
    }

    /// From now on `https://{host}` is for every PDS the server at `base`, an `http://` URL without a
    /// path; with `None`, nobody. What they remembered of clients, metadata and keys, is forgotten.
    ///
    /// # Errors
    /// When the network does not answer.
    pub async fn client(&self, host: &str, base: Option<&str>) -> io::Result<()> {
        let control = Control(self.control_url.clone());
        let order = json!({"do": "client", "host": host, "base": base});
        control.say(order).await.map(|_| ())
    }
}

impl Pds {
    /// A new account, whose handle begins with `name`: at most nine letters.
    ///
    /// # Errors
    /// When the PDS does not make one.
    pub async fn account(&self, name: &str) -> io::Result<Account> {
        let made = self.say("account", json!({"name": name})).await?;
        Ok(Account {
            did: text(&made, "did")?,
            handle: text(&made, "handle")?,
            password: text(&made, "password")?,
            pds: self.clone(),
        })
    }

    /// From now on these are wrong with the PDS, and what was wrong before is not. Everybody who asks it
    /// meets them: for a test with a PDS of its own.
    ///
    /// # Errors
    /// When the network does not answer.
    pub async fn faults(&self, faults: &[Fault]) -> io::Result<()> {
        self.say("faults", json!({"faults": faults}))
            .await
            .map(|_| ())
    }

    /// Every request of a client for tokens, or to revoke some, in order. Those that came without a
    /// good proof (a nonce that is over, say) are not among them: they changed nothing.
    ///
    /// # Errors
    /// When the network does not answer.
    pub async fn grants(&self, client_id: &str) -> io::Result<Vec<Grant>> {
        let said = self.say("grants", json!({"client_id": client_id})).await?;
        taken(said, "grants")
    }

    /// Every request to the PDS so far, of anybody (the last ten thousand).
    ///
    /// # Errors
    /// When the network does not answer.
    pub async fn requests(&self) -> io::Result<Vec<Seen>> {
        let said = self.say("requests", json!({})).await?;
        taken(said, "requests")
    }

    async fn say(&self, name: &str, mut order: Value) -> io::Result<Value> {
        if let Some(order) = order.as_object_mut() {
            order.insert("do".to_owned(), name.into());
            order.insert("pds".to_owned(), self.url.as_str().into());
        }
        self.control.say(order).await
    }
}

impl Account {
    /// Opens an authorization server's page, signs in, and agrees. What comes back is where the browser
    /// is sent then: the client's redirect URI with its answer.
    ///
    /// # Errors
    /// When the server does not go along, with what it said.
    pub async fn consent(&self, authorize_url: &str) -> io::Result<String> {
        consent::agree(self, authorize_url, None).await
    }

    /// As [`consent`](Self::consent), but the person agrees to these scopes only.
    ///
    /// # Errors
    /// When the server does not go along, with what it said.
    pub async fn consent_to(&self, authorize_url: &str, scopes: &str) -> io::Result<String> {
        consent::agree(self, authorize_url, Some(scopes)).await
    }

    /// Opens an authorization server's page and does not agree.
    ///
    /// # Errors
    /// When the server does not go along, with what it said.
    pub async fn deny(&self, authorize_url: &str) -> io::Result<String> {
        consent::deny(authorize_url).await
    }

    /// Every access token that the account's clients hold has expired, as the PDS sees it. How many
    /// there were.
    ///
    /// # Errors
    /// When the network does not answer.
    pub async fn expire(&self) -> io::Result<u64> {
        let said = self.pds.say("expire", json!({"did": self.did})).await?;
        taken(said, "tokens")
    }

    /// Access tokens of the account live so many seconds, from the next one on; with `None`, an hour.
    /// They may be over when they are given.
    ///
    /// # Errors
    /// When the network does not answer.
    pub async fn token_age(&self, seconds: Option<i64>) -> io::Result<()> {
        let order = json!({"did": self.did, "seconds": seconds});
        self.pds.say("token_age", order).await.map(|_| ())
    }
}

/// Where the network is steered.
#[derive(Clone)]
struct Control(String);

impl Control {
    async fn say(&self, order: Value) -> io::Result<Value> {
        let answer = client::post(&self.0, &[], &order).await?;
        let said = answer.json()?;
        match said.get("error").and_then(Value::as_str) {
            Some(error) => Err(io::Error::other(error.to_owned())),
            None => Ok(said),
        }
    }
}

/// One field of an answer.
fn taken<T: DeserializeOwned>(mut answer: Value, name: &str) -> io::Result<T> {
    let field = answer.get_mut(name).map(Value::take);
    Ok(serde_json::from_value(field.unwrap_or_default())?)
}

fn text(answer: &Value, name: &str) -> io::Result<String> {
    let text = answer.get(name).and_then(Value::as_str);
    let text = text.ok_or_else(|| io::Error::other(format!("no {name} in the answer")))?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests;
