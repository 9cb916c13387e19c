//! The words of gatefold as types: pure, without I/O.

mod audio;
mod civil;
mod clock;
mod decision;
mod did;
mod gate;
mod handle;
mod id;
pub mod percent;
mod session;
pub mod text;
mod tid;
mod timestamp;
mod track;

pub use audio::AudioFormat;
pub use civil::Civil;
pub use clock::Clock;
pub use decision::{Access, Decision, Support, SupportQuestion};
pub use did::{Did, DidMethod, InvalidDid};
pub use gate::{Downloads, Gate, InvalidWord, Visibility};
pub use handle::{Handle, InvalidHandle};
pub use id::{AlbumId, ImageId, UploadId};
pub use session::{InvalidSessionId, InvalidSessionKind, SessionId, SessionKind};
pub use tid::tid;
pub use timestamp::Timestamp;
pub use track::{FileId, IdBytes, InvalidId, ObjectKey, ObjectKeyRef, TrackId};
