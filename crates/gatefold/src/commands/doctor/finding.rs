//! What was found, in words for people and as JSON for programs.

use std::fmt;

use serde::Serialize;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// As it should be.
    Good,
    /// Not wrong, but to be known.
    Notice,
    /// Wrong.
    Wrong,
    /// Could not be looked at.
    NotChecked,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Notice => "notice",
            Self::Wrong => "WRONG",
            Self::NotChecked => "not checked",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) check: &'static str,
    pub(super) state: State,
    pub(super) says: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remedy: Option<String>,
}

impl Finding {
    pub(super) fn good(check: &'static str, says: impl Into<String>) -> Self {
        Self {
            check,
            state: State::Good,
            says: says.into(),
            remedy: None,
        }
    }

    pub(super) fn notice(
        check: &'static str,
        says: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::bad(check, State::Notice, says, remedy)
    }

    pub(super) fn wrong(
        check: &'static str,
        says: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::bad(check, State::Wrong, says, remedy)
    }

    pub(super) fn not_checked(
        check: &'static str,
        says: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::bad(check, State::NotChecked, says, remedy)
    }

    fn bad(
        check: &'static str,
        state: State,
        says: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            check,
            state,
            says: says.into(),
            remedy: Some(remedy.into()),
        }
    }
}

/// Everything that was found.
#[derive(Serialize)]
pub(super) struct Report {
    /// Whether nothing is wrong. What could not be looked at is not.
    pub(super) well: bool,
    findings: Vec<Finding>,
}

impl Report {
    pub(super) fn of(findings: Vec<Finding>) -> Self {
        Self {
            well: findings.iter().all(|finding| finding.state != State::Wrong),
            findings,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.findings.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            let Finding {
                check,
                state,
                says,
                remedy,
            } = finding;
            let mut lines = says.lines();
            write!(
                out,
                "{:<12} {check:<14} {}",
                state.word(),
                lines.next().unwrap_or_default()
            )?;
            for line in lines.chain(remedy.as_deref()) {
                write!(out, "\n{:27} {line}", "")?;
            }
        }
        Ok(())
    }
}
