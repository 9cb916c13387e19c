//! Finds documents by words, looking at a bounded number of them however many have the words.
//!
//! For each word of the question, the newest documents are listed that have it, and those that have one
//! which begins so: in their titles, and elsewhere. The word with the shortest whole list says what may
//! fit; where all are frequent, the newest that have one of them are asked for the others. What is left is read,
//! and `relevance` says how well it fits.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    DeriveIden,
    sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement, UnionType},
};

use super::{Column, DocumentKind, Hit, Table};
use crate::{connection::On, error::StoreError, relevance::relevance, row::get, run};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "document_words")]
pub(super) struct Words;

#[derive(DeriveIden, Clone, Copy)]
pub(super) enum WordColumn {
    Kind,
    InTitle,
    Word,
    Document,
}

/// Of how many documents that have one frequent word it is asked whether they have the others.
const ASKED: u64 = 256;

/// How many documents of a kind are read, and are in one list, for so many that are wanted.
fn enough(most: u32) -> u32 {
    most.saturating_mul(2).clamp(20, 100)
}

/// Where a word stands, the best place first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// The title is the question.
    WholeTitle,
    Title,
    /// A word that begins so.
    TitleBegins,
    Elsewhere,
    ElsewhereBegins,
}

const PLACES: [Place; 5] = [
    Place::WholeTitle,
    Place::Title,
    Place::TitleBegins,
    Place::Elsewhere,
    Place::ElsewhereBegins,
];

/// The documents of one kind that have a word of the question.
#[derive(Default)]
struct Having {
    /// The best places first; of a place, the newest first.
    listed: Vec<i64>,
    /// Whether there are more than are listed.
    is_cut: bool,
}

/// What has all of the words, how well it fits, and how new it is; in no order.
pub(super) async fn find(
    on: &impl On,
    words: &[String],
    kinds: &[DocumentKind],
    most: u32,
) -> Result<BTreeMap<i64, Hit>, StoreError> {
    let enough = enough(most);
    let mut ids = BTreeSet::new();
    let mut having: Vec<Vec<Having>> = Vec::new();
    for (number, word) in words.iter().enumerate() {
        let whole = (number == 0).then(|| words.join(" "));
        let (titled, lists) = lists(on, (word, whole.as_deref()), kinds, enough).await?;
        ids.extend(titled);
        having.push(lists);
    }
    for (number, kind) in kinds.iter().enumerate() {
        let lists = having.iter().filter_map(|lists| lists.get(number));
        let whole = lists.clone().filter(|list| !list.is_cut);
        match (whole.min_by_key(|list| list.listed.len()), words) {
            (Some(shortest), _) => ids.extend(&shortest.listed),
            (None, [_]) => {
                let listed = lists.flat_map(|list| &list.listed);
                ids.extend(listed.take(enough as usize));
            }
            (None, _) => ids.extend(together(on, words, *kind, enough).await?),
        }
    }
    read(on, words, &ids).await
}

/// For each kind, which documents have a word; and those whose title is the whole question.
async fn lists(
    on: &impl On,
    (word, whole): (&str, Option<&str>),
    kinds: &[DocumentKind],
    enough: u32,
) -> Result<(Vec<i64>, Vec<Having>), StoreError> {
    let mut parts = Vec::new();
    for (number, kind) in kinds.iter().enumerate() {
        for (place_number, place) in PLACES.into_iter().enumerate() {
            let list = match (place, whole) {
                (Place::WholeTitle, None) => continue,
                (Place::WholeTitle, Some(title)) => with_title(*kind, title, enough),
                _ => with_word(*kind, place, word, enough),
            };
            // Numbers of ours, which are no text.
            let named = |number: usize| Expr::cust(number.to_string());
            parts.push(
                Query::select()
                    .expr_as(named(number), Alias::new("of_kind"))
                    .expr_as(named(place_number), Alias::new("place"))
                    .column(WordColumn::Document)
                    .from_subquery(list, Alias::new("list"))
                    .to_owned(),
            );
        }
    }
    let mut parts = parts.into_iter();
    let mut statement = parts.next().unwrap_or_default();
    for part in parts {
        statement.union(UnionType::All, part);
    }
    let mut titled = Vec::new();
    let mut found: BTreeMap<(i64, Place), Vec<i64>> = BTreeMap::new();
    for row in &run::all(on, &statement).await? {
        let place: i64 = integer(row, "place")?;
        let place = usize::try_from(place).ok().and_then(|at| PLACES.get(at));
        let place = *place.ok_or(StoreError::defect("a word stands nowhere"))?;
        let document = get(row, "document")?;
        if place == Place::WholeTitle {
            titled.push(document);
        } else {
            let of_kind = integer(row, "of_kind")?;
            found.entry((of_kind, place)).or_default().push(document);
        }
    }
    let mut having: Vec<_> = kinds.iter().map(|_| Having::default()).collect();
    for ((of_kind, _), listed) in found {
        let having = usize::try_from(of_kind)
            .ok()
            .and_then(|at| having.get_mut(at));
        let having = having.ok_or(StoreError::defect("a document is of no kind"))?;
        having.is_cut |= listed.len() > enough as usize;
        having.listed.extend(listed);
    }
    Ok((titled, having))
}

/// A number that was written into a statement: PostgreSQL's are of 32 bits.
fn integer(row: &sea_orm::QueryResult, column: &str) -> Result<i64, StoreError> {
    get::<i32>(row, column)
        .map(i64::from)
        .or_else(|_| get::<i64>(row, column))
}

fn with_title(kind: DocumentKind, title: &str, enough: u32) -> SelectStatement {
    Query::select()
        .expr_as(Expr::col(Column::Id), WordColumn::Document)
        .from(Table)
        .and_where(Expr::col(Column::Kind).eq(kind.as_str()))
        .and_where(Expr::col(Column::Title).eq(title))
        .order_by(Column::Id, Order::Desc)
        .limit(enough.into())
        .to_owned()
}

/// One more than are enough, which tells whether there are more.
fn with_word(kind: DocumentKind, place: Place, word: &str, enough: u32) -> SelectStatement {
    let in_title = i64::from(matches!(place, Place::Title | Place::TitleBegins));
    let mut statement = Query::select();
    statement
        .column(WordColumn::Document)
        .from(Words)
        .and_where(Expr::col(WordColumn::Kind).eq(kind.as_str()))
        .and_where(Expr::col(WordColumn::InTitle).eq(in_title))
        .limit(u64::from(enough).saturating_add(1));
    if matches!(place, Place::Title | Place::Elsewhere) {
        statement
            .and_where(Expr::col(WordColumn::Word).eq(word))
            .order_by(WordColumn::Document, Order::Desc);
    } else {
        // In the order of the words: the newest of all that begin so would be all of them, in an order.
        statement
            .and_where(Expr::col(WordColumn::Word).gt(word))
            .and_where(Expr::col(WordColumn::Word).lt(last(word)));
    }
    statement
}

/// What no word that begins so comes after.
fn last(word: &str) -> String {
    format!("{word}{}", char::MAX)
}

/// Those of the newest with the longest of some frequent words in their title that have the others, too.
async fn together(
    on: &impl On,
    words: &[String],
    kind: DocumentKind,
    enough: u32,
) -> Result<Vec<i64>, StoreError> {
    let longest = words.iter().max_by_key(|word| word.len());
    let Some(longest) = longest else {
        return Ok(Vec::new());
    };
    let newest = Query::select()
        .column(WordColumn::Document)
        .from(Words)
        .and_where(Expr::col(WordColumn::Kind).eq(kind.as_str()))
        .and_where(Expr::col(WordColumn::InTitle).eq(1i64))
        .and_where(Expr::col(WordColumn::Word).eq(longest.as_str()))
        .order_by(WordColumn::Document, Order::Desc)
        .limit(ASKED)
        .to_owned();
    let asked = Alias::new("asked");
    let mut statement = Query::select();
    statement
        .column((asked.clone(), WordColumn::Document))
        .from_subquery(newest, asked.clone())
        .order_by((asked.clone(), WordColumn::Document), Order::Desc)
        .limit(enough.into());
    for other in words.iter().filter(|word| *word != longest) {
        let has_it = Query::select()
            .expr(Expr::value(1))
            .from(Words)
            .and_where(
                Expr::col((Words, WordColumn::Document))
                    .equals((asked.clone(), WordColumn::Document)),
            )
            .and_where(Expr::col((Words, WordColumn::Word)).gte(other.as_str()))
            .and_where(Expr::col((Words, WordColumn::Word)).lt(last(other)))
            .to_owned();
        statement.and_where(Expr::exists(has_it));
    }
    let rows = run::all(on, &statement).await?;
    rows.iter().map(|row| get(row, "document")).collect()
}

/// Reads what may fit, and leaves out what does not.
async fn read(
    on: &impl On,
    words: &[String],
    ids: &BTreeSet<i64>,
) -> Result<BTreeMap<i64, Hit>, StoreError> {
    let mut found = BTreeMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let statement = Query::select()
        .columns([
            Column::Id,
            Column::Kind,
            Column::Key,
            Column::Title,
            Column::Words,
        ])
        .from(Table)
        .and_where(Expr::col(Column::Id).is_in(ids.iter().copied()))
        .to_owned();
    for row in &run::all(on, &statement).await? {
        let (title, beside): (String, String) = (get(row, "title")?, get(row, "words")?);
        let Some(relevance) = relevance(words, &title, &beside) else {
            continue;
        };
        let kind: String = get(row, "kind")?;
        let mut kinds = DocumentKind::ALL.into_iter();
        let kind = kinds.find(|known| known.as_str() == kind);
        let hit = Hit {
            kind: kind.ok_or(StoreError::defect("a document is of an unknown kind"))?,
            key: get(row, "key")?,
            relevance,
        };
        found.insert(get(row, "id")?, hit);
    }
    Ok(found)
}
