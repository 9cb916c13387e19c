//! Who speaks to a site: a person's browser, which keeps cookies and says of each request which site
//! made it, and a program, which does neither.

use std::{collections::BTreeMap, net::SocketAddr};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::{
    Result,
    http::{Answer, send},
    links::form,
    site::Site,
};

/// How a site is reached: where one of its processes listens, and what it is called.
#[derive(Clone, Debug)]
pub struct Reach {
    address: SocketAddr,
    /// Scheme, host and port, as the world writes them.
    pub origin: String,
}

/// Headers by name.
type Headers<'a> = Vec<(&'static str, &'a str)>;

impl Reach {
    /// A site called `origin`, at `address`.
    #[must_use]
    pub fn new(address: SocketAddr, origin: &str) -> Self {
        Self {
            address,
            origin: origin.to_owned(),
        }
    }

    /// What stands in `Host`.
    fn host(&self) -> &str {
        self.origin
            .split_once("://")
            .map_or(self.origin.as_str(), |(_, host)| host)
    }

    /// Sends a request with these headers, and no others than `Host` unless it is among them. What is at
    /// another server of this machine is asked there, without what shows who somebody is.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn ask(
        &self,
        method: Method,
        url: &str,
        headers: &[(&'static str, &str)],
        body: Bytes,
    ) -> Result<Answer> {
        if let Some((address, path)) = self.elsewhere(url)? {
            let host = address.to_string();
            let mut request = Request::builder().method(method).uri(path);
            request = request.header(header::HOST, host);
            let shown = ["host", "cookie", "authorization"];
            for (name, value) in headers.iter().filter(|(name, _)| !shown.contains(name)) {
                request = request.header(*name, *value);
            }
            return send(address, request.body(Full::new(body))?).await;
        }
        let path = self.path(url)?;
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header(header::HOST, self.host());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(self.address, request.body(Full::new(body))?).await
    }

    /// Where something is that is at a server of this machine and not at the site.
    fn elsewhere<'a>(&self, url: &'a str) -> Result<Option<(SocketAddr, &'a str)>> {
        let rest = url.strip_prefix("http://");
        let Some(rest) = rest.filter(|_| !url.starts_with(&self.origin)) else {
            return Ok(None);
        };
        let at = rest.find('/').ok_or("an address without a path")?;
        let (address, path) = rest.split_at(at);
        Ok(Some((address.parse()?, path)))
    }

    /// The path of an address of this site, with its query.
    ///
    /// # Errors
    /// When it is another site's.
    pub fn path<'a>(&self, url: &'a str) -> Result<&'a str> {
        match url.strip_prefix(&self.origin) {
            Some(path) if path.starts_with('/') => Ok(path),
            _ if url.starts_with('/') => Ok(url),
            _ => Err(format!("this is not at {}: {url}", self.origin).into()),
        }
    }
}

/// Who made a browser send a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By<'a> {
    /// The person: an address that they typed.
    Person,
    /// A page of the site itself.
    Itself,
    /// A page of this other site.
    Other(&'a str),
}

impl By<'_> {
    fn fetch_site(self) -> &'static str {
        match self {
            Self::Person => "none",
            Self::Itself => "same-origin",
            Self::Other(_) => "cross-site",
        }
    }
}

/// A browser that speaks to one site.
#[derive(Clone)]
pub struct Browser {
    /// Where it finds the site.
    pub reach: Reach,
    /// Its cookies.
    pub cookies: BTreeMap<String, String>,
    /// Every secret that it was ever given.
    pub secrets: Vec<String>,
}

impl Browser {
    /// One that nobody has used before.
    #[must_use]
    pub fn new(site: &Site) -> Self {
        Self {
            reach: site.reach(),
            cookies: BTreeMap::new(),
            secrets: Vec::new(),
        }
    }

    /// Opens an address that the person types.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn open(&mut self, path: &str) -> Result<Answer> {
        self.visit(By::Person, path).await
    }

    /// Goes to an address, led by whoever it is.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn visit(&mut self, by: By<'_>, path: &str) -> Result<Answer> {
        let headers = navigation(by);
        self.send(Method::GET, path, headers, Bytes::new()).await
    }

    /// Sends a form of a page of the site.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        self.submit_by(By::Itself, path, fields).await
    }

    /// Sends a form. The cookies go along whoever made it, as they do in a browser that knows nothing
    /// of `SameSite`.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn submit_by(
        &mut self,
        by: By<'_>,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<Answer> {
        let origin = self.origin(by);
        let mut headers = navigation(by);
        headers.push(("origin", &origin));
        headers.push(("content-type", "application/x-www-form-urlencoded"));
        self.send(Method::POST, path, headers, form(fields).into())
            .await
    }

    /// Has a script of the site ask; with `null`, without a body.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn fetch(&mut self, method: Method, path: &str, body: &Value) -> Result<Answer> {
        self.fetch_by(By::Itself, method, path, body).await
    }

    /// Has a script ask, with the cookies, wherever it comes from.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn fetch_by(
        &mut self,
        by: By<'_>,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<Answer> {
        let origin = self.origin(by);
        let mut headers = vec![
            AGENT,
            ("accept", "*/*"),
            ("sec-fetch-site", by.fetch_site()),
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-dest", "empty"),
        ];
        if method != Method::GET || matches!(by, By::Other(_)) {
            headers.push(("origin", &origin));
        }
        let body = written(body, &mut headers);
        self.send(method, path, headers, body).await
    }

    /// Sends a request with these headers and the cookies, and keeps the cookies of its answer.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        mut headers: Headers<'_>,
        body: Bytes,
    ) -> Result<Answer> {
        let cookies = self.cookie_line();
        if !cookies.is_empty() {
            headers.push(("cookie", &cookies));
        }
        let answer = self.reach.ask(method, path, &headers, body).await?;
        self.keep(&answer.headers);
        Ok(answer)
    }

    /// What it says of its cookies.
    #[must_use]
    pub fn cookie_line(&self) -> String {
        let pairs = self.cookies.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn origin(&self, by: By<'_>) -> String {
        match by {
            By::Other(origin) => origin.to_owned(),
            By::Person | By::Itself => self.reach.origin.clone(),
        }
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap_or_default();
            let pair = line.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
                self.secrets.push(value.to_owned());
            }
        }
    }
}

const AGENT: (&str, &str) = ("user-agent", "Mozilla/5.0 (a test)");

fn navigation(by: By<'_>) -> Headers<'static> {
    vec![
        AGENT,
        ("accept", "text/html,application/xhtml+xml"),
        ("sec-fetch-site", by.fetch_site()),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ]
}

fn written(body: &Value, headers: &mut Headers<'_>) -> Bytes {
    if body.is_null() {
        return Bytes::new();
    }
    headers.push(("content-type", "application/json"));
    body.to_string().into()
}

/// What stands between the parts of a form.
const BOUNDARY: &str = "what-no-part-has-in-it";

/// A program: it shows a token, or nothing.
#[derive(Clone)]
pub struct Program {
    reach: Reach,
    authorization: Option<String>,
}

impl Program {
    /// One that shows nothing.
    #[must_use]
    pub fn nobody(site: &Site) -> Self {
        Self {
            reach: site.reach(),
            authorization: None,
        }
    }

    /// One that shows this token.
    #[must_use]
    pub fn bearer(site: &Site, token: &str) -> Self {
        Self {
            authorization: Some(format!("Bearer {token}")),
            ..Self::nobody(site)
        }
    }

    /// The same at another process of the site.
    #[must_use]
    pub fn at(&self, reach: Reach) -> Self {
        Self {
            reach,
            authorization: self.authorization.clone(),
        }
    }

    /// Asks; with `null`, without a body.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn ask(&self, method: Method, path: &str, body: &Value) -> Result<Answer> {
        let mut headers = vec![("user-agent", "a program"), ("accept", "*/*")];
        headers.extend(
            self.authorization
                .as_deref()
                .map(|it| ("authorization", it)),
        );
        let body = written(body, &mut headers);
        self.reach.ask(method, path, &headers, body).await
    }

    /// Asks for a path.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.ask(Method::GET, path, &Value::Null).await
    }

    /// Sends a form with files in it: fields of a name and a text, and files of a field, a name and bytes.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Result<Answer> {
        let mut body = Vec::new();
        for (name, text) in fields {
            let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"");
            body.extend_from_slice(format!("{head}\r\n\r\n{text}\r\n").as_bytes());
        }
        for (name, file, bytes) in files {
            let head = format!(
                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"; \
                 filename=\"{file}\"\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let mut headers = vec![("content-type", kind.as_str()), ("accept", "*/*")];
        headers.extend(
            self.authorization
                .as_deref()
                .map(|it| ("authorization", it)),
        );
        self.reach.ask(method, path, &headers, body.into()).await
    }

    /// Redeems an exchange token, with a verifier if there is one.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn exchange(&self, token: &str, verifier: Option<&str>) -> Result<Answer> {
        let body = json!({"exchange_token": token, "verifier": verifier});
        self.ask(Method::POST, "/auth/exchange", &body).await
    }
}
