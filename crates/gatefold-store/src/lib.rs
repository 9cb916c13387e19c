//! The database: tables, migrations, encrypted columns, leases. All SQL is here.
//!
//! The same statements run on SQLite (the default, one file) and on PostgreSQL (several servers); each
//! table has its file, which turns rows into the domain's types. Time is a parameter of every call
//! that needs it, randomness one of [`Crypter::new`].
//!
//! What is acknowledged is kept: SQLite writes with `synchronous=FULL`, and a statement's answer is
//! read to its end, so that its commit is part of it. A read that begins after a write was answered
//! sees it, in every process.
//!
//! | bound | SQLite | PostgreSQL |
//! |---|---|---|
//! | connections | 1 that writes, [`Options::connections`] that read | [`Options::connections`] |
//! | waiting for a connection | 5 s | 5 s |
//! | waiting for a lock | 5 s | 5 s |
//! | a statement, with all of its waiting | 15 s | 15 s; 10 s by the server's own measure |
//! | a migration | 10 min | 10 min |
//!
//! What takes longer is [`StoreError::Unavailable`].

mod accounts;
mod albums;
mod artists;
mod audit;
mod changes;
mod connection;
mod crypter;
mod documents;
mod edit;
mod error;
mod exchange_tokens;
mod features;
mod grants;
mod images;
mod installation;
mod jobs;
mod leases;
mod likes;
mod listing;
mod migrate;
mod objects;
mod open;
mod pending;
mod plays;
mod reencrypt;
mod relevance;
mod row;
mod run;
mod sealed_rows;
mod sessions;
mod store;
mod sweep;
mod tags;
mod tracks;
mod uploads;
mod url;
mod waveforms;

pub use accounts::{Account, Accounts};
pub use albums::{Album, AlbumName, Albums, AlbumsOf};
pub use artists::{Artist, Artists, Profile, ProfileEdits};
pub use audit::{Audit, AuditEntry, AuditEvent, AuditPage, NewAuditEntry};
pub use changes::{Change, ChangeCursor, Changes, News};
pub use crypter::{
    Cell, ColumnKey, ColumnKeyId, Crypter, KeyFile, KeyFileError, Randomness, Sealed, SealedError,
};
pub use documents::{DocumentKind, Documents, Hit, fits};
pub use edit::Edit;
pub use error::{Cause, OpenError, StoreError};
pub use exchange_tokens::{ExchangeTokens, NewExchangeToken, NewSecret, Redeemed, Shown, TokenFor};
pub use features::Feature;
pub use grants::{GrantRow, Grants, NewGrant};
pub use images::{Image, Images, NewImage};
pub use installation::Installation;
pub use jobs::{Finished, Job, JobKind, Jobs, Waiting};
pub use leases::Leases;
pub use likes::{Like, Likes};
pub use listing::{Filter, ListedAlbum, ListedTrack};
pub use objects::{BucketName, NewObject, Object, ObjectState, Objects};
pub use open::Watcher;
pub use pending::PendingAuthorizations;
pub use plays::Plays;
pub use reencrypt::{ReencryptCursor, Reencrypted};
pub use sessions::{EndReason, Ended, Session, Sessions};
pub use store::{Options, Store};
pub use sweep::Swept;
pub use tags::{TagCount, Tags};
pub use tracks::{
    AudioFile, Edited, FileRole, NewFile, NewRecording, NewTrack, Restored, Revision, SettlingFile,
    SettlingTrack, Track, TrackEdits, Tracks,
};
pub use uploads::{Accepted, Arrived, Completed, NewUpload, Upload, UploadState, Uploads};
pub use url::{DatabaseUrl, InvalidDatabaseUrl};
pub use waveforms::Waveforms;

/// The SHA-256 of a secret.
pub type Hash = [u8; 32];

/// Names a grant: 16 random bytes, no secret.
pub type GrantKey = [u8; 16];
