//! The whole from outside, over accounts that a test decides on. Tests speak as actors: nobody,
//! somebody in a browser, at the command line, and a program with a token.

pub(crate) mod accounts;
mod api;
pub(crate) mod artists;
mod audio;
mod guards;
mod limits;
mod logs;
mod pages;
pub(crate) mod playing;
mod sign_in;
pub(crate) mod tracks;

use std::{net::IpAddr, sync::Arc};

use axum::body::Body;
use gatefold_ops::{client_address::Peer, config::Network};
use gatefold_testkit::ManualClock;
use http::{HeaderMap, Method, Request};
use tower_service::Service;

use self::{accounts::Accounts, artists::Artists, playing::Playing, tracks::Tracks};
use crate::{
    WebOptions, WebParts, WebService,
    limits::{Memory, Quotas},
    service,
    site::Site,
};

pub(crate) const SITE: &str = "https://music.example";

/// What somebody shows of themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Actor {
    Nobody,
    /// A person on a page of this site.
    Browser,
    CommandLine,
    Developer,
}

/// An answer.
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// All values of a header.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap()).collect()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// The stable word for what is wrong.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

/// The site, and what stands behind it.
pub(crate) struct Web {
    service: WebService,
    pub(crate) accounts: Arc<Accounts>,
}

impl Web {
    pub(crate) fn new() -> Self {
        Self::over(Accounts::default())
    }

    pub(crate) fn over(accounts: Accounts) -> Self {
        let accounts = Arc::new(accounts);
        let options = WebOptions {
            site: Site::new(SITE).unwrap(),
            name: "Harbour Radio".to_owned(),
            origins: vec!["https://app.example".parse().unwrap()],
            proxies: vec![network("10.0.0.1")],
            limiter: Arc::new(Memory::new(Quotas::default())),
            metrics: Arc::default(),
            media: Vec::new(),
            demo: None,
            stopping: crate::Stopping::default(),
            instance: 1,
        };
        let parts = WebParts {
            accounts: Arc::clone(&accounts),
            playing: Arc::new(Playing),
            tracks: Arc::new(Tracks),
            artists: Arc::new(Artists),
            works: None,
            demonstration: None,
            clock: Arc::new(ManualClock::at_unix(1_100)),
        };
        Self {
            service: service(parts, options),
            accounts,
        }
    }

    /// Asks for something; headers that are given replace an actor's.
    pub(crate) async fn ask(
        &self,
        actor: Actor,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Told {
        let mut request = Request::builder().method(method).uri(path);
        let map = request.headers_mut().unwrap();
        map.insert("host", "music.example".parse().unwrap());
        for (name, value) in actor.shows() {
            map.append(*name, value.parse().unwrap());
        }
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().unwrap();
            map.insert(name, value.parse().unwrap());
        }
        let mut request = request.body(Body::from(body.to_owned())).unwrap();
        request
            .extensions_mut()
            .insert(Peer(IpAddr::from([10, 0, 0, 1])));
        let answer = self.service.clone().call(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, 1_000_000).await.unwrap();
        Told {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, actor: Actor, path: &str) -> Told {
        self.ask(actor, &Method::GET, path, &[], "").await
    }

    pub(crate) async fn visit(&self, actor: Actor, path: &str) -> Told {
        self.ask(actor, &Method::GET, path, &[HTML], "").await
    }

    pub(crate) async fn post_json(&self, actor: Actor, path: &str, json: &str) -> Told {
        self.ask(actor, &Method::POST, path, &[JSON], json).await
    }

    /// Sends a form of a page of this site.
    pub(crate) async fn post_form(&self, actor: Actor, path: &str, form: &str) -> Told {
        let headers = [HTML, FORM, ("origin", SITE)];
        self.ask(actor, &Method::POST, path, &headers, form).await
    }
}

pub(crate) const HTML: (&str, &str) = ("accept", "text/html");
pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");
pub(crate) const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

impl Actor {
    fn shows(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Nobody => &[],
            Self::Browser => &[
                ("cookie", "__Host-session_id=browser"),
                ("origin", SITE),
                ("sec-fetch-site", "same-origin"),
            ],
            Self::CommandLine => &[("authorization", "Bearer command line")],
            Self::Developer => &[("authorization", "Bearer developer")],
        }
    }
}

fn network(text: &str) -> Network {
    use gatefold_ops::config::{Given, Value};
    Network::read(&Given::Text(text.to_owned())).unwrap()
}
