//! What is remembered of a sign-in while the person is at their authorization server.
//!
//! The OAuth client keeps it with the pending authorization, encrypted, and gives it back once.

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_domain::{Did, SessionId};
use serde::{Deserialize, Serialize};

use super::{
    secret::SecretHash,
    sign_in::{LoopbackPort, Purpose, SitePath, VerifierChallenge},
    viewer::TokenLife,
};

/// The version of the encoding: one that is not known is a sign-in that began before an upgrade.
const VERSION: u32 = 1;

/// A sign-in that waits.
pub(super) struct SignInState {
    /// What it is for.
    pub(super) aim: Aim,
    /// The hash of the cookie of the browser that began.
    pub(super) binding: Option<SecretHash>,
    /// Where to go afterwards.
    pub(super) next: Option<SitePath>,
}

/// What a sign-in is for, as it is remembered: persons by their sessions, which are looked up again.
#[derive(Clone)]
pub(super) enum Aim {
    /// A session in a browser, beside that one if there was one.
    Browser { beside: Option<SessionId> },
    /// A session for a command line.
    CommandLine {
        challenge: VerifierChallenge,
        port: Option<LoopbackPort>,
    },
    /// A developer token.
    Developer {
        asking: SessionId,
        name: String,
        life: TokenLife,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    aim: WrittenAim,
    binding: Option<String>,
    next: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WrittenAim {
    Browser {
        beside: Option<String>,
    },
    CommandLine {
        challenge: String,
        /// Sign-ins that began before there was one have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        port: Option<u16>,
    },
    Developer {
        asking: String,
        name: String,
        days: u16,
    },
}

impl Aim {
    /// What is to be remembered of a purpose, and of whom a token is asked for.
    pub(super) fn of(purpose: Purpose) -> (Self, Option<Did>) {
        match purpose {
            Purpose::Browser { beside } => {
                let beside = beside.map(|viewer| viewer.session);
                (Self::Browser { beside }, None)
            }
            Purpose::CommandLine { challenge, port } => {
                (Self::CommandLine { challenge, port }, None)
            }
            Purpose::DeveloperToken { asking, name, life } => {
                let aim = Self::Developer {
                    asking: asking.session,
                    name,
                    life,
                };
                (aim, Some(asking.did))
            }
        }
    }
}

impl SignInState {
    /// As bytes.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let hash = |hash: &SecretHash| Base64UrlUnpadded::encode_string(hash.as_bytes());
        let aim = match &self.aim {
            Aim::Browser { beside } => WrittenAim::Browser {
                beside: beside.map(|id| id.to_string()),
            },
            Aim::CommandLine { challenge, port } => WrittenAim::CommandLine {
                challenge: hash(&challenge.0),
                port: port.map(LoopbackPort::get),
            },
            Aim::Developer { asking, name, life } => WrittenAim::Developer {
                asking: asking.to_string(),
                name: name.clone(),
                days: life.days(),
            },
        };
        let written = Written {
            version: VERSION,
            aim,
            binding: self.binding.as_ref().map(hash),
            next: self.next.as_ref().map(|next| next.as_str().to_owned()),
        };
        // Strings and numbers always become JSON.
        serde_json::to_vec(&written).unwrap_or_default()
    }

    /// What these bytes were made of; `None` when they are of another version.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let read: Written = serde_json::from_slice(bytes).ok()?;
        if read.version != VERSION {
            return None;
        }
        let aim = match read.aim {
            WrittenAim::Browser { beside } => Aim::Browser {
                beside: match beside {
                    Some(id) => Some(id.parse().ok()?),
                    None => None,
                },
            },
            WrittenAim::CommandLine { challenge, port } => Aim::CommandLine {
                challenge: VerifierChallenge::parse(&challenge)?,
                port: match port {
                    Some(port) => Some(LoopbackPort::new(port)?),
                    None => None,
                },
            },
            WrittenAim::Developer { asking, name, days } => Aim::Developer {
                asking: asking.parse().ok()?,
                name,
                life: TokenLife::from_days(days.into())?,
            },
        };
        let binding = match read.binding {
            Some(text) => Some(VerifierChallenge::parse(&text)?.0),
            None => None,
        };
        let next = match read.next {
            Some(path) => Some(SitePath::parse(&path).ok()?),
            None => None,
        };
        Some(Self { aim, binding, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_remembered_as_it_began() {
        let session = SessionId::from_bytes([7; 16]);
        let hash = SecretHash::from_bytes([9; 32]);
        for aim in [
            Aim::Browser { beside: None },
            Aim::Browser {
                beside: Some(session),
            },
            Aim::CommandLine {
                challenge: VerifierChallenge(hash),
                port: None,
            },
            Aim::CommandLine {
                challenge: VerifierChallenge(hash),
                port: LoopbackPort::new(5000),
            },
            Aim::Developer {
                asking: session,
                name: "\"upload\" from the studio".to_owned(),
                life: TokenLife::default(),
            },
        ] {
            for (binding, next) in [(None, None), (Some(hash), SitePath::parse("/a?b=c").ok())] {
                let state = SignInState {
                    aim: aim.clone(),
                    binding,
                    next: next.clone(),
                };
                let bytes = state.to_bytes();
                let read = SignInState::from_bytes(&bytes).unwrap();
                assert_eq!(read.to_bytes(), bytes);
                assert!(read.binding == binding && read.next == next);
                assert!(SignInState::from_bytes(&bytes[1..]).is_none());
            }
        }
        assert!(SignInState::from_bytes(b"{\"version\":2}").is_none());
    }
}
