//! Speaks to a gatefold server, or to one that has the same API, as a program does.
//!
//! A [`Client`] asks one [`Server`], with a [`Token`] where there is one. What is asked and answered is
//! in types; nothing here knows a terminal. [`SignIn`] is how a person signs a program in through their
//! browser.

mod account;
mod client;
mod error;
mod server;
mod sign_in;
mod token;

pub use account::{DeveloperToken, Me};
pub use client::Client;
pub use error::{ClientError, Refusal};
pub use server::{InvalidServer, Server};
pub use sign_in::{SignIn, SignedIn};
pub use token::{InvalidToken, Token};
