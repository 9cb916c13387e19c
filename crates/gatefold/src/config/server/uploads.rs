//! `[server.uploads]`: what artists may send, and what follows it.

use std::{path::PathBuf, time::Duration};

use gatefold_ops::config::{Fields, Section, Size, Wrong};

/// What artists may send, and what follows it.
pub(crate) struct Uploads {
    /// The largest audio file.
    pub(crate) audio: Size,
    /// The largest picture.
    pub(crate) picture: Size,
    /// What one artist may keep.
    pub(crate) quota: Size,
    /// A folder for what is being worked on.
    pub(crate) work: Option<PathBuf>,
    /// What the collections of records begin with.
    pub(crate) namespace: String,
    /// How long work is believed to go on of which nothing is heard.
    pub(crate) lease: Duration,
    /// How old something has to be that nothing refers to before it is removed.
    pub(crate) sweep_after: Duration,
}

impl Default for Uploads {
    fn default() -> Self {
        Self {
            audio: Size::gib(4),
            picture: Size::mib(20),
            quota: Size::gib(50),
            work: None,
            namespace: "fm.plyr".to_owned(),
            lease: gatefold_app::jobs::LEASE,
            sweep_after: Duration::from_hours(1),
        }
    }
}

impl Section for Uploads {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.ranged(
            "audio",
            &mut self.audio,
            Size::mib(1)..=Size::gib(64),
            "The largest audio file that is taken.",
        );
        on.ranged(
            "picture",
            &mut self.picture,
            Size::kib(64)..=Size::mib(100),
            "The largest picture that is taken.",
        );
        on.ranged(
            "quota",
            &mut self.quota,
            Size::mib(1)..=Size::gib(1 << 20),
            "How much one artist may keep, their earlier revisions included.",
        );
        on.field(
            "work",
            &mut self.work,
            "A folder for what is being worked on, with room for a few uploads: `work` beside the buckets \
             unless another is named. It may be emptied while the site does not run.",
        );
        on.field(
            "namespace",
            &mut self.namespace,
            "What the collections begin with in which records of tracks (`.track`) and likes (`.like`) \
             are written. The scope that is asked of accounts has to allow them.",
        );
        on.ranged(
            "lease",
            &mut self.lease,
            Duration::from_secs(1)..=Duration::from_mins(10),
            "How long work is believed to go on of which nothing is heard: so long after a process has died, \
             another one goes on with what it was at.",
        );
        on.ranged(
            "sweep_after",
            &mut self.sweep_after,
            Duration::from_secs(1)..=Duration::from_hours(24 * 30),
            "How old an object of a bucket has to be that nothing refers to before it is removed, and how \
             long an upload may stand still.",
        );
    }

    fn validate(&self, wrong: &mut Wrong<'_>) {
        let is_word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let is_good = self.namespace.split('.').count() >= 2
            && self.namespace.split('.').all(is_word)
            && self.namespace.len() <= 200;
        if !is_good {
            wrong.field(
                "namespace",
                "this is a domain, the other way round, such as \"fm.plyr\"",
            );
        }
    }
}
