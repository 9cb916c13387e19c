//! `documents`: what is found by its words. A document is written together with what it is about, and is
//! there only while everybody may see that.

mod finding;

use std::{collections::BTreeSet, slice};

use gatefold_domain::{AlbumId, Did, TrackId};
use sea_orm::{
    DeriveIden,
    sea_query::{Alias, Expr, ExprTrait, OnConflict, Query, Returning},
};

use self::finding::{WordColumn, Words};
use crate::{
    accounts, albums, artists,
    connection::On,
    error::StoreError,
    relevance::relevance,
    row::{get, insert},
    run,
    store::Store,
    tags,
    tracks::{self, Column as TrackColumn},
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "documents")]
struct Table;

#[derive(DeriveIden, Clone, Copy)]
enum Column {
    Id,
    Kind,
    Key,
    Title,
    Words,
}

/// The most words of a question that count.
const MOST_WORDS: usize = 8;

/// What is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// A track.
    Track,
    /// An artist.
    Artist,
    /// An album.
    Album,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Track, Self::Artist, Self::Album];

    /// The word under which it is kept and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Artist => "artist",
            Self::Album => "album",
        }
    }
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// What it is.
    pub kind: DocumentKind,
    /// The number of a track, the DID of an artist, the id of an album.
    pub key: String,
    /// How well it fits: 1 is a title that is the question.
    pub relevance: f64,
}

/// What is found by its words.
#[derive(Clone, Copy)]
pub struct Documents<'a>(pub(crate) &'a Store);

impl Documents<'_> {
    /// What has all of these words, or words that begin so; of one kind where it is named. What fits best
    /// comes first, and of what fits alike, the newest. Of a great many that have the words, some are left out.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn find(
        &self,
        question: &str,
        kind: Option<DocumentKind>,
        most: u32,
    ) -> Result<Vec<Hit>, StoreError> {
        let words = words(question);
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let kinds = kind
            .as_ref()
            .map_or(&DocumentKind::ALL[..], slice::from_ref);
        let found = finding::find(self.0.reader(), &words, kinds, most).await?;
        let mut hits: Vec<_> = found.into_values().rev().collect();
        hits.sort_by(|one, other| other.relevance.total_cmp(&one.relevance));
        hits.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(hits)
    }
}

/// How well a title fits a question, as [`Hit::relevance`] says it.
#[must_use]
pub fn fits(question: &str, title: &str) -> f64 {
    relevance(&words(question), &in_words(title), "").unwrap_or_default()
}

/// The words of a question: letters and digits, and nothing that means something to a database.
fn words(question: &str) -> Vec<String> {
    every_word(question).take(MOST_WORDS).collect()
}

/// A text as it is kept: both databases find the same words in it, in every script.
fn in_words(text: &str) -> String {
    every_word(text).collect::<Vec<_>>().join(" ")
}

fn every_word(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Makes a track be found, as it is now, or no longer.
pub(crate) async fn track(on: &impl On, id: TrackId, is_shown: bool) -> Result<(), StoreError> {
    let key = id.to_string();
    if !is_shown {
        return remove(on, DocumentKind::Track, &key).await;
    }
    let statement = Query::select()
        .column((tracks::Table, TrackColumn::Title))
        .expr_as(
            Expr::col((albums::Table, albums::Column::Title)),
            Alias::new("album"),
        )
        .from(tracks::Table)
        .left_join(
            albums::Table,
            Expr::col((albums::Table, albums::Column::Id))
                .equals((tracks::Table, TrackColumn::Album)),
        )
        .and_where(Expr::col((tracks::Table, TrackColumn::Id)).eq(id.get()))
        .to_owned();
    let Some(row) = run::one(on, &statement).await? else {
        return Ok(());
    };
    let mut words = tags::of(on, id).await?;
    words.extend(get::<Option<String>>(&row, "album")?);
    let title: String = get(&row, "title")?;
    put(on, DocumentKind::Track, &key, (&title, &words.join(" "))).await
}

/// Makes an artist be found, as they show themselves now.
pub(crate) async fn artist(on: &impl On, did: &Did) -> Result<(), StoreError> {
    let statement = Query::select()
        .column((artists::Table, artists::Column::DisplayName))
        .expr_as(
            Expr::col((accounts::Table, accounts::Column::Handle)),
            Alias::new("handle"),
        )
        .from(artists::Table)
        .inner_join(
            accounts::Table,
            Expr::col((accounts::Table, accounts::Column::Did))
                .equals((artists::Table, artists::Column::Did)),
        )
        .and_where(Expr::col((artists::Table, artists::Column::Did)).eq(did.as_str()))
        .to_owned();
    let Some(row) = run::one(on, &statement).await? else {
        return Ok(());
    };
    let name: String = get(&row, "display_name")?;
    let handle: Option<String> = get(&row, "handle")?;
    let words = handle.unwrap_or_default();
    put(on, DocumentKind::Artist, did.as_str(), (&name, &words)).await
}

/// Makes an album be found.
pub(crate) async fn album(on: &impl On, id: AlbumId, title: &str) -> Result<(), StoreError> {
    put(on, DocumentKind::Album, &id.to_string(), (title, "")).await
}

/// Makes something be found no longer.
pub(crate) async fn remove(on: &impl On, kind: DocumentKind, key: &str) -> Result<(), StoreError> {
    let statement = Query::delete()
        .from_table(Table)
        .and_where(Expr::col(Column::Kind).eq(kind.as_str()))
        .and_where(Expr::col(Column::Key).eq(key))
        .to_owned();
    run::at_most_one(on, &statement).await?;
    Ok(())
}

async fn put(
    on: &impl On,
    kind: DocumentKind,
    key: &str,
    (title, words): (&str, &str),
) -> Result<(), StoreError> {
    let mut statement = insert(
        Table,
        [
            (Column::Kind, kind.as_str().into()),
            (Column::Key, key.into()),
            (Column::Title, in_words(title).into()),
            (Column::Words, in_words(words).into()),
        ],
    )?;
    statement
        .on_conflict(
            OnConflict::columns([Column::Kind, Column::Key])
                .update_columns([Column::Title, Column::Words])
                .to_owned(),
        )
        .returning(Returning::new().column(Column::Id));
    let row = run::one(on, &statement).await?;
    let row = row.ok_or(StoreError::defect(
        "a document was written, and is not there",
    ))?;
    let id: i64 = get(&row, "id")?;
    let statement = Query::delete()
        .from_table(Words)
        .and_where(Expr::col(WordColumn::Document).eq(id))
        .to_owned();
    run::count(on, &statement).await?;
    let places = [(1, title), (0, words)];
    let places: BTreeSet<(i64, String)> = places
        .into_iter()
        .flat_map(|(in_title, text)| every_word(text).map(move |word| (in_title, word)))
        .collect();
    for (in_title, word) in places {
        let statement = insert(
            Words,
            [
                (WordColumn::Kind, kind.as_str().into()),
                (WordColumn::InTitle, in_title.into()),
                (WordColumn::Word, word.into()),
                (WordColumn::Document, id.into()),
            ],
        )?;
        run::exactly_one(on, &statement).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_its_words() {
        for (question, expected) in [
            ("Night Tram", &["night", "tram"][..]),
            ("  夜の 電車! ", &["夜の", "電車"]),
            ("\"a\" OR b* -c & (d):*", &["a", "or", "b", "c", "d"]),
            ("'; DROP TABLE x", &["drop", "table", "x"]),
            ("?!", &[]),
            ("", &[]),
        ] {
            assert_eq!(words(question), expected, "{question}");
        }
        assert_eq!(words(&"a ".repeat(99)).len(), MOST_WORDS);
    }
}
