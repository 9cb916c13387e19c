//! Finding things by their words.

use std::collections::HashMap;

use gatefold_domain::{Did, TrackId};
use gatefold_store::{Album, AlbumsOf, Artist, DocumentKind, Hit, TagCount, fits};

use super::{Library, Seen};
use crate::Trouble;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Tracks.
    Track,
    /// Artists.
    Artist,
    /// Albums.
    Album,
    /// Words on tracks.
    Tag,
}

/// Something that was found.
pub enum Found {
    /// A track.
    Track(Box<Seen>),
    /// An artist.
    Artist(Artist),
    /// An album.
    Album(Album),
    /// A word on tracks.
    Tag(TagCount),
}

impl Kind {
    /// What is looked for among documents; `None` for what is none.
    const fn document(self) -> Option<DocumentKind> {
        match self {
            Self::Track => Some(DocumentKind::Track),
            Self::Artist => Some(DocumentKind::Artist),
            Self::Album => Some(DocumentKind::Album),
            Self::Tag => None,
        }
    }
}

impl Library {
    /// What has these words, or some that begin so, what fits best first: each with how well it fits.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn search(
        &self,
        question: &str,
        (kind, most): (Option<Kind>, u32),
        viewer: Option<&Did>,
    ) -> Result<Vec<(Found, f64)>, Trouble> {
        let mut found = Vec::new();
        if kind.is_none_or(|kind| kind == Kind::Tag) {
            let tags = self.tags(question.trim(), most).await?;
            let fitting = tags.into_iter().map(|tag| {
                let fit = fits(question, &tag.name);
                (Found::Tag(tag), fit)
            });
            found.extend(fitting);
        }
        if kind != Some(Kind::Tag) {
            let kind = kind.and_then(Kind::document);
            let documents = self.0.store.documents();
            let hits = documents.find(question, kind, most).await?;
            found.extend(self.found(hits, viewer).await?);
        }
        found.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(found)
    }

    async fn found(
        &self,
        hits: Vec<Hit>,
        viewer: Option<&Did>,
    ) -> Result<Vec<(Found, f64)>, Trouble> {
        let store = &self.0.store;
        let ids: Vec<TrackId> = hits
            .iter()
            .filter(|hit| hit.kind == DocumentKind::Track)
            .filter_map(|hit| hit.key.parse().ok())
            .collect();
        let tracks = store.tracks().shown_of(&ids, viewer).await?;
        let tracks = self.seen(tracks, viewer).await.into_iter();
        let mut tracks: HashMap<_, _> = tracks
            .map(|seen| (seen.listed.track.id.to_string(), seen))
            .collect();
        let mut found = Vec::with_capacity(hits.len());
        for hit in hits {
            let it = match hit.kind {
                DocumentKind::Track => tracks.remove(&hit.key).map(Box::new).map(Found::Track),
                DocumentKind::Artist => match hit.key.parse() {
                    Ok(did) => store.artists().get(&did).await?.map(Found::Artist),
                    Err(_) => None,
                },
                DocumentKind::Album => match hit.key.parse() {
                    Ok(id) => {
                        let albums = store.albums().shown(AlbumsOf::Id(id), 1).await?;
                        albums.into_iter().next().map(Found::Album)
                    }
                    Err(_) => None,
                },
            };
            // What is no longer seen by everybody is not found.
            found.extend(it.map(|it| (it, hit.relevance)));
        }
        Ok(found)
    }
}
