//! The ways in which an origin misbehaves.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use super::{Asked, Content, Reply, Script, Step};

/// How an origin misbehaves. Where nothing else is said, it is honest about a `HEAD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// None.
    Honest,
    /// Takes the request and says nothing.
    StallsBeforeHead,
    /// Sends half of the body and then nothing.
    StallsMidway,
    /// Ends the connection in order before the announced length.
    EndsEarly,
    /// Sends more than the announced length.
    SendsTooMuch,
    /// Resets the connection midway.
    ResetsMidway,
    /// Ends the connection without an answer.
    HangsUp,
    /// Is another version, with another tag, at every request.
    ChangesAtEveryRequest,
    /// Keeps its tag while content and length change at every request.
    KeepsTagButChanges,
    /// Answers a range with the whole.
    WholeForRange,
    /// Answers a range with another one, and says so.
    OtherRange,
    /// Answers a range with the right one, of a total length that is wrong.
    OtherTotal,
    /// Answers a range with fewer bytes than it says.
    ShortRange,
    /// Answers a range without saying which.
    RangeWithoutName,
    /// Answers `Content-Range` that cannot be read.
    GarbledRange,
    /// Says that all is well and sends a page about an error.
    PageInstead,
    /// Sends the body without its length, and then more, without end.
    EndlessBody,
    /// The same in chunks.
    EndlessChunks,
    /// Sends headers without end.
    EndlessHead,
    /// Sends a byte a second.
    Drips,
    /// Compresses what nobody wanted compressed.
    Compressed,
    /// Redirects to a host that is not allowed.
    RedirectsElsewhere,
    /// Redirects to this machine by its address.
    RedirectsToLoopback,
    /// Redirects to itself.
    RedirectsInCircles,
    /// Sends two lengths that differ.
    TwoLengths,
    /// Sends a length that is no number.
    GarbledLength,
    /// Is not there.
    NotFound,
    /// Fails.
    Fails,
    /// Speaks something that is not HTTP.
    NotHttp,
}

impl Lie {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Honest,
        Self::StallsBeforeHead,
        Self::StallsMidway,
        Self::EndsEarly,
        Self::SendsTooMuch,
        Self::ResetsMidway,
        Self::HangsUp,
        Self::ChangesAtEveryRequest,
        Self::KeepsTagButChanges,
        Self::WholeForRange,
        Self::OtherRange,
        Self::OtherTotal,
        Self::ShortRange,
        Self::RangeWithoutName,
        Self::GarbledRange,
        Self::PageInstead,
        Self::EndlessBody,
        Self::EndlessChunks,
        Self::EndlessHead,
        Self::Drips,
        Self::Compressed,
        Self::RedirectsElsewhere,
        Self::RedirectsToLoopback,
        Self::RedirectsInCircles,
        Self::TwoLengths,
        Self::GarbledLength,
        Self::NotFound,
        Self::Fails,
        Self::NotHttp,
    ];

    /// Lies in this way about `content`.
    #[must_use]
    pub fn about(self, content: Content) -> Script {
        Arc::new(move |asked| self.steps(&content, asked))
    }

    /// The version that [`Lie::ChangesAtEveryRequest`] and [`Lie::KeepsTagButChanges`] show to the
    /// request with `before` others before it.
    #[must_use]
    pub fn version(content: &Content, before: usize) -> Content {
        // Not the same byte anywhere: a mixture is never by chance a version.
        let change = u8::try_from(before % 255).unwrap_or(0);
        let bytes = content.bytes.iter().map(|byte| byte.wrapping_add(change));
        Content {
            bytes: bytes.collect(),
            tag: Some(format!("\"v{before}\"")),
            ..content.clone()
        }
    }

    fn steps(self, content: &Content, asked: &Asked) -> Vec<Step> {
        let reply = content.answer(asked);
        match self {
            Self::StallsBeforeHead => vec![Step::Hold, Step::Close],
            Self::HangsUp => vec![Step::Close],
            Self::NotHttp => vec![Step::Send("220 mail.example ESMTP\r\n".into()), Step::Close],
            Self::NotFound => gone("404 Not Found").steps(),
            Self::Fails => gone("500 Internal Server Error").steps(),
            Self::RedirectsElsewhere => moved("https://elsewhere.example/a.mp3".to_owned()),
            Self::RedirectsToLoopback => moved("https://127.0.0.1/a.mp3".to_owned()),
            Self::RedirectsInCircles => moved(asked.path.clone()),
            Self::EndlessHead => vec![
                Step::Send(format!("HTTP/1.1 {}\r\n", reply.status).into()),
                Step::Endlessly("X-More: and more and more\r\n".into()),
            ],
            Self::PageInstead => {
                let page = b"<!doctype html><script>alert(1)</script>";
                let page = Content {
                    bytes: Bytes::from_static(page),
                    tag: None,
                    media_type: "text/html",
                    ranges: false,
                };
                page.answer(asked).steps()
            }
            Self::ChangesAtEveryRequest => {
                let version = Self::version(content, asked.before);
                version.answer(asked).steps()
            }
            Self::KeepsTagButChanges => {
                let mut version = Self::version(content, asked.before);
                let less = version.bytes.len().saturating_sub(asked.before);
                version.bytes.truncate(less);
                version.tag.clone_from(&content.tag);
                version.answer(asked).steps()
            }
            _ if asked.method == "HEAD" || reply.body.is_empty() => reply.steps(),
            _ => self.about_body(content, asked, reply),
        }
    }

    /// Lies that need a body.
    fn about_body(self, content: &Content, asked: &Asked, mut reply: Reply) -> Vec<Step> {
        match self {
            Self::StallsMidway => reply.half_then([Step::Hold, Step::Close]),
            Self::EndsEarly => reply.half_then([Step::Close]),
            Self::ResetsMidway => reply.half_then([Step::Reset]),
            Self::SendsTooMuch => {
                let mut steps = reply.steps();
                steps.push(Step::Send(Bytes::from_static(&[b'x'; 1000])));
                steps
            }
            Self::EndlessBody => {
                reply.remove("Content-Length");
                reply.set("Connection", "close");
                let mut steps = reply.steps();
                steps.push(Step::Endlessly(filler()));
                steps
            }
            Self::EndlessChunks => {
                reply.remove("Content-Length");
                reply.set("Transfer-Encoding", "chunked");
                vec![
                    Step::Send(reply.head()),
                    Step::Send(chunk(&reply.body)),
                    Step::Endlessly(chunk(&filler())),
                ]
            }
            Self::Drips => vec![
                Step::Send(reply.head()),
                Step::Drip(reply.body, Duration::from_secs(1)),
            ],
            Self::Compressed => {
                reply.set("Content-Encoding", "gzip");
                reply.steps()
            }
            Self::TwoLengths => {
                let wrong = reply.body.len().saturating_sub(1);
                reply.headers.push(("Content-Length", wrong.to_string()));
                reply.steps()
            }
            Self::GarbledLength => {
                reply.set("Content-Length", "plenty");
                reply.steps()
            }
            _ if !reply.status.starts_with("206") => reply.steps(),
            _ => self.about_range(content, asked, reply),
        }
    }

    /// Lies that need a part.
    fn about_range(self, content: &Content, asked: &Asked, mut reply: Reply) -> Vec<Step> {
        match self {
            Self::WholeForRange => {
                let honest = Content {
                    ranges: false,
                    ..content.clone()
                };
                honest.answer(asked).steps()
            }
            Self::OtherRange => {
                let (len, all) = (reply.body.len(), content.bytes.len());
                let first = usize::from(all > len);
                let end = first.saturating_add(len).min(all);
                reply.body = content.bytes.slice(first..end);
                let last = end.saturating_sub(1);
                reply.set("Content-Range", format!("bytes {first}-{last}/{all}"));
                reply.steps()
            }
            Self::OtherTotal => {
                let said = reply
                    .headers
                    .iter()
                    .find(|(name, _)| *name == "Content-Range");
                let range = said.and_then(|(_, value)| value.split_once('/'));
                let range = range.map_or("bytes 0-0", |(range, _)| range).to_owned();
                reply.set("Content-Range", format!("{range}/999999999"));
                reply.steps()
            }
            Self::ShortRange => {
                reply.body.truncate(reply.body.len() / 2);
                reply.set("Content-Length", reply.body.len().to_string());
                reply.steps()
            }
            Self::RangeWithoutName => {
                reply.remove("Content-Range");
                reply.steps()
            }
            Self::GarbledRange => {
                reply.set("Content-Range", "bytes all/of-it");
                reply.steps()
            }
            _ => reply.steps(),
        }
    }
}

fn gone(status: &'static str) -> Reply {
    let length = ("Content-Length", "0".to_owned());
    Reply::new(status, vec![length], Bytes::new())
}

fn moved(to: String) -> Vec<Step> {
    let mut reply = gone("302 Found");
    reply.set("Location", to);
    reply.steps()
}

/// Bytes as a chunk (RFC 9112, 7.1).
fn chunk(bytes: &[u8]) -> Bytes {
    let size = format!("{:x}\r\n", bytes.len());
    [size.as_bytes(), bytes, b"\r\n"].concat().into()
}

/// Some of what never ends.
fn filler() -> Bytes {
    vec![b'z'; 0x10000].into()
}
