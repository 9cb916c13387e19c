//! A list of who supports whom, for demonstrations and tests.

use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock},
};

use gatefold_domain::Did;

use super::registry::{Asking, Registry};

/// Supporters with their artists. Everybody else supports nobody.
#[derive(Debug, Default)]
pub struct FixedList(RwLock<HashSet<(Did, Did)>>);

impl FixedList {
    /// From now on, somebody supports an artist.
    pub fn add(&self, supporter: &Did, artist: &Did) {
        let mut list = self.0.write().unwrap_or_else(PoisonError::into_inner);
        list.insert((supporter.clone(), artist.clone()));
    }

    /// From now on, they do not.
    pub fn remove(&self, supporter: &Did, artist: &Did) {
        let mut list = self.0.write().unwrap_or_else(PoisonError::into_inner);
        list.remove(&(supporter.clone(), artist.clone()));
    }
}

impl Registry for FixedList {
    fn ask<'a>(&'a self, supporter: &'a Did, artist: &'a Did) -> Asking<'a> {
        let list = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_there = list.contains(&(supporter.clone(), artist.clone()));
        Box::pin(std::future::ready(Ok(is_there)))
    }
}
