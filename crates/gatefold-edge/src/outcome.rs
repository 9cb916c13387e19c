//! What became of a request: one closed list, for limits and for metrics.

use gatefold_edge_core::{
    Denial, Plan,
    answer::{Failure, Limited},
};
use gatefold_seal::{Stage, TicketRefusal};
use http::Response;

use crate::body::Body;

/// What became of a request for a sealed URL or a public object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 200: all of it.
    Whole,
    /// 206: a part.
    Part,
    /// 304: the client has it.
    NotModified,
    /// 416: there is no such part.
    Unsatisfiable,
    /// 412: the client has something else.
    PreconditionFailed,
    /// 204: a preflight that was let through.
    Preflight,
    /// 204: a browser was bound to a person.
    Bound,
    /// 403: a ticket was refused.
    Ticket,
    /// 503: who is asking cannot be found out now.
    Unknown,
    /// 405: another method.
    Method,
    /// 403: a check failed.
    Refused(Stage),
    /// 404: there is nothing behind the URL.
    NotFound,
    /// 502: the origin failed.
    OriginFailed,
    /// 414 or 429: turned away before anything was looked at.
    Limited(Limited),
}

/// How many outcomes there are.
pub(crate) const OUTCOMES: usize = Outcome::ALL.len();

impl Outcome {
    /// All of them.
    pub(crate) const ALL: [Self; 23] = [
        Self::Whole,
        Self::Part,
        Self::NotModified,
        Self::Unsatisfiable,
        Self::PreconditionFailed,
        Self::Preflight,
        Self::Method,
        Self::NotFound,
        Self::OriginFailed,
        Self::Limited(Limited::UrlTooLong),
        Self::Limited(Limited::TooManyAtOnce),
        Self::Limited(Limited::TooManyFailures),
        Self::Limited(Limited::NoRoom),
        Self::Refused(Stage::Token),
        Self::Refused(Stage::Key),
        Self::Refused(Stage::Open),
        Self::Refused(Stage::Payload),
        Self::Refused(Stage::Scope),
        Self::Refused(Stage::Window),
        Self::Refused(Stage::Client),
        Self::Bound,
        Self::Ticket,
        Self::Unknown,
    ];

    /// Its place in [`Outcome::ALL`], which a test holds against the list.
    pub(crate) fn place(self) -> usize {
        match self {
            Self::Whole => 0,
            Self::Part => 1,
            Self::NotModified => 2,
            Self::Unsatisfiable => 3,
            Self::PreconditionFailed => 4,
            Self::Preflight => 5,
            Self::Method => 6,
            Self::NotFound => 7,
            Self::OriginFailed => 8,
            Self::Limited(Limited::UrlTooLong) => 9,
            Self::Limited(Limited::TooManyAtOnce) => 10,
            Self::Limited(Limited::TooManyFailures) => 11,
            Self::Limited(Limited::NoRoom) => 12,
            Self::Refused(Stage::Token) => 13,
            Self::Refused(Stage::Key) => 14,
            Self::Refused(Stage::Open) => 15,
            Self::Refused(Stage::Payload) => 16,
            Self::Refused(Stage::Scope) => 17,
            Self::Refused(Stage::Window) => 18,
            Self::Refused(Stage::Client) => 19,
            Self::Bound => 20,
            Self::Ticket => 21,
            Self::Unknown => 22,
        }
    }

    /// Its name in metrics, and the stage or limit within it (empty where there is none).
    pub(crate) fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Whole => ("whole", ""),
            Self::Part => ("part", ""),
            Self::NotModified => ("not_modified", ""),
            Self::Unsatisfiable => ("unsatisfiable", ""),
            Self::PreconditionFailed => ("precondition_failed", ""),
            Self::Preflight => ("preflight", ""),
            Self::Bound => ("bound", ""),
            Self::Ticket => ("refused", TicketRefusal::STAGE),
            Self::Unknown => ("unknown", Stage::Client.as_str()),
            Self::Method => ("method_not_allowed", ""),
            Self::NotFound => ("not_found", ""),
            Self::OriginFailed => ("origin_failed", ""),
            Self::Limited(limited) => ("limited", limited.code()),
            Self::Refused(stage) => ("refused", stage.as_str()),
        }
    }

    /// Whether a request for a public object can come to this: it shows nothing that could be refused.
    pub(crate) fn is_without_seal(self) -> bool {
        !matches!(
            self,
            Self::Bound
                | Self::Ticket
                | Self::Unknown
                | Self::Refused(_)
                | Self::Limited(Limited::TooManyFailures)
        )
    }

    /// Whether the client has shown no sealed URL that this edge could open, or no ticket that it
    /// takes: who does that often is guessing, or has nothing to do here.
    pub(crate) fn is_failed_open(self) -> bool {
        matches!(
            self,
            Self::Refused(Stage::Token | Stage::Key | Stage::Open) | Self::Ticket
        )
    }
}

impl From<Plan> for Outcome {
    fn from(plan: Plan) -> Self {
        match plan {
            Plan::Whole => Self::Whole,
            Plan::Part(_) => Self::Part,
            Plan::NotModified => Self::NotModified,
            Plan::PreconditionFailed => Self::PreconditionFailed,
            Plan::Unsatisfiable => Self::Unsatisfiable,
        }
    }
}

impl From<Denial> for Outcome {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::Method | Denial::BindMethod => Self::Method,
            Denial::Ticket(_) => Self::Ticket,
            Denial::Ended => Self::Refused(Stage::Client),
            Denial::Unknown => Self::Unknown,
            Denial::Refused(refusal) => Self::Refused(refusal.stage()),
        }
    }
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotFound => Self::NotFound,
            Failure::Origin => Self::OriginFailed,
        }
    }
}

/// An answer, and what it means.
pub struct Answer {
    /// What is sent.
    pub response: Response<Body>,
    /// What became of the request.
    pub outcome: Outcome,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_own_place_and_labels() {
        for (place, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome.place(), place, "{outcome:?}");
            let alike = Outcome::ALL
                .iter()
                .filter(|other| other.labels() == outcome.labels());
            assert_eq!(alike.count(), 1, "{outcome:?}");
        }
    }

    #[test]
    fn only_what_cannot_be_opened_counts_as_failed() {
        let refused = [Stage::Token, Stage::Key, Stage::Open].map(Outcome::Refused);
        let failed: Vec<_> = Outcome::ALL
            .into_iter()
            .filter(|outcome| outcome.is_failed_open())
            .collect();
        assert_eq!(failed, [&refused[..], &[Outcome::Ticket]].concat());
    }
}
