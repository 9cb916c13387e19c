//! Before each route: counts the request, and takes its body within a size and a time.

use std::{error::Error, net::IpAddr, num::NonZeroU32, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::{
    error::Problem,
    limits::{Class, Key, RateHeaders, too_many},
    perimeter::Surface,
    state::WebState,
    viewer::Tally,
};

/// The longest body of an endpoint that takes no files, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// How long such a body may take. A few packets, even over the worst of lines.
const BODY_TIME: Duration = Duration::from_secs(15);

/// What a route is counted as, and whom it is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) class: Class,
    pub(crate) surface: Surface,
}

/// Lets a request through, or not.
pub(crate) async fn pass(
    State((state, mark)): State<(WebState, Mark)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let client = state.client(&parts.headers, &parts.extensions);
    let key = Key::of_address(mark.class, client);
    let decision = state.limiter.check(&key, NonZeroU32::MIN).await;
    let tally = Tally::new(mark.class, decision);
    parts.extensions.insert(mark.surface);
    parts.extensions.insert(tally.clone());
    let mut response = match too_many(&decision) {
        Some(problem) => problem.into_response(),
        // What may be large is read by its handler, as it arrives.
        None if mark.class == Class::Upload => next.run(Request::from_parts(parts, body)).await,
        None => match take(&parts.headers, body).await {
            Ok(body) => next.run(Request::from_parts(parts, body)).await,
            Err(problem) => problem.into_response(),
        },
    };
    RateHeaders(tally.tightest()).put(response.headers_mut());
    response.extensions_mut().insert(mark.surface);
    response
}

/// Counts a request that goes nowhere; the refusal, when there have been too many.
pub(crate) async fn count(state: &WebState, class: Class, client: IpAddr) -> Option<Response> {
    let key = Key::of_address(class, client);
    let decision = state.limiter.check(&key, NonZeroU32::MIN).await;
    let mut response = too_many(&decision)?.into_response();
    RateHeaders(decision).put(response.headers_mut());
    Some(response)
}

async fn take(headers: &http::HeaderMap, body: Body) -> Result<Body, Problem> {
    let announced = headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|len| u64::try_from(MAX_BODY).is_ok_and(|max| len > max)) {
        return Err(TOO_LARGE);
    }
    let taking = Limited::new(body, MAX_BODY).collect();
    match tokio::time::timeout(BODY_TIME, taking).await {
        Ok(Ok(body)) => Ok(Body::from(body.to_bytes())),
        Ok(Err(error)) if is_too_long(&*error) => Err(TOO_LARGE),
        Ok(Err(_)) => Err(BROKEN),
        Err(_) => Err(TOO_SLOW),
    }
}

fn is_too_long(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

const TOO_LARGE: Problem = Problem::new(
    StatusCode::PAYLOAD_TOO_LARGE,
    "body_too_large",
    "the request's body is larger than this address takes",
);

const TOO_SLOW: Problem = Problem::new(
    StatusCode::REQUEST_TIMEOUT,
    "body_too_slow",
    "the request's body did not come in time",
);

const BROKEN: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "body_broken",
    "the request's body broke off",
);

#[cfg(test)]
mod tests {
    use std::{
        io,
        pin::Pin,
        task::{Context, Poll},
    };

    use bytes::Bytes;
    use http::HeaderMap;
    use http_body::Frame;

    use super::*;

    /// A body that comes in pieces, without saying how many there will be.
    struct Pieces {
        left: usize,
        end: End,
    }

    enum End {
        Whole,
        Never,
        Broken,
    }

    impl http_body::Body for Pieces {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
            if let Some(left) = self.left.checked_sub(1) {
                self.left = left;
                return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 1024])))));
            }
            match self.end {
                End::Whole => Poll::Ready(None),
                End::Never => Poll::Pending,
                End::Broken => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_has_its_length_and_its_time() {
        for (left, end, announced, outcome) in [
            (0, End::Whole, None, Ok(0)),
            (64, End::Whole, None, Ok(65_536)),
            (64, End::Whole, Some("65536"), Ok(65_536)),
            (65, End::Whole, None, Err("body_too_large")),
            (1_000_000, End::Never, None, Err("body_too_large")),
            // What says so is not listened to.
            (0, End::Never, Some("65537"), Err("body_too_large")),
            (3, End::Never, None, Err("body_too_slow")),
            (3, End::Broken, None, Err("body_broken")),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(len) = announced {
                headers.insert(header::CONTENT_LENGTH, len.parse().unwrap());
            }
            let taken = take(&headers, Body::new(Pieces { left, end })).await;
            let found = match taken {
                Ok(body) => Ok(body.collect().await.unwrap().to_bytes().len()),
                Err(problem) => Err(problem.code()),
            };
            assert_eq!(found, outcome);
        }
    }
}
