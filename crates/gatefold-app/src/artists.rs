//! Artists: whoever has an account and says how they show themselves.

use std::sync::Arc;

use gatefold_domain::{Clock, Did, Handle};
pub use gatefold_store::Artist;
use gatefold_store::{Change, Profile, Store, StoreError};

use crate::{Trouble, news::Listens, tracks::Tracks};

/// The longest name, in characters.
const LONGEST_NAME: usize = 64;
/// The longest text about oneself, in characters.
const LONGEST_BIO: usize = 2560;
/// The longest address, in bytes.
const LONGEST_URL: usize = 2048;

/// The artists.
pub struct Artists {
    store: Store,
    tracks: Arc<Tracks>,
    clock: Arc<dyn Clock>,
}

/// How an artist wants to show themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewProfile {
    /// The name that stands beside their tracks.
    pub display_name: String,
    /// What they say of themselves.
    pub bio: Option<String>,
    /// Where their picture is.
    pub avatar_url: Option<String>,
    /// Where one becomes their supporter.
    pub support_url: Option<String>,
    /// Whether what they like is shown on their page.
    pub shows_liked: bool,
}

/// What becomes of a field that may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Edit {
    /// It stays as it is.
    #[default]
    Keep,
    /// There is nothing in it from now on.
    Clear,
    /// This is.
    Set(String),
}

/// What an artist wants to show otherwise: what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// The name that stands beside their tracks.
    pub display_name: Option<String>,
    /// What they say of themselves.
    pub bio: Edit,
    /// Where their picture is.
    pub avatar_url: Edit,
    /// Where one becomes their supporter.
    pub support_url: Edit,
    /// Whether what they like is shown on their page.
    pub shows_liked: Option<bool>,
}

/// Why an artist is not as they want to be.
#[derive(Debug, thiserror::Error)]
pub enum ArtistError {
    /// A field cannot be shown.
    #[error("{field}: {problem}")]
    Invalid {
        /// The field, as the API calls it.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// They are one already.
    #[error("there is such an artist already")]
    Exists,
    /// There is no such artist.
    #[error("there is no such artist")]
    NotFound,
    /// Nothing can be answered.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Artists {
    /// The artists of a database.
    #[must_use]
    pub fn new(store: Store, tracks: Arc<Tracks>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            tracks,
            clock,
        }
    }

    /// Makes somebody an artist.
    ///
    /// # Errors
    /// [`ArtistError::Invalid`], [`ArtistError::Exists`]; when the database cannot be asked.
    pub async fn create(&self, did: &Did, profile: &NewProfile) -> Result<Artist, ArtistError> {
        let checked = profile.checked()?;
        let now = self.clock.now().into();
        if !self.store.artists().add(did, checked, now).await? {
            return Err(ArtistError::Exists);
        }
        self.get(did).await
    }

    /// Changes how an artist shows themselves.
    ///
    /// # Errors
    /// [`ArtistError::Invalid`], [`ArtistError::NotFound`]; when the database cannot be asked.
    pub async fn update(&self, did: &Did, change: ProfileChange) -> Result<Artist, ArtistError> {
        let before = self.get(did).await?;
        let after = change.of(before);
        let now = self.clock.now().into();
        let put = self.store.artists().put(did, after.checked()?, now).await;
        // Also when that failed: it may have been kept all the same.
        self.tracks.forget(&Change::Account(did.clone()));
        put?;
        self.get(did).await
    }

    /// An artist.
    ///
    /// # Errors
    /// [`ArtistError::NotFound`]; when the database cannot be asked.
    pub async fn get(&self, did: &Did) -> Result<Artist, ArtistError> {
        let found = self.store.artists().get(did).await?;
        found.ok_or(ArtistError::NotFound)
    }

    /// The artist who has this handle.
    ///
    /// # Errors
    /// [`ArtistError::NotFound`]; when the database cannot be asked.
    pub async fn by_handle(&self, handle: &Handle) -> Result<Artist, ArtistError> {
        let found = self.store.artists().by_handle(handle).await?;
        found.ok_or(ArtistError::NotFound)
    }
}

impl NewProfile {
    /// It, if all of it can be shown.
    ///
    /// # Errors
    /// [`ArtistError::Invalid`] for the first field that cannot.
    pub fn checked(&self) -> Result<Profile<'_>, ArtistError> {
        let name = self.display_name.trim();
        let invalid = |field, problem| ArtistError::Invalid { field, problem };
        let has_control = |text: &str| text.chars().any(char::is_control);
        if name.is_empty() || name.chars().count() > LONGEST_NAME || has_control(name) {
            let problem = "a name has 1 to 64 characters, all of them visible";
            return Err(invalid("display_name", problem));
        }
        let bio = self.bio.as_deref().map(str::trim);
        let bio = bio.filter(|bio| !bio.is_empty());
        let is_text = |text: &str| {
            let lines = text
                .chars()
                .filter(|letter| *letter != '\n' && *letter != '\t');
            text.chars().count() <= LONGEST_BIO && !lines.clone().any(char::is_control)
        };
        if !bio.is_none_or(is_text) {
            let problem = "this has at most 2560 characters, and none that is invisible";
            return Err(invalid("bio", problem));
        }
        let address = |field, url: &Option<String>| match url.as_deref().map(str::trim) {
            None | Some("") => Ok(()),
            Some(url) if is_address(url) => Ok(()),
            Some(_) => Err(invalid(
                field,
                "this is no address that begins with https://",
            )),
        };
        address("avatar_url", &self.avatar_url)?;
        address("support_url", &self.support_url)?;
        Ok(Profile {
            display_name: name,
            bio,
            avatar_url: given(self.avatar_url.as_deref()),
            support_url: given(self.support_url.as_deref()),
            shows_liked: self.shows_liked,
        })
    }
}

fn given(url: Option<&str>) -> Option<&str> {
    url.map(str::trim).filter(|url| !url.is_empty())
}

/// Whether a browser may be sent there, or load a picture from there.
fn is_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    url.len() <= LONGEST_URL
        && !host.is_empty()
        && !host.contains('@')
        && url
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

impl Edit {
    /// What is in the field afterwards.
    #[must_use]
    pub fn of(self, before: Option<String>) -> Option<String> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(text) => Some(text),
        }
    }
}

impl ProfileChange {
    fn of(self, before: Artist) -> NewProfile {
        NewProfile {
            display_name: self.display_name.unwrap_or(before.display_name),
            bio: self.bio.of(before.bio),
            avatar_url: self.avatar_url.of(before.avatar_url),
            support_url: self.support_url.of(before.support_url),
            shows_liked: self.shows_liked.unwrap_or(before.shows_liked),
        }
    }
}

impl From<StoreError> for ArtistError {
    fn from(error: StoreError) -> Self {
        Self::Trouble(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> NewProfile {
        NewProfile {
            display_name: " The Tram ".to_owned(),
            bio: Some(" two\nlines ".to_owned()),
            avatar_url: Some("https://example.com/a.png".to_owned()),
            support_url: Some(String::new()),
            shows_liked: true,
        }
    }

    #[test]
    fn what_is_given_is_tidied() {
        let profile = profile();
        let checked = profile.checked().unwrap();
        assert_eq!(checked.display_name, "The Tram");
        assert_eq!(checked.bio, Some("two\nlines"));
        assert_eq!(checked.avatar_url, Some("https://example.com/a.png"));
        assert_eq!(checked.support_url, None, "an empty field is none");
    }

    #[test]
    fn what_cannot_be_shown_is_named() {
        let long = |len| "ü".repeat(len);
        let url = |url: &str| Some(url.to_owned());
        let usual = profile;
        for (wrong, field) in [
            (
                NewProfile {
                    display_name: "  ".to_owned(),
                    ..usual()
                },
                "display_name",
            ),
            (
                NewProfile {
                    display_name: long(65),
                    ..usual()
                },
                "display_name",
            ),
            (
                NewProfile {
                    display_name: "a\u{7}b".to_owned(),
                    ..usual()
                },
                "display_name",
            ),
            (
                NewProfile {
                    bio: Some(long(2561)),
                    ..usual()
                },
                "bio",
            ),
            (
                NewProfile {
                    bio: url("a\0b"),
                    ..usual()
                },
                "bio",
            ),
            (
                NewProfile {
                    avatar_url: url("http://example.com/a"),
                    ..usual()
                },
                "avatar_url",
            ),
            (
                NewProfile {
                    avatar_url: url("javascript:alert(1)"),
                    ..usual()
                },
                "avatar_url",
            ),
            (
                NewProfile {
                    support_url: url("https://"),
                    ..usual()
                },
                "support_url",
            ),
            (
                NewProfile {
                    support_url: url("https://a@b.example"),
                    ..usual()
                },
                "support_url",
            ),
            (
                NewProfile {
                    support_url: url("https://b.example/a b"),
                    ..usual()
                },
                "support_url",
            ),
        ] {
            match wrong.checked() {
                Err(ArtistError::Invalid { field: found, .. }) => assert_eq!(found, field),
                other => panic!("{wrong:?}: {other:?}"),
            }
        }
        for good in [
            NewProfile {
                display_name: long(64),
                ..usual()
            },
            NewProfile {
                bio: Some(long(2560)),
                ..usual()
            },
            NewProfile {
                bio: None,
                ..usual()
            },
            NewProfile {
                support_url: url("https://b.example?x#y"),
                ..usual()
            },
        ] {
            assert!(good.checked().is_ok(), "{good:?}");
        }
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        let before = || Artist {
            did: "did:web:a.example.com".parse().unwrap(),
            handle: None,
            display_name: "A".to_owned(),
            bio: Some("b".to_owned()),
            avatar_url: None,
            support_url: Some("https://s.example".to_owned()),
            shows_liked: true,
            created: gatefold_domain::Timestamp::from_millis(0),
            updated: gatefold_domain::Timestamp::from_millis(0),
        };
        let nothing = ProfileChange::default().of(before());
        assert_eq!(nothing.bio.as_deref(), Some("b"));
        assert!(nothing.shows_liked);
        let change = ProfileChange {
            bio: Edit::Clear,
            support_url: Edit::Keep,
            avatar_url: Edit::Set("https://a.example".to_owned()),
            shows_liked: Some(false),
            ..ProfileChange::default()
        };
        let after = change.of(before());
        assert_eq!((after.bio, after.shows_liked), (None, false));
        assert_eq!(after.support_url.as_deref(), Some("https://s.example"));
        assert_eq!(after.avatar_url.as_deref(), Some("https://a.example"));
    }
}
