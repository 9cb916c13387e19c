//! What has to be so, as far as the artist knows: what was acknowledged is, and what was only asked for may be.

use std::{collections::BTreeMap, fmt};

/// A track that the artist knows of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// The gates that it may have: more than one after a change of which nobody knows whether it holds.
    pub(crate) gated: Vec<bool>,
    /// Whether it was asked to be deleted.
    pub(crate) may_be_gone: bool,
    /// Public addresses that were ever given out.
    pub(crate) addresses: Vec<String>,
}

/// All that the artist knows of.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// By number.
    pub(crate) tracks: BTreeMap<i64, Known>,
    /// Of tracks that are gone for sure: addresses that were ever given out.
    pub(crate) gone: Vec<String>,
    /// Uploads that were accepted, of which it is not known what came.
    pub(crate) uploads: Vec<String>,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) kills: u32,
    pub(crate) asked: u32,
    pub(crate) acknowledged: u32,
    pub(crate) completed: u32,
    pub(crate) probes: u32,
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kills,
            asked,
            acknowledged,
            completed,
            probes,
        } = self;
        write!(
            out,
            "{kills} kills, {asked} things asked for, {acknowledged} acknowledged, {completed} uploads \
             completed, {probes} addresses probed"
        )
    }
}
