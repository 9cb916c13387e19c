//! The format of a vector file; `testdata/sealed-url/README.md` describes it for other languages.

#![expect(
    clippy::struct_field_names,
    reason = "fields are named as in the files"
)]

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The folder of the vectors.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/sealed-url/v1")
}

/// One vector.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Vector {
    Open(Open),
    Sequence(Sequence),
    Mint(Mint),
    Keyring(Keys),
    Window(Window),
    Phase(Phase),
    Source(Source),
    Pattern(Pattern),
    Client(Client),
}

impl Vector {
    /// What the vector shows, in a sentence.
    pub(crate) fn about(&self) -> &str {
        match self {
            Self::Open(case) => &case.about,
            Self::Sequence(case) => &case.about,
            Self::Mint(case) => &case.about,
            Self::Keyring(case) => &case.about,
            Self::Window(case) => &case.about,
            Self::Phase(case) => &case.about,
            Self::Source(case) => &case.about,
            Self::Pattern(case) => &case.about,
            Self::Client(case) => &case.about,
        }
    }

    /// The rules of the specification that it shows.
    pub(crate) fn covers(&self) -> &[String] {
        match self {
            Self::Open(case) => &case.covers,
            Self::Sequence(case) => &case.covers,
            Self::Mint(case) => &case.covers,
            Self::Keyring(case) => &case.covers,
            Self::Window(case) => &case.covers,
            Self::Phase(case) => &case.covers,
            Self::Source(case) => &case.covers,
            Self::Pattern(case) => &case.covers,
            Self::Client(case) => &case.covers,
        }
    }
}

/// A token opened once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Open {
    pub(crate) about: String,
    pub(crate) covers: Vec<String>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) minters: Vec<Minter>,
    pub(crate) token: String,
    pub(crate) now: u64,
    /// Present when the stage `client` is to run too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<Request>,
    pub(crate) expect: Outcome<Opened>,
}

/// Tokens opened one after the other with one keyring.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sequence {
    pub(crate) about: String,
    pub(crate) covers: Vec<String>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) minters: Vec<Minter>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) token: String,
    pub(crate) now: u64,
    pub(crate) expect: Outcome<Opened>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edge {
    pub(crate) private: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retired: Option<u64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Minter {
    pub(crate) psk: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retired: Option<u64>,
    pub(crate) scope: Scope,
}

/// A scope as an operator writes it: what is absent is not configured.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Scope {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) hosts: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) folders: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) private: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) clients: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) longest_lifetime: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) grace: Option<u64>,
}

/// What comes out, or the refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Outcome<T> {
    Refused(Refused),
    Given(T),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refused {
    pub(crate) stage: String,
    pub(crate) code: String,
}

/// What comes out, or the part of the input that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Made<T> {
    Failed(Failed),
    Given(T),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failed {
    pub(crate) error: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Opened {
    pub(crate) minter: String,
    pub(crate) payload: Payload,
}

/// A payload's fields; an absent phase is 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Payload {
    pub(crate) original_source: String,
    pub(crate) valid_until_unix: u64,
    pub(crate) client: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bucket_folder: Option<String>,
    pub(crate) window_index: u64,
    pub(crate) lifetime_seconds: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) phase_seconds: Option<u64>,
}

/// A token made at an instant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Mint {
    pub(crate) about: String,
    pub(crate) covers: Vec<String>,
    pub(crate) edge_public: String,
    pub(crate) psk: String,
    pub(crate) now: u64,
    pub(crate) original_source: String,
    pub(crate) client: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bucket_folder: Option<String>,
    pub(crate) lifetime_seconds: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) phase_seconds: Option<u64>,
    pub(crate) expect: Made<Minted>,
}

/// A token, and what an implementer compares on the way to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Minted {
    pub(crate) plaintext: String,
    pub(crate) header: String,
    pub(crate) ephemeral_material: String,
    pub(crate) enc: String,
    pub(crate) token: String,
}

/// A keyring put together.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    pub(crate) about: String,
    pub(crate) covers: Vec<String>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) minters: Vec<Minter>,
    pub(crate) expect: Made<Ids>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Ids {
    pub(crate) edge_publics: Vec<String>,
    pub(crate) edge_ids: Vec<String>,
    pub(crate) minter_ids: Vec<String>,
}

/// The window that holds an instant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Window {
    pub(crate) about: String,
    pub(crate) covers: Vec<String>,
    pub(crate) now: u64,
    pub(crate) lifetime_seconds: u64,
    pub(crate) phase_seconds: u64,
    pub(crate) expect: Made<Numbered>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Numbered {
    pub(crate) window_index: u64,
    pub(crate) start: u64,
    pub(crate) valid_until_unix: u64,
}

/// The phase of a minter that spreads its boundaries.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Phase {
    pub(crate) about: String,
    pub(crate) covers: Vec<String>,
    pub(crate) psk: String,
    pub(crate) original_source: String,
    pub(crate) lifetime_seconds: u64,
    pub(crate) expect: Phased,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Phased {
    pub(crate) phase_seconds: u64,
}

/// A source read.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) about: String,
    pub(crate) covers: Vec<String>,
    pub(crate) original_source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bucket_folder: Option<String>,
    pub(crate) expect: Outcome<Read>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Read {
    Https { host: String },
    Private { key: String },
    Files { folder: String, name: String },
}

/// A pattern and what it is held against.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pattern {
    pub(crate) about: String,
    pub(crate) covers: Vec<String>,
    /// `host` or `client`.
    pub(crate) of: String,
    pub(crate) pattern: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    pub(crate) expect: Made<Covered>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Covered {
    pub(crate) covered: bool,
}

/// The stage `client` alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Client {
    pub(crate) about: String,
    pub(crate) covers: Vec<String>,
    /// The opened payload's source and client.
    pub(crate) original_source: String,
    pub(crate) client: String,
    pub(crate) request: Request,
    pub(crate) expect: Outcome<Identity>,
}

/// What the stage `client` sees of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// Name and value, in the order of the request.
    pub(crate) headers: Vec<(String, String)>,
    /// The DID that a session or a bound cookie proves.
    pub(crate) did: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    pub(crate) identity: String,
}
