//! `/artists`: artists that a test decides on, and what is told of them.

use gatefold_app::{
    Trouble,
    artists::{Artist, ArtistError, NewProfile, ProfileChange},
};
use gatefold_domain::{Did, Downloads, Handle, Timestamp};
use http::Method;

use super::{
    Actor, JSON, Web,
    accounts::{ROBIN, TRAM},
};

/// One is there, and whoever asks is or is not, as they say.
#[derive(Default)]
pub struct Artists;

fn artist(did: &str, profile: &NewProfile) -> Artist {
    Artist {
        did: did.parse().unwrap(),
        handle: Some("tram.example.com".parse().unwrap()),
        display_name: profile.display_name.clone(),
        bio: profile.bio.clone(),
        avatar_url: profile.avatar_url.clone(),
        support_url: profile.support_url.clone(),
        shows_liked: profile.shows_liked,
        downloads: Downloads::Off,
        created: Timestamp::from_millis(0),
        updated: Timestamp::from_millis(86_400_000),
    }
}

#[expect(
    clippy::unused_async,
    reason = "the signatures of what this stands for"
)]
impl Artists {
    pub(crate) async fn create(
        &self,
        did: &Did,
        profile: &NewProfile,
    ) -> Result<Artist, ArtistError> {
        profile.checked()?;
        if profile.display_name == "Again" {
            return Err(ArtistError::Exists);
        }
        Ok(artist(did.as_str(), profile))
    }

    pub(crate) async fn update(
        &self,
        did: &Did,
        change: &ProfileChange,
    ) -> Result<Artist, ArtistError> {
        let told = NewProfile {
            display_name: change
                .display_name
                .clone()
                .unwrap_or_else(|| "as it was".to_owned()),
            bio: change.bio.clone().of(Some("as it was".to_owned())),
            avatar_url: change.avatar_url.clone().of(None),
            support_url: change.support_url.clone().of(None),
            shows_liked: change.shows_liked.unwrap_or_default(),
        };
        change.checked()?;
        Ok(artist(did.as_str(), &told))
    }

    pub(crate) async fn get(&self, did: &Did) -> Result<Artist, ArtistError> {
        match did.as_str() {
            TRAM => {
                let profile = NewProfile {
                    display_name: "The Tram".to_owned(),
                    ..NewProfile::default()
                };
                Ok(artist(TRAM, &profile))
            }
            "did:web:away.example" => Err(ArtistError::Trouble(Trouble::Unavailable(
                "database is locked".into(),
            ))),
            _ => Err(ArtistError::NotFound),
        }
    }

    pub(crate) async fn by_handle(&self, handle: &Handle) -> Result<Artist, ArtistError> {
        match handle.as_str() {
            "tram.example.com" => self.get(&TRAM.parse().unwrap()).await,
            _ => Err(ArtistError::NotFound),
        }
    }
}

#[tokio::test]
async fn an_artist_is_told_of_to_everybody() {
    let web = Web::new();
    for path in [
        format!("/artists/{TRAM}"),
        "/artists/by-handle/tram.example.com".to_owned(),
        "/artists/by-handle/@Tram.example.com".to_owned(),
    ] {
        let told = web.get(Actor::Nobody, &path).await;
        assert_eq!(told.status, 200, "{path}");
        assert_eq!(
            told.json(),
            serde_json::json!({
                "did": TRAM,
                "handle": "tram.example.com",
                "display_name": "The Tram",
                "bio": null,
                "avatar_url": null,
                "support_url": null,
                "show_liked_on_profile": false,
                "downloads": "off",
                "created_at": "1970-01-01T00:00:00Z",
                "updated_at": "1970-01-02T00:00:00Z",
            })
        );
    }
    for path in [
        "/artists/did:web:nobody.example.com",
        "/artists/nonsense",
        "/artists/%ff",
        "/artists/by-handle/nobody.example.com",
        "/artists/by-handle/nonsense",
        "/artists/by-handle/%00",
    ] {
        let told = web.get(Actor::Nobody, path).await;
        assert_eq!(
            (told.status, told.code()),
            (404, "artist_not_found".to_owned()),
            "{path}"
        );
    }
    let told = web
        .get(Actor::Nobody, "/artists/did:web:away.example")
        .await;
    assert_eq!(told.status, 503);
    assert!(told.header("retry-after").is_some());
}

#[tokio::test]
async fn one_becomes_an_artist() {
    let web = Web::new();
    let whole = r#"{"display_name":"Robin","bio":"b","avatar_url":null,"support_url":"https://s.example","show_liked_on_profile":true}"#;
    for actor in [Actor::Browser, Actor::Developer, Actor::CommandLine] {
        let told = web.post_json(actor, "/artists/", whole).await;
        assert_eq!(told.status, 201, "{}", told.body);
        let json = told.json();
        assert_eq!((&json["did"], &json["bio"]), (&ROBIN.into(), &"b".into()));
        assert_eq!(json["support_url"], "https://s.example");
        assert_eq!(json["show_liked_on_profile"], true);
    }
    for (body, status, code) in [
        (r#"{"display_name":"Again"}"#, 409, "artist_exists"),
        (r#"{"display_name":""}"#, 422, "invalid_profile"),
        (
            r#"{"display_name":"a","avatar_url":"javascript:x"}"#,
            422,
            "invalid_profile",
        ),
        (r#"{"bio":"no name"}"#, 422, "invalid_body"),
        ("[]", 422, "invalid_body"),
        ("", 422, "invalid_body"),
    ] {
        let told = web.post_json(Actor::Developer, "/artists/", body).await;
        assert_eq!(
            (told.status, told.code()),
            (status, code.to_owned()),
            "{body}"
        );
    }
    let told = web.get(Actor::Developer, "/artists/me").await;
    assert_eq!(
        (told.status, told.code()),
        (404, "artist_not_found".to_owned())
    );
}

#[tokio::test]
async fn what_is_not_named_stays() {
    let web = Web::new();
    for (body, bio) in [
        ("{}", serde_json::json!("as it was")),
        (r#"{"bio":null}"#, serde_json::json!(null)),
        (r#"{"bio":"other"}"#, serde_json::json!("other")),
    ] {
        let told = web
            .ask(Actor::Developer, &Method::PUT, "/artists/me", &[JSON], body)
            .await;
        assert_eq!(told.status, 200, "{}", told.body);
        assert_eq!(told.json()["bio"], bio, "{body}");
        assert_eq!(told.json()["display_name"], "as it was", "{body}");
    }
}
