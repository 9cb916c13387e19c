//! `[edge.cache]`: what an edge keeps of what it fetched.

use std::{path::PathBuf, time::Duration};

use gatefold_ops::config::{Fields, Section, Size, Wrong};

/// What an edge keeps of what it fetched.
pub(crate) struct Cache {
    /// How much in memory.
    pub(crate) memory: Size,
    /// Where on disk.
    pub(crate) folder: Option<PathBuf>,
    /// How much on disk.
    pub(crate) disk: Size,
    /// In pieces of which size.
    pub(crate) slice: Size,
    /// How long what an origin said of an object is trusted.
    pub(crate) fresh: Duration,
    /// How long beyond that, while the origin cannot be asked.
    pub(crate) stale: Duration,
    /// The largest object that is kept although its origin gives no parts.
    pub(crate) whole: Size,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            memory: Size::mib(256),
            folder: None,
            disk: Size(0),
            slice: Size::kib(512),
            fresh: Duration::from_mins(1),
            stale: Duration::from_mins(10),
            whole: Size::mib(64),
        }
    }
}

impl Section for Cache {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.ranged(
            "memory",
            &mut self.memory,
            Size(0)..=Size::gib(1024),
            "How much is kept in memory.",
        );
        on.field(
            "folder",
            &mut self.folder,
            "A folder for what is kept on disk, for this edge alone. It may be emptied while \
             no edge runs.",
        );
        on.ranged(
            "disk",
            &mut self.disk,
            Size(0)..=Size::gib(1 << 20),
            "How much is kept there.",
        );
        on.ranged(
            "slice",
            &mut self.slice,
            Size::kib(64)..=Size::mib(4),
            "The size of the pieces in which objects are fetched and kept.",
        );
        on.ranged(
            "fresh",
            &mut self.fresh,
            Duration::ZERO..=Duration::from_hours(24),
            "How long an object is taken to be what it was before its origin is asked again.",
        );
        on.ranged(
            "stale",
            &mut self.stale,
            Duration::ZERO..=Duration::from_hours(24),
            "How long beyond that it is still served while its origin cannot be asked.",
        );
        on.ranged(
            "whole",
            &mut self.whole,
            Size(0)..=Size::gib(1),
            "The largest object that is kept although its origin gives no parts of it: it is fetched \
             whole. Larger ones pass through each time anew.",
        );
    }

    fn validate(&self, wrong: &mut Wrong<'_>) {
        let room = Size(self.slice.0.saturating_mul(4));
        if self.memory.0 > 0 && self.memory < room {
            wrong.field(
                "memory",
                format!("room for four slices is the least: {room}, or \"0 B\" for none"),
            );
        }
        match (&self.folder, self.disk.0) {
            (None, 1..) => wrong.field("disk", "where? Set folder too, or leave disk out"),
            (Some(_), 0) => wrong.field(
                "folder",
                "how much may be kept there? Set disk too, for example to \"10 GiB\"",
            ),
            (Some(_), 1..) if self.disk < room => {
                wrong.field("disk", format!("room for four slices is the least: {room}"));
            }
            _ => {}
        }
    }
}
