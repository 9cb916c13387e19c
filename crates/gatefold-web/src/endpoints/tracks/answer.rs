//! A track, as the API tells of it.

use gatefold_app::library::{ListedAlbum, Seen};
use gatefold_domain::{Gate, ImageId, Visibility};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{endpoints::auth::handle_of, site::Site, text::Moment, works::Works};

#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the fields of the contract"
)]
pub(in crate::endpoints) struct TrackAnswer {
    id: i64,
    title: String,
    artist: String,
    artist_handle: String,
    artist_did: String,
    artist_avatar_url: Option<String>,
    file_id: String,
    file_type: &'static str,
    /// In seconds.
    duration: u64,
    features: Vec<Value>,
    r2_url: Option<String>,
    atproto_record_uri: Option<String>,
    atproto_record_cid: Option<String>,
    atproto_record_url: Option<String>,
    play_count: u64,
    like_count: u64,
    comment_count: u64,
    is_liked: bool,
    created_at: String,
    image_url: Option<String>,
    album: Option<AlbumAnswer>,
    tags: Vec<String>,
    description: Option<String>,
    support_gate: Option<Value>,
    /// Whether there is a gate that keeps this viewer out.
    gated: bool,
    downloadable: bool,
    visibility: &'static str,
    unlisted: bool,
    audio_storage: &'static str,
    original_file_id: Option<String>,
    original_file_type: Option<&'static str>,
    /// Whether who may hear it is so everywhere already: `settled` or `in_progress`.
    gate_state: &'static str,
    /// For its artist: why the record is not what it should be yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    record_problem: Option<String>,
}

#[derive(Serialize)]
struct AlbumAnswer {
    id: String,
    slug: String,
    title: String,
    image_url: Option<String>,
}

impl TrackAnswer {
    pub(in crate::endpoints) fn new(seen: Seen, site: &Site, works: &Works) -> Self {
        let Seen {
            listed,
            is_gated,
            is_theirs,
        } = seen;
        let track = listed.track;
        let access = track.access.clone();
        let is_settling = track.is_settling();
        let image = |id: ImageId| format!("{}/images/{id}", site.origin());
        let is_open = access.gate.is_open();
        let public = track.audio.public.as_ref();
        let public = public.filter(|_| is_open && access.visibility != Visibility::Draft);
        let (uri, cid) = listed.record.unzip();
        let gate = match access.gate {
            Gate::Open => None,
            Gate::SignedIn => Some(json!({ "type": "signed_in" })),
            Gate::Supporters => Some(json!({ "type": "any" })),
        };
        let may_keep =
            is_theirs || track.downloads == gatefold_domain::Downloads::Listeners && !is_gated;
        let original = listed.original.filter(|_| !is_gated);
        Self {
            id: track.id.get(),
            title: track.title,
            artist: track.artist_name,
            artist_handle: handle_of(track.artist_handle.as_ref()),
            artist_did: access.artist.to_string(),
            artist_avatar_url: listed.artist_avatar,
            file_id: track.audio.id.to_string(),
            file_type: track.audio.format.extension(),
            duration: track.audio.duration.div_euclid(1000),
            features: listed
                .features
                .iter()
                .map(|feature| {
                    json!({
                        "did": feature.did.as_str(),
                        "handle": feature.handle.as_str(),
                        "display_name": feature.handle.as_str(),
                        "avatar_url": null,
                    })
                })
                .collect(),
            r2_url: public.map(|key| format!("{}{}", works.public, key.as_str())),
            atproto_record_url: uri.as_ref().map(|uri| format!("https://pdsls.dev/{uri}")),
            atproto_record_uri: uri,
            atproto_record_cid: cid,
            play_count: listed.play_count,
            like_count: listed.like_count,
            comment_count: 0,
            is_liked: listed.is_liked,
            created_at: Moment::from(track.created).iso,
            image_url: track.image.map(image),
            album: listed.album.map(|album| album_answer(album, &image)),
            tags: listed.tags,
            description: listed.description,
            support_gate: gate,
            gated: !is_open && is_gated,
            downloadable: may_keep,
            visibility: access.visibility.as_str(),
            unlisted: access.visibility == Visibility::Unlisted,
            audio_storage: if is_open { "r2" } else { "r2_private" },
            original_file_type: original.as_ref().map(|(_, format)| format.extension()),
            original_file_id: original.map(|(id, _)| id.to_string()),
            gate_state: if is_settling {
                "in_progress"
            } else {
                "settled"
            },
            record_problem: listed.record_problem.filter(|_| is_theirs),
        }
    }
}

fn album_answer(album: ListedAlbum, image: &impl Fn(ImageId) -> String) -> AlbumAnswer {
    AlbumAnswer {
        id: album.id.to_string(),
        slug: album.slug,
        title: album.title,
        image_url: album.image.map(image),
    }
}

/// Tracks, as the API tells of them.
pub(in crate::endpoints) fn all(found: Vec<Seen>, site: &Site, works: &Works) -> Vec<TrackAnswer> {
    let answers = found.into_iter();
    answers
        .map(|seen| TrackAnswer::new(seen, site, works))
        .collect()
}
