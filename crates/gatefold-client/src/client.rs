//! Requests and their answers.

use std::time::Duration;

use http::{Method, StatusCode, header};
use reqwest::{RequestBuilder, Response, Url, redirect::Policy};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::{
    error::{ClientError, Refusal, root},
    server::Server,
    token::Token,
};

/// For a connection, from the look-up of the name to the end of the TLS handshake.
const CONNECT_TIME: Duration = Duration::from_secs(15);
/// From a request to the end of its answer, where neither carries media.
const ANSWER_TIME: Duration = Duration::from_secs(45);
/// The longest answer that is not media, in bytes.
const MAX_ANSWER: usize = 16 << 20;
/// How much is read of an answer that refuses, in bytes.
const MAX_REFUSAL: usize = 64 << 10;
/// How long to pause when a server asks for a pause and does not say for how long.
const PAUSE: Duration = Duration::from_secs(30);

/// Asks a server. Clones share their connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    server: Server,
    token: Option<Token>,
}

impl Client {
    /// A client that shows nothing. What stands in its way is what the system says of proxies, but not
    /// to this machine. Redirects are not followed.
    ///
    /// # Errors
    /// When there are no certificate authorities to believe.
    pub fn new(server: Server) -> Result<Self, ClientError> {
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIME)
            .user_agent(concat!("gatefold/", env!("CARGO_PKG_VERSION")));
        if server.is_this_machine() {
            builder = builder.no_proxy();
        }
        let http = builder.build();
        Ok(Self {
            http: http.map_err(|error| ClientError::Unable(root(&error)))?,
            server,
            token: None,
        })
    }

    /// The same, showing this token.
    #[must_use]
    pub fn with_token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// The server that is asked.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Whether a token is shown.
    #[must_use]
    pub fn shows_token(&self) -> bool {
        self.token.is_some()
    }

    /// A request to a path of the server, given by its segments, that shows the token.
    pub(crate) fn request(&self, method: Method, segments: &[&str]) -> RequestBuilder {
        self.request_to(method, self.server.at(segments))
            .header(header::ACCEPT, "application/json")
    }

    /// A request for JSON at an address.
    pub(crate) fn json_from(&self, url: Url) -> RequestBuilder {
        self.request_to(Method::GET, url)
            .header(header::ACCEPT, "application/json")
    }

    /// A request that shows the token where it is the server that is asked, and nowhere else.
    pub(crate) fn request_to(&self, method: Method, url: Url) -> RequestBuilder {
        let shown = self.token.as_ref().filter(|_| self.server.has(&url));
        let header = shown.and_then(Token::header);
        let mut request = self.http.request(method, url);
        if let Some(header) = header {
            request = request.header(header::AUTHORIZATION, header);
        }
        request
    }

    /// Sends a request, and reads the JSON that it is answered with.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
    ) -> Result<T, ClientError> {
        let asked = async {
            let response = self.send(request).await?;
            self.read(response).await
        };
        let answered = timeout(ANSWER_TIME, asked).await;
        answered.unwrap_or_else(|_| Err(self.timed_out()))
    }

    /// Sends a request; an answer that is none is an error.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let response = request.send().await;
        self.checked(response.map_err(|error| self.unreachable(&error))?)
            .await
    }

    /// An answer that is a success.
    pub(crate) async fn checked(&self, response: Response) -> Result<Response, ClientError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if status.is_redirection() {
            return Err(self.elsewhere(&response));
        }
        let wait = response.headers().get(header::RETRY_AFTER);
        let wait = wait.and_then(|wait| wait.to_str().ok()?.trim().parse().ok());
        let wait = wait.map_or(PAUSE, Duration::from_secs);
        // What it says is of use, but not needed: the status is known.
        let body = self.bytes(response, MAX_REFUSAL).await.unwrap_or_default();
        let refusal = Box::new(Refusal::read(status, &body));
        let server = self.server.to_string();
        Err(match status {
            StatusCode::UNAUTHORIZED => ClientError::NotSignedIn { server },
            StatusCode::NOT_FOUND | StatusCode::GONE => ClientError::NotFound(refusal),
            StatusCode::TOO_MANY_REQUESTS => ClientError::TooMany { server, wait },
            _ if status.is_client_error() => ClientError::Refused(refusal),
            _ => ClientError::Failed { server, refusal },
        })
    }

    /// The JSON of an answer.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        response: Response,
    ) -> Result<T, ClientError> {
        let body = self.bytes(response, MAX_ANSWER).await?;
        serde_json::from_slice(&body)
            .map_err(|_| self.unexpected("what it says is not what was asked for"))
    }

    /// The body of an answer, as long as it is not longer than that.
    async fn bytes(&self, mut response: Response, most: usize) -> Result<Vec<u8>, ClientError> {
        let mut bytes = Vec::new();
        while let Some(piece) = response
            .chunk()
            .await
            .map_err(|error| self.unreachable(&error))?
        {
            if bytes.len().saturating_add(piece.len()) > most {
                return Err(self.unexpected("it says more than such an answer can be"));
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }

    /// What it means that a request or its answer broke off.
    pub(crate) fn unreachable(&self, error: &reqwest::Error) -> ClientError {
        if error.is_timeout() {
            return self.timed_out();
        }
        ClientError::Unreachable {
            server: self.server.to_string(),
            why: root(error),
        }
    }

    pub(crate) fn timed_out(&self) -> ClientError {
        ClientError::TimedOut(self.server.to_string())
    }

    pub(crate) fn unexpected(&self, what: &'static str) -> ClientError {
        ClientError::Unexpected {
            server: self.server.to_string(),
            what,
        }
    }

    fn elsewhere(&self, response: &Response) -> ClientError {
        let location = response.headers().get(header::LOCATION);
        let location = location.and_then(|location| location.to_str().ok());
        let there = location.and_then(|there| response.url().join(there).ok());
        match there.filter(|there| !self.server.has(there)) {
            Some(there) => ClientError::Elsewhere {
                server: self.server.to_string(),
                there: there.origin().ascii_serialization(),
            },
            None => self.unexpected("it sends its visitors around"),
        }
    }
}
