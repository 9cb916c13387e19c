//! Artists: whoever has an account and says how they show themselves.

use std::sync::Arc;

use gatefold_domain::{
    Clock, Did, Downloads, Handle,
    text::{is_line, is_text},
};
pub use gatefold_store::{Artist, Edit};
use gatefold_store::{Change, Profile, ProfileEdits, Store, StoreError};

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

/// What an artist wants to show otherwise: what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// The name that stands beside their tracks.
    pub display_name: Option<String>,
    /// What they say of themselves.
    pub bio: Edit<String>,
    /// Where their picture is.
    pub avatar_url: Edit<String>,
    /// Where one becomes their supporter.
    pub support_url: Edit<String>,
    /// Whether what they like is shown on their page.
    pub shows_liked: Option<bool>,
    /// Who may keep a file of theirs, where a track says nothing else.
    pub downloads: Option<Downloads>,
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
    pub async fn update(&self, did: &Did, change: &ProfileChange) -> Result<Artist, ArtistError> {
        let now = self.clock.now().into();
        let artists = self.store.artists();
        let edited = artists.edit(did, change.checked()?, now).await;
        // Also when that failed: it may have been kept all the same.
        self.tracks.forget(&Change::Account(did.clone()));
        if !edited? {
            return Err(ArtistError::NotFound);
        }
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
        Ok(Profile {
            display_name: name(&self.display_name)?,
            bio: bio(self.bio.as_deref())?,
            avatar_url: address("avatar_url", self.avatar_url.as_deref())?,
            support_url: address("support_url", self.support_url.as_deref())?,
            shows_liked: self.shows_liked,
        })
    }
}

impl ProfileChange {
    /// It, if all of it can be shown. What is set to nothing is cleared.
    ///
    /// # Errors
    /// [`ArtistError::Invalid`] for the first field that cannot.
    pub fn checked(&self) -> Result<ProfileEdits<'_>, ArtistError> {
        Ok(ProfileEdits {
            display_name: self.display_name.as_deref().map(name).transpose()?,
            bio: edit(&self.bio, bio)?,
            avatar_url: edit(&self.avatar_url, |url| address("avatar_url", url))?,
            support_url: edit(&self.support_url, |url| address("support_url", url))?,
            shows_liked: self.shows_liked,
            downloads: self.downloads,
        })
    }
}

fn edit<'a>(
    edit: &'a Edit<String>,
    check: impl Fn(Option<&'a str>) -> Result<Option<&'a str>, ArtistError>,
) -> Result<Edit<&'a str>, ArtistError> {
    Ok(match edit {
        Edit::Keep => Edit::Keep,
        Edit::Clear => Edit::Clear,
        Edit::Set(text) => check(Some(text))?.map_or(Edit::Clear, Edit::Set),
    })
}

fn name(text: &str) -> Result<&str, ArtistError> {
    let problem = "a name has 1 to 64 characters, all of them visible";
    let text = text.trim();
    let good = is_line(text, LONGEST_NAME);
    good.then_some(text).ok_or(invalid("display_name", problem))
}

fn bio(text: Option<&str>) -> Result<Option<&str>, ArtistError> {
    let problem = "this has at most 2560 characters, and none that is invisible";
    match given(text) {
        Some(text) if !is_text(text, LONGEST_BIO) => Err(invalid("bio", problem)),
        text => Ok(text),
    }
}

fn address<'a>(field: &'static str, url: Option<&'a str>) -> Result<Option<&'a str>, ArtistError> {
    match given(url) {
        Some(url) if !is_address(url) => {
            let problem = "this is no address that begins with https://";
            Err(invalid(field, problem))
        }
        url => Ok(url),
    }
}

fn invalid(field: &'static str, problem: &'static str) -> ArtistError {
    ArtistError::Invalid { field, problem }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
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
    fn a_change_names_what_it_changes() {
        let nothing = ProfileChange::default();
        let nothing = nothing.checked().unwrap();
        assert!(nothing.display_name.is_none() && nothing.bio == Edit::Keep);
        let change = ProfileChange {
            display_name: Some(" Day ".to_owned()),
            bio: Edit::Clear,
            avatar_url: Edit::Set(" https://a.example ".to_owned()),
            support_url: Edit::Set("  ".to_owned()),
            shows_liked: Some(false),
            downloads: Some(Downloads::Listeners),
        };
        let checked = change.checked().unwrap();
        assert_eq!(checked.display_name, Some("Day"));
        assert_eq!(
            (checked.bio, checked.support_url),
            (Edit::Clear, Edit::Clear)
        );
        assert_eq!(checked.avatar_url, Edit::Set("https://a.example"));
        for wrong in [
            ProfileChange {
                display_name: Some("a\u{202e}b".to_owned()),
                ..ProfileChange::default()
            },
            ProfileChange {
                support_url: Edit::Set("http://a.example".to_owned()),
                ..ProfileChange::default()
            },
        ] {
            assert!(wrong.checked().is_err(), "{wrong:?}");
        }
    }
}
