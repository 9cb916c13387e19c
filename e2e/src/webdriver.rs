//! The part of the WebDriver protocol (W3C, level 2) that these tests speak: a session is a path,
//! a command is a request with JSON both ways.

use std::net::{Ipv4Addr, SocketAddr};

use ::http::{Method, Request, header};
use bytes::Bytes;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::{Result, http};

/// The key under which the protocol passes references to elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A session of a browser.
#[derive(Debug)]
pub struct Session {
    driver: SocketAddr,
    path: String,
    /// What the browser says that it is.
    pub capabilities: Value,
}

impl Session {
    /// Begins a session at the driver that listens on `port` of this machine.
    ///
    /// # Errors
    /// When the driver says no; its reason is in the error.
    pub async fn begin(port: u16, wishes: Value) -> Result<Self> {
        let driver = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let wishes = json!({ "capabilities": { "alwaysMatch": wishes } });
        let mut begun = command(driver, Method::POST, "/session", &wishes).await?;
        let id = text(&mut begun, "sessionId")?;
        Ok(Self {
            driver,
            path: format!("/session/{id}"),
            capabilities: take(&mut begun, "capabilities"),
        })
    }

    /// Opens a page and waits until it has loaded.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn goto(&self, url: &str) -> Result {
        self.post("url", json!({ "url": url })).await.map(drop)
    }

    /// Runs a script in the page; gives what it returns, a promise's value included.
    ///
    /// # Errors
    /// When the script throws, or its promise is rejected.
    pub async fn execute(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        let script = json!({ "script": script, "args": arguments });
        self.post("execute/sync", script).await
    }

    /// Clicks on the first element that a CSS selector finds, as a person does.
    ///
    /// # Errors
    /// When there is none, or something lies over it.
    pub async fn click(&self, selector: &str) -> Result {
        let click = format!("element/{}/click", self.element(selector).await?);
        self.post(&click, json!({})).await.map(drop)
    }

    /// Types into the first element that a CSS selector finds, key by key.
    ///
    /// # Errors
    /// When there is none, or it takes no keys.
    pub async fn type_into(&self, selector: &str, keys: &str) -> Result {
        let value = format!("element/{}/value", self.element(selector).await?);
        self.post(&value, json!({ "text": keys })).await.map(drop)
    }

    async fn element(&self, selector: &str) -> Result<String> {
        let by = json!({ "using": "css selector", "value": selector });
        text(&mut self.post("element", by).await?, ELEMENT)
    }

    /// The cookies that the page's site has set, those included that no script sees.
    ///
    /// # Errors
    /// When the browser has gone.
    pub async fn cookies(&self) -> Result<Vec<Value>> {
        let cookies = self.ask(Method::GET, "cookie", &Value::Null).await?;
        Ok(cookies.as_array().cloned().unwrap_or_default())
    }

    /// The window that is spoken to.
    ///
    /// # Errors
    /// When it has been closed.
    pub async fn window(&self) -> Result<Value> {
        self.ask(Method::GET, "window", &Value::Null).await
    }

    /// All windows and tabs.
    ///
    /// # Errors
    /// When the browser has gone.
    pub async fn windows(&self) -> Result<Vec<Value>> {
        let handles = self
            .ask(Method::GET, "window/handles", &Value::Null)
            .await?;
        Ok(handles.as_array().cloned().unwrap_or_default())
    }

    /// Speaks to another window from now on.
    ///
    /// # Errors
    /// When there is no such window.
    pub async fn switch_to(&self, window: &Value) -> Result {
        self.post("window", json!({ "handle": window }))
            .await
            .map(drop)
    }

    /// Closes the window that is spoken to.
    ///
    /// # Errors
    /// When it has been closed already.
    pub async fn close_window(&self) -> Result {
        self.ask(Method::DELETE, "window", &Value::Null)
            .await
            .map(drop)
    }

    async fn post(&self, what: &str, body: Value) -> Result<Value> {
        self.ask(Method::POST, what, &body).await
    }

    async fn ask(&self, method: Method, what: &str, body: &Value) -> Result<Value> {
        command(self.driver, method, &format!("{}/{what}", self.path), body).await
    }
}

/// Sends a command; gives its `value`.
async fn command(driver: SocketAddr, method: Method, path: &str, body: &Value) -> Result<Value> {
    let body = if body.is_null() {
        Bytes::new()
    } else {
        body.to_string().into()
    };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(body))?;
    let answer = http::send(driver, request).await?;
    let mut value = take(&mut answer.json()?, "value");
    if answer.status.is_success() {
        return Ok(value);
    }
    let (error, message) = (take(&mut value, "error"), take(&mut value, "message"));
    Err(format!("{error}: {message}").into())
}

fn take(value: &mut Value, field: &str) -> Value {
    value.get_mut(field).map(Value::take).unwrap_or_default()
}

fn text(value: &mut Value, field: &str) -> Result<String> {
    match take(value, field) {
        Value::String(text) => Ok(text),
        other => Err(format!("the driver says {other} for {field}").into()),
    }
}
