//! Why something was not done.

use std::{error::Error, io, path::PathBuf, time::Duration};

use http::StatusCode;
use serde_json::Value;

/// Why a server did not do what it was asked, or whether it did is not known.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No connection, or it broke off.
    #[error("{server} cannot be reached: {why}")]
    Unreachable {
        /// Scheme, host and port.
        server: String,
        /// What the system said.
        why: String,
    },
    /// There was no whole answer in time.
    #[error("{0} did not answer in time; try again, or look whether it is in trouble")]
    TimedOut(String),
    /// Nobody is signed in with what was shown.
    #[error("you are not signed in at {server}: run `gatefold login --server {server}`")]
    NotSignedIn {
        /// Scheme, host and port.
        server: String,
    },
    /// There is no such thing, or it is not for who asks.
    #[error("{0}")]
    NotFound(Box<Refusal>),
    /// The server refuses.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The server wants fewer requests.
    #[error("{server} asks for a pause: try again in {} s", .wait.as_secs())]
    TooMany {
        /// Scheme, host and port.
        server: String,
        /// For how long.
        wait: Duration,
    },
    /// The server has a defect, or cannot answer at the moment.
    #[error("{server} cannot do this now: {refusal}")]
    Failed {
        /// Scheme, host and port.
        server: String,
        /// What it said.
        refusal: Box<Refusal>,
    },
    /// The address is another one.
    #[error("{server} sends its visitors to {there}: name that one with --server")]
    Elsewhere {
        /// Scheme, host and port.
        server: String,
        /// The origin that it names.
        there: String,
    },
    /// What is meant is at another server.
    #[error("this is at {there}, not at {server}: name that server with --server")]
    OtherServer {
        /// Scheme, host and port of the server that is asked.
        server: String,
        /// The origin where it is.
        there: String,
    },
    /// Who is signed in does not publish there yet.
    #[error(
        "you have no profile as an artist at {0}: make one with `gatefold profile --name NAME`"
    )]
    NoProfile(String),
    /// What was answered is not what such a server answers.
    #[error("{server} does not answer like a gatefold server: {what}")]
    Unexpected {
        /// Scheme, host and port.
        server: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A file of this machine cannot be sent.
    #[error("{path}: {cause}", path = .path.display())]
    Unread {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The server has an upload, and made no track of it.
    #[error("{0}")]
    NotMade(String),
    /// The server has an upload, and no longer says what it does with it.
    #[error(
        "{0} has the file and works on it, but does not say how far it is: look later with \
         `gatefold list --mine`"
    )]
    Unwatched(String),
    /// This program cannot make connections.
    #[error("cannot make connections: {0}")]
    Unable(String),
}

/// What a server says when it does not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status of its answer.
    pub status: StatusCode,
    /// The stable word for it, if it says one.
    pub code: String,
    /// A sentence, perhaps several, for a person.
    pub detail: String,
    /// By what those who run the server find it in their logs.
    pub request_id: Option<String>,
    /// Where the artist is supported, when that is what is missing.
    pub support_url: Option<String>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.detail)?;
        if let Some(url) = &self.support_url {
            write!(out, " (at {url})")?;
        }
        if let Some(id) = &self.request_id {
            write!(out, " (request {id})")?;
        }
        Ok(())
    }
}

impl Refusal {
    /// Reads what stands in an answer, whatever it is.
    pub(crate) fn read(status: StatusCode, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let detail = body.get("detail").and_then(detail);
        Self {
            detail: detail.unwrap_or_else(|| format!("the server answers {status}")),
            code: text("code").unwrap_or_default(),
            request_id: text("request_id"),
            support_url: text("support_url"),
            status,
        }
    }
}

/// What is said, as one text: some servers say it in a list of what is wrong with the fields.
fn detail(said: &Value) -> Option<String> {
    let one = |said: &Value| match said {
        Value::String(text) => Some(text.clone()),
        Value::Object(field) => {
            let says = field
                .get("msg")
                .or_else(|| field.get("message"))?
                .as_str()?;
            let place = field.get("loc").and_then(Value::as_array);
            let name = place.and_then(|place| place.last()).and_then(Value::as_str);
            Some(name.map_or_else(|| says.to_owned(), |name| format!("{name}: {says}")))
        }
        _ => None,
    };
    match said {
        Value::Array(list) => {
            let all: Vec<_> = list.iter().filter_map(one).collect();
            (!all.is_empty()).then(|| all.join("; "))
        }
        said => one(said).filter(|text| !text.is_empty()),
    }
}

/// What lies at the bottom of an error, which is what the system said.
pub(crate) fn root(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_told_whatever_its_form() {
        for (body, says) in [
            (
                r#"{"detail":"this is for supporters","code":"support_required"}"#,
                "this is for supporters",
            ),
            (
                r#"{"detail":"join them","support_url":"https://a.example"}"#,
                "join them (at https://a.example)",
            ),
            (
                r#"{"detail":"noted","request_id":"17"}"#,
                "noted (request 17)",
            ),
            (
                r#"{"detail":[{"loc":["body","title"],"msg":"field required"},{"msg":"too long"}]}"#,
                "title: field required; too long",
            ),
            (r#"{"detail":{"message":"upgrade"}}"#, "upgrade"),
            (
                r#"{"detail":""}"#,
                "the server answers 422 Unprocessable Entity",
            ),
            (
                r#"{"detail":[]}"#,
                "the server answers 422 Unprocessable Entity",
            ),
            ("<html>", "the server answers 422 Unprocessable Entity"),
            ("", "the server answers 422 Unprocessable Entity"),
        ] {
            let refusal = Refusal::read(StatusCode::UNPROCESSABLE_ENTITY, body.as_bytes());
            assert_eq!(refusal.to_string(), says, "{body}");
        }
    }
}
