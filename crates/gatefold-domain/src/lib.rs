//! The words of gatefold as types: pure, without I/O.

mod audio;
mod clock;
mod decision;
mod did;
mod gate;
mod handle;
mod id;
mod session;
mod timestamp;
mod track;

pub use audio::AudioFormat;
pub use clock::Clock;
pub use decision::{Access, Decision, Support, SupportQuestion};
pub use did::{Did, DidMethod, InvalidDid};
pub use gate::{Gate, InvalidWord, Visibility};
pub use handle::{Handle, InvalidHandle};
pub use id::{AlbumId, ImageId, UploadId};
pub use session::{InvalidSessionId, InvalidSessionKind, SessionId, SessionKind};
pub use timestamp::Timestamp;
pub use track::{FileId, IdBytes, InvalidId, ObjectKey, ObjectKeyRef, TrackId};
