//! The use cases that handlers call. Tests put in their place what fails on demand and remembers
//! what it was asked, without a database and an authorization server behind it.

#[cfg(not(test))]
pub(crate) use gatefold_app::accounts::Accounts;

#[cfg(test)]
pub(crate) use crate::tests::accounts::Accounts;
