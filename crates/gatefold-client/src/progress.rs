//! What a server does with an upload that it has.

use std::time::Duration;

use http::{Method, header};
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use crate::{client::Client, error::ClientError, events::Events};

/// How long nothing may be told before it is asked anew.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often in a row it is asked without hearing anything new.
const TRIES: u32 = 10;
/// The first pause between two, which doubles.
const PAUSE: Duration = Duration::from_millis(250);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// How far an upload is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Its bytes are on their way.
    Sending {
        /// So many are.
        sent: u64,
        /// Of so many.
        of: u64,
    },
    /// The server works on it.
    Working {
        /// What it says that it does.
        message: String,
        /// How far it says that it is, in per cent.
        percent: Option<u8>,
    },
}

/// A track that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// Its number.
    pub track_id: u64,
    /// The address of its record, if it has one by now.
    pub atproto_uri: Option<String>,
}

/// What an event says.
#[derive(Debug, Deserialize, PartialEq)]
struct Event {
    #[serde(default)]
    status: String,
    #[serde(default)]
    phase: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    server_progress_pct: Option<f64>,
    #[serde(default)]
    track_id: Option<u64>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    atproto_uri: Option<String>,
}

impl Event {
    fn step(&self) -> Step {
        let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let message = text(&self.message).or_else(|| text(&self.phase));
        let percent = self
            .server_progress_pct
            .filter(|it| (0.0..=100.0).contains(it));
        Step::Working {
            message: message.unwrap_or_else(|| "It is being worked on.".to_owned()),
            // A hundred at most; what is after the point is not shown.
            percent: percent.and_then(|percent| format!("{percent:.0}").parse().ok()),
        }
    }
}

impl Client {
    /// Waits until an upload is a track, however often the connection breaks off.
    pub(crate) async fn watch(
        &self,
        id: &str,
        tell: &mut dyn FnMut(Step),
    ) -> Result<Uploaded, ClientError> {
        let mut last = None;
        let mut tries = 0_u32;
        loop {
            let before = last.clone();
            match self.follow(id, tell, &mut last).await {
                Ok(Some(uploaded)) => return Ok(uploaded),
                Ok(None)
                | Err(
                    ClientError::Unreachable { .. }
                    | ClientError::TimedOut(_)
                    | ClientError::Failed { .. },
                ) => {}
                Err(ClientError::NotFound(_)) => {
                    return Err(self.unexpected("it does not know the upload that it took"));
                }
                Err(ClientError::TooMany { wait, .. }) => sleep(wait).await,
                Err(error) => return Err(error),
            }
            tries = if last == before {
                tries.saturating_add(1)
            } else {
                0
            };
            if tries >= TRIES {
                return Err(ClientError::Unwatched(self.server().to_string()));
            }
            let pause = PAUSE.saturating_mul(1 << tries.min(6));
            sleep(pause.min(LONGEST_PAUSE)).await;
        }
    }

    /// Listens to what is told of an upload; `None` when that ends before the upload does.
    async fn follow(
        &self,
        id: &str,
        tell: &mut dyn FnMut(Step),
        last: &mut Option<Step>,
    ) -> Result<Option<Uploaded>, ClientError> {
        let request = self.server().at(&["tracks", "uploads", id, "progress"]);
        let request = self.request_to(Method::GET, request);
        let request = request.header(header::ACCEPT, "text/event-stream");
        let response = timeout(PATIENCE, self.send(request)).await;
        let mut response = response.unwrap_or_else(|_| Err(self.timed_out()))?;
        let mut events = Events::default();
        loop {
            let piece = timeout(PATIENCE, response.chunk()).await;
            let piece = piece.map_err(|_| self.timed_out())?;
            let piece = piece.map_err(|error| self.unreachable(&error))?;
            let Some(piece) = piece else { return Ok(None) };
            let ended = events.take(&piece);
            for data in ended.map_err(|_| self.unexpected("it tells too much at once"))? {
                let event: Event = serde_json::from_str(&data)
                    .map_err(|_| self.unexpected("it does not tell how far an upload is"))?;
                if let Some(uploaded) = self.outcome(&event)? {
                    return Ok(Some(uploaded));
                }
                let step = event.step();
                tell(step.clone());
                *last = Some(step);
            }
        }
    }

    fn outcome(&self, event: &Event) -> Result<Option<Uploaded>, ClientError> {
        match event.status.as_str() {
            "completed" => match event.track_id {
                Some(track_id) => Ok(Some(Uploaded {
                    track_id,
                    atproto_uri: event.atproto_uri.clone(),
                })),
                None => Err(self.unexpected("it made a track and does not say which")),
            },
            "failed" => {
                let said = event.error.clone().or_else(|| event.message.clone());
                let usual = || "the server could make no track of it".to_owned();
                Err(ClientError::NotMade(said.unwrap_or_else(usual)))
            }
            _ => Ok(None),
        }
    }
}
