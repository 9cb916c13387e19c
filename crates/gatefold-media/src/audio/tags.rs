//! What a file says of itself: title, artist, album, comment and its picture, all of it a stranger's
//! words.

use serde::{Deserialize, Serialize};
use symphonia::core::{
    formats::FormatReader,
    meta::{
        MetadataContainer, MetadataRevision, RawTag, StandardTag, StandardVisualKey, Tag, Visual,
    },
};

/// The most characters of a title, an artist or an album.
pub const LINE: usize = 200;
/// The most characters of a comment.
pub const COMMENT: usize = 2000;
/// The most bytes of an embedded picture that are looked at.
const PICTURE: usize = 16 * 1024 * 1024;

/// What a file says of itself, as plain text: one line each, a comment several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    /// What it is called.
    pub title: Option<String>,
    /// Who made it.
    pub artist: Option<String>,
    /// What it is a part of.
    pub album: Option<String>,
    /// What else its maker says.
    pub comment: Option<String>,
}

impl Tags {
    /// The same with only plain text of bounded length in it.
    pub(crate) fn cleaned(self) -> Self {
        let line = |text: Option<String>| text.and_then(|text| clean(&text, LINE, false));
        Self {
            title: line(self.title),
            artist: line(self.artist),
            album: line(self.album),
            comment: self.comment.and_then(|text| clean(&text, COMMENT, true)),
        }
    }
}

/// Takes what a reader has found. What it found later counts more: a container's own tags more than
/// `ID3v2`, and that more than `ID3v1`, whose titles are cut.
pub(super) fn collect(reader: &mut dyn FormatReader) -> (Tags, Option<Box<[u8]>>) {
    let (mut tags, mut picture) = (Tags::default(), None);
    let mut metadata = reader.metadata();
    loop {
        if let Some(revision) = metadata.current() {
            absorb(revision, &mut tags, &mut picture);
        }
        if metadata.is_latest() {
            return (tags.cleaned(), picture);
        }
        metadata.pop();
    }
}

fn absorb(revision: &MetadataRevision, tags: &mut Tags, picture: &mut Option<Box<[u8]>>) {
    let tracks = revision.per_track.iter().map(|track| &track.metadata);
    let mut found = Tags::default();
    for container in std::iter::once(&revision.media).chain(tracks) {
        for tag in &container.tags {
            absorb_tag(tag, &mut found);
        }
        if let Some(visual) = cover(container) {
            *picture = Some(visual.data.clone());
        }
    }
    let newer = |to: &mut Option<String>, from: Option<String>| {
        if from.is_some() {
            *to = from;
        }
    };
    newer(&mut tags.title, found.title);
    newer(&mut tags.artist, found.artist);
    newer(&mut tags.album, found.album);
    newer(&mut tags.comment, found.comment);
}

fn absorb_tag(tag: &Tag, found: &mut Tags) {
    let (to, value) = match &tag.std {
        Some(StandardTag::TrackTitle(value)) => (&mut found.title, value),
        Some(StandardTag::Artist(value)) => (&mut found.artist, value),
        Some(StandardTag::Album(value)) => (&mut found.album, value),
        Some(StandardTag::Comment(value)) if !is_for_programs(&tag.raw) => {
            (&mut found.comment, value)
        }
        _ => return,
    };
    // The first of several is the one that players show.
    if to.is_none() && !value.trim().is_empty() {
        *to = Some(value.as_str().to_owned());
    }
}

/// Comments in which iTunes keeps volumes and gaps.
fn is_for_programs(raw: &RawTag) -> bool {
    let fields = raw.sub_fields.iter().flatten();
    let mut words = fields.map(|field| field.value.to_string());
    raw.key.contains("iTun") || words.any(|word| word.starts_with("iTun"))
}

fn cover(container: &MetadataContainer) -> Option<&Visual> {
    let fitting = || {
        let visuals = container.visuals.iter();
        visuals.filter(|visual| visual.data.len() <= PICTURE)
    };
    fitting()
        .find(|visual| visual.usage == Some(StandardVisualKey::FrontCover))
        .or_else(|| fitting().next())
}

/// Plain text: no control or formatting characters, no white space but single blanks (and line breaks,
/// where there may be `lines`), at most `most` characters. `None` when nothing is left.
fn clean(text: &str, most: usize, lines: bool) -> Option<String> {
    let mut clean = String::new();
    let mut count = 0_usize;
    let mut gap = None;
    for char in text.chars() {
        if char.is_whitespace() || char.is_control() {
            let broken = lines && char == '\n' || gap == Some('\n');
            gap = Some(if broken { '\n' } else { ' ' });
        } else if !is_unseen(char) {
            let gap = gap.take().filter(|_| !clean.is_empty());
            count = count.saturating_add(if gap.is_some() { 2 } else { 1 });
            if count > most {
                break;
            }
            clean.extend(gap);
            clean.push(char);
        }
    }
    (!clean.is_empty()).then_some(clean)
}

/// Characters that change how others are shown, or show nothing; those that join emoji and letters
/// stay.
const fn is_unseen(char: char) -> bool {
    matches!(
        char,
        '\u{AD}'
            | '\u{61C}'
            | '\u{200B}'
            | '\u{200E}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF0}'..='\u{FFFD}'
            | '\u{E0000}'..='\u{E001F}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_plain_and_bounded() {
        for (text, line, lines) in [
            ("  Night\tTram ", "Night Tram", "Night Tram"),
            ("a\r\n\r\n b\0c", "a b c", "a\nb c"),
            ("\u{202E}gnos\u{202C}", "gnos", "gnos"),
            ("zero\u{200B}width\u{FEFF}", "zerowidth", "zerowidth"),
            (
                "👩\u{200D}🎤 नमस्ते",
                "👩\u{200D}🎤 नमस्ते",
                "👩\u{200D}🎤 नमस्ते",
            ),
            ("<b>bold</b>", "<b>bold</b>", "<b>bold</b>"),
        ] {
            assert_eq!(clean(text, LINE, false).as_deref(), Some(line));
            assert_eq!(clean(text, COMMENT, true).as_deref(), Some(lines));
        }
        for nothing in ["", " \n\0", "\u{200B}\u{FEFF}"] {
            assert_eq!(clean(nothing, LINE, false), None);
        }
        let long = "ü ".repeat(LINE);
        assert_eq!(clean(&long, LINE, false).unwrap().chars().count(), LINE - 1);
        let dense = "ü".repeat(LINE * 2);
        assert_eq!(clean(&dense, LINE, false).unwrap().chars().count(), LINE);
    }
}
