//! What an honest web host answers; lies begin as such an answer.

use std::iter;

use bytes::Bytes;

use super::{Asked, Step};

/// An object, as an honest host has it.
#[derive(Clone, Debug)]
pub struct Content {
    /// What it is.
    pub bytes: Bytes,
    /// Its entity tag, quotes included; none when it has no validator at all.
    pub tag: Option<String>,
    /// Its type.
    pub media_type: &'static str,
    /// Whether parts can be asked for.
    pub ranges: bool,
}

/// An answer that has yet to be written.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status line's end, such as `200 OK`.
    pub status: &'static str,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body. For a `HEAD` it is empty whatever the headers say.
    pub body: Bytes,
}

impl Content {
    /// An object with a strong tag, of which parts can be asked for.
    #[must_use]
    pub fn new(bytes: Bytes, tag: &str) -> Self {
        Self {
            bytes,
            tag: Some(format!("\"{tag}\"")),
            media_type: "audio/mpeg",
            ranges: true,
        }
    }

    /// What an honest host answers.
    #[must_use]
    pub fn answer(&self, asked: &Asked) -> Reply {
        let mut headers = vec![("Content-Type", self.media_type.to_owned())];
        if let Some(tag) = &self.tag {
            headers.push(("ETag", tag.clone()));
        }
        let len = self.bytes.len();
        let is_known = |name| self.tag.is_some() && asked.header(name) == self.tag.as_deref();
        if is_known("if-none-match") {
            return Reply::new("304 Not Modified", headers, Bytes::new());
        }
        if asked.header("if-match").is_some() && !is_known("if-match") {
            return Reply::new("412 Precondition Failed", headers, Bytes::new());
        }
        let range = asked.header("range").filter(|_| self.ranges);
        let range = range.filter(|_| asked.header("if-range").is_none() || is_known("if-range"));
        if self.ranges {
            headers.push(("Accept-Ranges", "bytes".to_owned()));
        }
        let mut reply = match range.map(|range| part(range, len)) {
            None => Reply::new("200 OK", headers, self.bytes.clone()),
            Some(Some((first, end))) => {
                let last = end.saturating_sub(1);
                headers.push(("Content-Range", format!("bytes {first}-{last}/{len}")));
                Reply::new("206 Partial Content", headers, self.bytes.slice(first..end))
            }
            Some(None) => {
                headers.push(("Content-Range", format!("bytes */{len}")));
                Reply::new("416 Range Not Satisfiable", headers, Bytes::new())
            }
        };
        reply.set("Content-Length", reply.body.len().to_string());
        if asked.method == "HEAD" {
            reply.body = Bytes::new();
        }
        reply
    }
}

/// The first byte that is asked for, and the one after the last.
fn part(range: &str, len: usize) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (first, end) = match (first.parse().ok(), last.parse::<usize>().ok()) {
        (None, Some(suffix)) => (len.saturating_sub(suffix), len),
        (Some(first), None) => (first, len),
        (Some(first), Some(last)) => (first, last.saturating_add(1).min(len)),
        (None, None) => return None,
    };
    (first < end).then_some((first, end))
}

impl Reply {
    /// An answer.
    #[must_use]
    pub fn new(status: &'static str, headers: Vec<(&'static str, String)>, body: Bytes) -> Self {
        Self {
            status,
            headers,
            body,
        }
    }

    /// Sets a header, in place of any that is there.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.remove(name);
        self.headers.push((name, value.into()));
    }

    /// Removes a header.
    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|(known, _)| *known != name);
    }

    /// The head as bytes, the empty line included.
    #[must_use]
    pub fn head(&self) -> Bytes {
        let headers = self.headers.iter();
        let lines = headers.map(|(name, value)| [*name, ": ", value, "\r\n"].concat());
        let first = format!("HTTP/1.1 {}\r\n", self.status);
        let lines: Vec<_> = iter::once(first).chain(lines).collect();
        [&lines.concat(), "\r\n"].concat().into()
    }

    /// Head and body, as they are.
    #[must_use]
    pub fn steps(self) -> Vec<Step> {
        vec![Step::Send(self.head()), Step::Send(self.body)]
    }

    /// Head and the body's first half, and then something else.
    #[must_use]
    pub fn half_then(self, then: impl IntoIterator<Item = Step>) -> Vec<Step> {
        let half = self.body.slice(..self.body.len() / 2);
        let mut steps = vec![Step::Send(self.head()), Step::Send(half)];
        steps.extend(then);
        steps
    }
}
