//! A track: its row in a list, and its own page, whose address is passed around.

use askama::Template;
use gatefold_app::{accounts::Viewer, tracks::Track};
use gatefold_domain::{Gate, Visibility};

use super::Frame;
use crate::text::{duration, query};

/// What pages tell of a track.
#[derive(Clone, Debug)]
pub(crate) struct TrackRow {
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) artist: String,
    pub(crate) artist_handle: Option<String>,
    pub(crate) file_id: String,
    pub(crate) duration_ms: u64,
    /// The word for its gate.
    pub(crate) gate: &'static str,
    pub(crate) support_url: Option<String>,
}

impl From<&Track> for TrackRow {
    fn from(track: &Track) -> Self {
        Self {
            id: track.id.get(),
            title: track.title.clone(),
            artist: track.artist_name.clone(),
            artist_handle: track.artist_handle.as_ref().map(ToString::to_string),
            file_id: track.audio.id.to_string(),
            duration_ms: track.audio.duration,
            gate: track.access.gate.as_str(),
            support_url: track.support_url.clone(),
        }
    }
}

impl TrackRow {
    /// Where its page is.
    pub(super) fn page(&self) -> String {
        format!("/track/{}", self.id)
    }

    /// How long it plays, for people.
    pub(super) fn length(&self) -> String {
        duration(self.duration_ms)
    }

    /// What is said of its gate where there is little room.
    pub(super) fn badge(&self) -> Option<&'static str> {
        match self.gate.parse() {
            Ok(Gate::Supporters) => Some("Supporters"),
            Ok(Gate::SignedIn) => Some("Signed in"),
            Ok(Gate::Open) | Err(_) => None,
        }
    }

    /// Where its artist is supported: an address of the web, whatever they wrote.
    pub(super) fn support(&self) -> Option<&str> {
        let url = self.support_url.as_deref()?;
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        is_web.then_some(url)
    }
}

/// One track.
#[derive(Template)]
#[template(path = "track.html")]
pub(crate) struct TrackPage {
    pub(crate) frame: Frame,
    track: TrackRow,
    /// Whether whoever looks is its artist.
    is_own: bool,
    is_draft: bool,
}

impl TrackPage {
    /// The page of a track for whoever looks; `None` when it is not there for them.
    pub(crate) fn new(frame: Frame, track: &Track, viewer: Option<&Viewer>) -> Option<Self> {
        let is_own = viewer.is_some_and(|viewer| viewer.did == track.access.artist);
        let is_draft = track.access.visibility == Visibility::Draft;
        (is_own || !is_draft).then(|| Self {
            frame,
            track: track.into(),
            is_own,
            is_draft,
        })
    }

    /// The way to sign in, and back here.
    fn sign_in(&self) -> String {
        format!("/sign-in?{}", query(&[("next", &self.track.page())]))
    }
}

#[cfg(test)]
impl TrackRow {
    pub(super) fn samples() -> Vec<Self> {
        let row = |id, title: &str, artist: &str, seconds: u64, gate: Gate| Self {
            id,
            title: title.to_owned(),
            artist: artist.to_owned(),
            artist_handle: Some(format!(
                "{}.example.com",
                artist.to_lowercase().replace(' ', "-")
            )),
            file_id: format!("f{id}k7m2pq9x"),
            duration_ms: seconds.saturating_mul(1000),
            gate: gate.as_str(),
            support_url: (gate == Gate::Supporters)
                .then(|| "https://support.example.com/tidal-choir".to_owned()),
        };
        vec![
            row(5, "Harbour Lights", "Tidal Choir", 168, Gate::Supporters),
            row(
                4,
                "Snow on the Observatory",
                "Anna & the <b>Cold</b>",
                205,
                Gate::Open,
            ),
            row(3, "Night Tram", "Tidal Choir", 187, Gate::SignedIn),
            row(
                2,
                "The whole of the evening at the lighthouse, recorded in one take with the window open",
                "The Society for Quiet Machines and Their Friends",
                4205,
                Gate::Open,
            ),
        ]
    }
}

#[cfg(test)]
impl TrackPage {
    pub(crate) fn samples() -> Vec<(&'static str, Self)> {
        use super::{DemoBar, Section, tests::frame};
        let signed_out = || frame(Section::Home).signed_out();
        let demo = Frame {
            demo: Some(DemoBar::sample()),
            ..signed_out()
        };
        let page = |frame, place: usize, is_own: bool| Self {
            frame,
            track: TrackRow::samples().swap_remove(place),
            is_own,
            is_draft: is_own,
        };
        vec![
            ("track", page(signed_out(), 0, false)),
            ("track-open", page(signed_out(), 1, false)),
            ("track-signed-in", page(frame(Section::Home), 2, false)),
            ("track-supporter", page(frame(Section::Home), 0, false)),
            ("track-signed-out", page(signed_out(), 2, false)),
            ("track-draft", page(frame(Section::Home), 0, true)),
            ("track-demo", page(demo, 0, false)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_to_support_leads_to_the_web() {
        for (url, shown) in [
            (Some("https://a.example/support"), true),
            (Some("http://a.example"), true),
            (Some("javascript:alert(1)"), false),
            (Some("//a.example"), false),
            (None, false),
        ] {
            let row = TrackRow {
                support_url: url.map(str::to_owned),
                ..TrackRow::samples().remove(0)
            };
            assert_eq!(row.support().is_some(), shown, "{url:?}");
        }
    }

    #[test]
    fn what_artists_write_stays_text() {
        for (name, page) in TrackPage::samples() {
            let text = page.render().unwrap();
            assert!(!text.contains("<b>Cold"), "{name}");
        }
    }
}
