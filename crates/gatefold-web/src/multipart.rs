//! Forms with files in them (`multipart/form-data`, RFC 7578), read as they arrive.

use std::{
    collections::HashMap,
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, BodyDataStream};
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::{HeaderMap, StatusCode, header};
use multer::{Field, Multipart};
use tokio::time::{Instant, Sleep};

use crate::error::Problem;

/// The longest that the next bytes of a body are waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest field that is no file, in bytes.
const LONGEST_FIELD: usize = 64 * 1024;
/// The most parts of a form.
const MOST_PARTS: usize = 32;

pub(crate) const NOT_A_FORM: Problem = Problem::new(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "not_a_form",
    "send a form, as multipart/form-data",
);

pub(crate) const BROKEN_FORM: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "form_broken",
    "the form broke off, or is none",
);

const LARGE_FIELD: Problem = Problem::new(
    StatusCode::PAYLOAD_TOO_LARGE,
    "field_too_large",
    "a field of the form is larger than this address takes",
);

const MANY_PARTS: Problem = Problem::new(
    StatusCode::PAYLOAD_TOO_LARGE,
    "too_many_fields",
    "the form has more fields than this address takes",
);

const FIELD_TWICE: Problem = Problem::new(
    StatusCode::UNPROCESSABLE_ENTITY,
    "field_twice",
    "a field of the form is there twice",
);

/// A form that arrives.
pub(crate) struct Arriving {
    parts: Multipart<'static>,
    seen: usize,
}

/// The fields of a form that are no files.
#[derive(Debug, Default)]
pub(crate) struct Fields(HashMap<String, String>);

impl Fields {
    /// A field, where it stands.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Puts a field into it.
    pub(crate) fn put(&mut self, name: String, text: String) -> Result<(), Problem> {
        match self.0.insert(name, text) {
            None => Ok(()),
            Some(_) => Err(FIELD_TWICE),
        }
    }
}

impl Arriving {
    /// A form, if the headers say that it is one.
    pub(crate) fn new(headers: &HeaderMap, body: Body) -> Result<Self, Problem> {
        let kind = headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).ok_or(NOT_A_FORM)?;
        let boundary = multer::parse_boundary(kind).map_err(|_| NOT_A_FORM)?;
        Ok(Self {
            parts: Multipart::new(Patient::new(body), boundary),
            seen: 0,
        })
    }

    /// The next part, with its name.
    pub(crate) async fn next(&mut self) -> Result<Option<(String, Field<'static>)>, Problem> {
        let Some(field) = self.parts.next_field().await.map_err(|_| BROKEN_FORM)? else {
            return Ok(None);
        };
        self.seen = self.seen.saturating_add(1);
        if self.seen > MOST_PARTS {
            return Err(MANY_PARTS);
        }
        let name = field.name().unwrap_or_default().to_owned();
        Ok(Some((name, field)))
    }
}

/// A part as text.
pub(crate) async fn text(field: Field<'static>) -> Result<String, Problem> {
    let bytes = whole(field, LONGEST_FIELD).await?;
    String::from_utf8(bytes.into()).map_err(|_| BROKEN_FORM)
}

/// A part as a whole, which has at most so many bytes.
pub(crate) async fn whole(mut field: Field<'static>, most: usize) -> Result<Bytes, Problem> {
    let mut whole = BytesMut::new();
    while let Some(part) = field.chunk().await.map_err(|_| BROKEN_FORM)? {
        if whole.len().saturating_add(part.len()) > most {
            return Err(LARGE_FIELD);
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole.freeze())
}

/// What a part that is a file is named, without its path and its ending. It is only ever shown.
pub(crate) fn stem(field: &Field<'_>) -> Option<String> {
    let name = field.file_name()?;
    let name = name.rsplit(['/', '\\']).next()?;
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).trim();
    (!stem.is_empty()).then(|| stem.to_owned())
}

/// The bytes of a part, as they arrive.
pub(crate) struct BytesOf(pub(crate) Field<'static>);

impl Stream for BytesOf {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0)
            .poll_next(context)
            .map_err(io::Error::other)
    }
}

/// A body that is not waited for for ever.
struct Patient {
    body: BodyDataStream,
    until: Pin<Box<Sleep>>,
}

impl Patient {
    fn new(body: Body) -> Self {
        Self {
            body: body.into_data_stream(),
            until: Box::pin(tokio::time::sleep(PATIENCE)),
        }
    }
}

impl Stream for Patient {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Poll::Ready(part) = Pin::new(&mut self.body).poll_next(context) {
            if let Some(until) = Instant::now().checked_add(PATIENCE) {
                self.until.as_mut().reset(until);
            }
            return Poll::Ready(part.map(|part| part.map_err(io::Error::other)));
        }
        self.until
            .as_mut()
            .poll(context)
            .map(|()| Some(Err(io::ErrorKind::TimedOut.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(kind: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        headers
    }

    fn form(body: impl Into<Body>) -> Result<Arriving, Problem> {
        Arriving::new(&headers("multipart/form-data; boundary=x"), body.into())
    }

    #[tokio::test]
    async fn parts_come_one_after_the_other() {
        let body = "--x\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nNight\r\n\
                    --x\r\ncontent-disposition: form-data; name=\"file\"; \
                    filename=\"../../etc/a.b.mp3\"\r\n\r\nbytes\r\n--x--\r\n";
        let mut form = form(body).unwrap();
        let (name, field) = form.next().await.unwrap().unwrap();
        assert_eq!((name.as_str(), stem(&field)), ("title", None));
        assert_eq!(text(field).await.unwrap(), "Night");
        let (name, field) = form.next().await.unwrap().unwrap();
        assert_eq!(name, "file");
        assert_eq!(stem(&field).as_deref(), Some("a.b"));
        assert_eq!(whole(field, 5).await.unwrap(), "bytes");
        assert!(form.next().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
        for kind in [
            "application/json",
            "multipart/form-data",
            "multipart/mixed; boundary=x",
        ] {
            let refused = Arriving::new(&headers(kind), Body::empty()).map(drop);
            assert_eq!(refused, Err(NOT_A_FORM), "{kind}");
        }
        for body in [
            "",
            "--x",
            "nonsense",
            "--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\nb",
        ] {
            let mut form = form(body).unwrap();
            let outcome = match form.next().await {
                Ok(Some((_, field))) => text(field).await.map(drop),
                other => other.map(drop),
            };
            assert_eq!(outcome, Err(BROKEN_FORM), "{body}");
        }
        let long = format!(
            "--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n{}\r\n--x--\r\n",
            "a".repeat(LONGEST_FIELD + 1)
        );
        let mut form = form(long).unwrap();
        let (_, field) = form.next().await.unwrap().unwrap();
        assert_eq!(text(field).await, Err(LARGE_FIELD));
    }

    #[tokio::test]
    async fn more_parts_than_anybody_needs_are_refused() {
        let part = "--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n\r\n";
        let mut form = form(format!("{}--x--\r\n", part.repeat(MOST_PARTS + 1))).unwrap();
        let mut seen = 0;
        let refused = loop {
            match form.next().await {
                Ok(Some((_, field))) => {
                    text(field).await.unwrap();
                    seen += 1;
                }
                other => break other.map(drop),
            }
        };
        assert_eq!((seen, refused), (MOST_PARTS, Err(MANY_PARTS)));
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_is_not_waited_for() {
        struct Silent;
        impl Stream for Silent {
            type Item = io::Result<Bytes>;
            fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
                Poll::Pending
            }
        }
        let mut form = form(Body::from_stream(Silent)).unwrap();
        assert_eq!(form.next().await.map(drop), Err(BROKEN_FORM));
    }
}
