//! Waits on this machine for the code that the person's browser brings (RFC 8252, section 7.3).
//!
//! Whoever else is on this machine, or any page, can bring something, too: a code is good only together
//! with the verifier of the sign-in that it came of, so that nobody can sign the program in as somebody.

use std::{convert::Infallible, io, net::Ipv4Addr, sync::Arc, time::Duration};

use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::timeout,
};

/// How many codes may wait to be tried.
pub(in crate::commands) const WAITING: usize = 4;
/// How long the last page may take to be taken by the browser.
const LAST_PAGE: Duration = Duration::from_secs(2);
/// How long a browser may take to say what it wants.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// A code that somebody brought, and who waits to hear whether it was good.
pub(in crate::commands) struct Brought {
    pub(in crate::commands) code: String,
    pub(in crate::commands) good: Option<oneshot::Sender<bool>>,
}

/// Listens for it.
pub(in crate::commands) struct Loopback {
    listener: TcpListener,
    port: u16,
}

impl Loopback {
    /// Listens on a free port.
    pub(in crate::commands) async fn listen() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// The port.
    pub(in crate::commands) fn port(&self) -> u16 {
        self.port
    }

    /// Hands on what is brought, until nobody takes it any more and the last page is told.
    pub(in crate::commands) async fn serve(self, codes: mpsc::Sender<Brought>) {
        let host = Arc::new(format!("127.0.0.1:{}", self.port));
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = codes.closed() => break,
                accepted = self.listener.accept() => {
                    let Ok((stream, _)) = accepted else { continue };
                    connections.spawn(connection(stream, Arc::clone(&host), codes.clone()));
                }
            }
            while connections.try_join_next().is_some() {}
        }
        let told = async { while connections.join_next().await.is_some() {} };
        // A browser opens connections that it does not use: they are not waited for.
        let _ = timeout(LAST_PAGE, told).await;
    }
}

async fn connection(stream: TcpStream, host: Arc<String>, codes: mpsc::Sender<Brought>) {
    let service = service_fn(|request: Request<Incoming>| {
        let (host, codes) = (Arc::clone(&host), codes.clone());
        async move { Ok::<_, Infallible>(answer(&request, &host, &codes).await) }
    });
    let served = http1::Builder::new()
        .keep_alive(false)
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    // One that breaks off brought nothing, or knows already.
    drop(served);
}

async fn answer<B>(
    request: &Request<B>,
    host: &str,
    codes: &mpsc::Sender<Brought>,
) -> Response<Full<Bytes>> {
    // A name that leads here is another site's.
    let is_here = |headers: &HeaderMap| headers.get(header::HOST).is_some_and(|it| it == host);
    if request.method() != Method::GET || !is_here(request.headers()) {
        return page(StatusCode::BAD_REQUEST, "Nothing is here", "");
    }
    let Some(code) = code(request.uri().query().unwrap_or_default()) else {
        return page(StatusCode::NOT_FOUND, "Nothing is here", "");
    };
    let (good, is_good) = oneshot::channel();
    let brought = Brought {
        code,
        good: Some(good),
    };
    let taken = codes.send(brought).await.is_ok();
    if taken && is_good.await == Ok(true) {
        let text = "Close this page, and go on in the terminal.";
        return page(StatusCode::OK, "You are signed in", text);
    }
    let text = "This sign-in took longer than a minute, was finished already, or belongs to another \
                program. Open the address in the terminal once more.";
    page(StatusCode::FORBIDDEN, "That did not work", text)
}

/// The code in a query; it needs no decoding, whatever is a code.
fn code(query: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, code) = pairs.find(|(name, _)| *name == "exchange_token")?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let is_code = (1..=512).contains(&code.len()) && code.bytes().all(is_plain);
    is_code.then(|| code.to_owned())
}

fn page(status: StatusCode, heading: &str, text: &str) -> Response<Full<Bytes>> {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{heading}</title></head>\
         <body><h1>{heading}</h1><p>{text}</p></body></html>\n"
    );
    let mut response = Response::new(Full::new(Bytes::from(html)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::Empty;

    use super::*;

    fn request(method: Method, path: &str, host: &str) -> Request<Empty<Bytes>> {
        let request = Request::builder().method(method).uri(path);
        request.header("host", host).body(Empty::new()).unwrap()
    }

    #[tokio::test]
    async fn a_code_is_handed_on_and_its_page_says_what_became_of_it() {
        for (good, status) in [(true, 200), (false, 403)] {
            let (codes, mut taken) = mpsc::channel(WAITING);
            let request = request(Method::GET, "/?exchange_token=abc-_", "127.0.0.1:5000");
            let answered = answer(&request, "127.0.0.1:5000", &codes);
            let tried = async {
                let brought = taken.recv().await.unwrap();
                assert_eq!(brought.code, "abc-_");
                brought.good.unwrap().send(good).unwrap();
            };
            let (answered, ()) = tokio::join!(answered, tried);
            assert_eq!(answered.status(), status);
            assert_eq!(answered.headers()["referrer-policy"], "no-referrer");
        }
    }

    #[tokio::test]
    async fn what_brings_no_code_is_not_handed_on() {
        let (codes, mut taken) = mpsc::channel(WAITING);
        let host = "127.0.0.1:5000";
        for (method, path, named, status) in [
            (Method::GET, "/", host, 404),
            (Method::GET, "/favicon.ico", host, 404),
            (Method::GET, "/?exchange_token=", host, 404),
            (Method::GET, "/?exchange_token=a%0Ab", host, 404),
            (
                Method::GET,
                "/?exchange_token=abc",
                "evil.example:5000",
                400,
            ),
            (Method::GET, "/?exchange_token=abc", "localhost:5000", 400),
            (Method::POST, "/?exchange_token=abc", host, 400),
        ] {
            let answered = answer(&request(method, path, named), host, &codes).await;
            assert_eq!(answered.status(), status, "{path} {named}");
        }
        drop(codes);
        assert!(taken.recv().await.is_none());
    }
}
