//! Speaks to a gatefold server, or to one that has the same API, as a program does.
//!
//! A [`Client`] asks one [`Server`], with a [`Token`] where there is one. What is asked and answered is
//! in types; nothing here knows a terminal. [`SignIn`] is how a person signs a program in through their
//! browser.

mod account;
mod artist;
mod client;
mod download;
mod edit;
mod error;
mod events;
mod file_name;
mod form;
mod progress;
mod server;
mod sign_in;
mod token;
mod track;
mod tracks;
mod upload;

pub use account::{DeveloperToken, Me};
pub use artist::{Artist, ArtistChange};
pub use client::Client;
pub use download::Download;
pub use error::{ClientError, Refusal};
pub use events::{Events, TooLong};
pub use file_name::of_header as file_name;
pub use progress::{Step, Uploaded};
pub use server::{InvalidServer, Server};
pub use sign_in::{SignIn, SignedIn};
pub use token::{InvalidToken, Token};
pub use track::{InvalidTrack, Track, TrackRef};
pub use tracks::{Filter, Page};
pub use upload::NewTrack;
