//! The use case.

use std::{sync::Arc, time::Duration};

use gatefold_domain::{Access, AudioFormat, Clock, Decision, Did, FileId, ObjectKey, Visibility};
use gatefold_seal::UnixSeconds;

use super::{Delivery, Link, PlayError, Sealer, TokenRefusal};
use crate::{
    supporters::Supporters,
    tracks::{Playable, Tracks},
};

/// When to ask again what cannot be told at the moment, where nobody knows better.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// A granted play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Play {
    /// The file.
    pub file: FileId,
    /// Its format.
    pub format: AudioFormat,
    /// Where it is heard.
    pub link: Link,
}

/// Why a token gives nothing.
#[derive(Debug, thiserror::Error)]
pub enum RedeemError {
    /// For what it is.
    #[error(transparent)]
    Token(#[from] TokenRefusal),
    /// For what has changed since.
    #[error(transparent)]
    Play(#[from] PlayError),
}

/// Decides over plays, and delivers what it grants.
pub struct Playing {
    tracks: Arc<Tracks>,
    pub(super) supporters: Supporters,
    delivery: Delivery,
    clock: Arc<dyn Clock>,
}

impl Playing {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        tracks: Arc<Tracks>,
        supporters: Supporters,
        delivery: Delivery,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            tracks,
            supporters,
            delivery,
            clock,
        }
    }

    /// Seals with something else from now on.
    pub fn set_sealer(&self, sealer: Sealer) {
        self.delivery.set_sealer(sealer);
    }

    /// Whether a viewer, or somebody who is not signed in, may hear a file: its track.
    ///
    /// # Errors
    /// Why not.
    pub async fn ask(
        &self,
        viewer: Option<&Did>,
        file: &FileId,
    ) -> Result<Arc<Playable>, PlayError> {
        let found = self.tracks.by_file(file).await?;
        let found = found.ok_or(PlayError::Absent)?;
        let (decision, retry_after) = self.decide(&found.track.access, viewer).await;
        match decision {
            // A file without a public copy reaches only who can be named in a link.
            Decision::Play if viewer.is_none() && public_copy(&found).is_none() => {
                Err(PlayError::Publishing)
            }
            Decision::Play => Ok(found),
            Decision::Absent => Err(PlayError::Absent),
            Decision::SignIn => Err(PlayError::SignIn),
            Decision::Support => Err(PlayError::Support(found)),
            Decision::Unknown => Err(PlayError::Unknown {
                retry_after: retry_after.unwrap_or(ASK_AGAIN),
            }),
        }
    }

    /// Where a viewer, or somebody who is not signed in, can hear a file.
    ///
    /// # Errors
    /// Why they cannot.
    pub async fn play(&self, viewer: Option<&Did>, file: &FileId) -> Result<Play, PlayError> {
        let found = self.ask(viewer, file).await?;
        let audio = &found.track.audio;
        let link = match (public_copy(&found), viewer) {
            (Some(key), _) => self.delivery.public(key),
            (None, Some(viewer)) => self.delivery.private(&found, viewer, self.now()).await?,
            (None, None) => return Err(PlayError::Publishing),
        };
        Ok(Play {
            file: audio.id.clone(),
            format: audio.format,
            link,
        })
    }

    /// Where a viewer saves a file that they [may have](Playing::ask), when that is not at the site: what
    /// the answer there says of how it is kept (RFC 6266) is given.
    ///
    /// # Errors
    /// When the address cannot be made.
    pub async fn save(
        &self,
        found: &Playable,
        disposition: &str,
    ) -> Result<Option<String>, PlayError> {
        if public_copy(found).is_some() {
            // An address that works by itself would outlive a gate that is put up.
            return Ok(None);
        }
        self.delivery.saved(found, disposition, self.now()).await
    }

    /// What a token of a viewer is for, and until when it is theirs. They, and the track, are looked at
    /// anew.
    ///
    /// # Errors
    /// When it is not theirs or over, and why they may not hear the file any more.
    pub async fn redeem(
        &self,
        viewer: &Did,
        file: &FileId,
        token: &str,
    ) -> Result<(Arc<Playable>, UnixSeconds), RedeemError> {
        let tokens = self.delivery.tokens().ok_or(TokenRefusal::NotTheirs)?;
        let until = tokens.check(token, file, viewer, self.now())?;
        let found = self.ask(Some(viewer), file).await?;
        Ok((found, until))
    }

    /// Whether somebody may still have the bytes that a link of theirs names.
    ///
    /// # Errors
    /// When the database has to be asked and cannot be.
    pub async fn reconsider(
        &self,
        viewer: &Did,
        object: &ObjectKey,
    ) -> Result<Decision, PlayError> {
        let Some(found) = self.tracks.by_object(object).await? else {
            return Ok(Decision::Absent);
        };
        let (decision, _) = self.decide(&found.track.access, Some(viewer)).await;
        Ok(decision)
    }

    fn now(&self) -> UnixSeconds {
        UnixSeconds::from(self.clock.now())
    }

    async fn decide(&self, access: &Access, viewer: Option<&Did>) -> (Decision, Option<Duration>) {
        match access.decide(viewer) {
            Ok(decision) => (decision, None),
            Err(question) => {
                let supporters = &self.supporters;
                let answer = supporters
                    .supports(question.supporter, question.artist)
                    .await;
                (question.decide(answer.support), answer.retry_after)
            }
        }
    }
}

/// The copy that everybody may have. One that is left from before is none: it is about to go.
fn public_copy(found: &Playable) -> Option<&ObjectKey> {
    let Access {
        gate, visibility, ..
    } = found.track.access;
    let is_for_all = gate.is_open() && visibility != Visibility::Draft;
    found.track.audio.public.as_ref().filter(|_| is_for_all)
}
