//! What artists say of their tracks, as forms and JSON bring it: read strictly, with the field named in
//! which something is wrong.

use gatefold_domain::{
    Downloads, Gate, Handle, Visibility,
    text::{is_line, is_text},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// The longest title of a track or an album, in characters.
const LONGEST_TITLE: usize = 256;
/// The longest text about a track, in characters.
const LONGEST_DESCRIPTION: usize = 5000;
/// The most words on a track.
const MOST_TAGS: usize = 10;
/// The longest of them, in characters.
const LONGEST_TAG: usize = 50;
/// The most people who are named on a track.
const MOST_FEATURES: usize = 10;

/// A field that cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Invalid {
    /// The field, as the API calls it.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// What a `publishing` field demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Of listeners.
    pub gate: Gate,
    /// Where it is shown.
    pub visibility: Visibility,
    /// Who may keep a file.
    pub downloads: Downloads,
}

/// A title.
///
/// # Errors
/// When it cannot be shown.
pub fn title(text: &str) -> Result<&str, Invalid> {
    line("title", text)
}

/// The title of an album; `None` for none.
///
/// # Errors
/// When it cannot be shown.
pub fn album(text: &str) -> Result<Option<&str>, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    line("album", text).map(Some)
}

/// What is said of a track; `None` for nothing.
///
/// # Errors
/// When it cannot be shown.
pub fn description(text: &str) -> Result<Option<&str>, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let good = is_text(text, LONGEST_DESCRIPTION);
    good.then_some(Some(text)).ok_or(Invalid {
        field: "description",
        problem: "this has at most 5000 characters, and none that is invisible",
    })
}

/// Words on a track, as a JSON array: in lower case, each once.
///
/// # Errors
/// When it is none, or a word cannot be shown.
pub fn tags(json: &str) -> Result<Vec<String>, Invalid> {
    let invalid = |problem| Invalid {
        field: "tags",
        problem,
    };
    let words: Vec<String> = serde_json::from_str(json)
        .map_err(|_| invalid("this is a JSON array of words, such as [\"ambient\"]"))?;
    let mut tags = Vec::with_capacity(words.len());
    for word in words {
        let tag = word.trim().to_lowercase();
        if !is_line(&tag, LONGEST_TAG) {
            return Err(invalid("each has 1 to 50 characters, all of them visible"));
        }
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    if tags.len() > MOST_TAGS {
        return Err(invalid("a track has at most 10"));
    }
    Ok(tags)
}

/// Who else is heard: a JSON array of handles, or handles with commas between them.
///
/// # Errors
/// When something is no handle.
pub fn features(text: &str) -> Result<Vec<Handle>, Invalid> {
    let invalid = |problem| Invalid {
        field: "features",
        problem,
    };
    let problem = "this is a JSON array of handles, such as [\"band.example.com\"]";
    let named: Vec<String> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text).map_err(|_| invalid(problem))?
    } else {
        let parts = text.split(',').map(str::trim);
        parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let mut handles = Vec::with_capacity(named.len());
    for name in named {
        let name = name.trim().trim_start_matches('@');
        let handle: Handle = name.parse().map_err(|_| invalid(problem))?;
        if !handles.contains(&handle) {
            handles.push(handle);
        }
    }
    if handles.len() > MOST_FEATURES {
        return Err(invalid("a track names at most 10 people"));
    }
    Ok(handles)
}

/// A gate as a `support_gate` names it: `null` for none.
///
/// # Errors
/// For a kind that there is not.
pub fn support_gate(json: &str) -> Result<Gate, Invalid> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Named {
        #[serde(rename = "type")]
        kind: String,
    }
    let invalid = Invalid {
        field: "support_gate",
        problem: "this is null, {\"type\":\"any\"} or {\"type\":\"signed_in\"}",
    };
    if json.trim() == "null" {
        return Ok(Gate::Open);
    }
    let named: Named = object(json).ok_or(invalid)?;
    match named.kind.as_str() {
        "any" => Ok(Gate::Supporters),
        "signed_in" => Ok(Gate::SignedIn),
        _ => Err(invalid),
    }
}

/// What a `publishing` field demands. What only its artist may hear is a draft.
///
/// # Errors
/// When it is none, or demands what there is not.
pub fn publishing(json: &str) -> Result<Policy, Invalid> {
    #[derive(Deserialize)]
    struct Publishing {
        #[serde(default)]
        access: Access,
    }
    #[derive(Default, Deserialize)]
    struct Access {
        listening: Option<String>,
        downloads: Option<String>,
        visibility: Option<String>,
    }
    let invalid = |problem| Invalid {
        field: "publishing",
        problem,
    };
    let publishing: Option<Publishing> = object(json);
    let problem = "this is a JSON object with an object \"access\"";
    let Publishing { access } = publishing.ok_or(invalid(problem))?;
    let listening = access.listening.as_deref().unwrap_or("public");
    let gate = match listening {
        "public" => Gate::Open,
        "signed_in" => Gate::SignedIn,
        "supporters" | "owner" => Gate::Supporters,
        _ => {
            let problem = "access.listening is public, signed_in, supporters or owner";
            return Err(invalid(problem));
        }
    };
    let visibility = match access.visibility.as_deref() {
        _ if listening == "owner" => Visibility::Draft,
        None | Some("public") => Visibility::Public,
        Some("unlisted") => Visibility::Unlisted,
        Some("private" | "draft") => Visibility::Draft,
        Some(_) => {
            return Err(invalid("access.visibility is public, unlisted or private"));
        }
    };
    let downloads = match access.downloads.as_deref() {
        Some("open" | "supporters" | "listeners") => Downloads::Listeners,
        None | Some("ask" | "off") => Downloads::Off,
        Some(_) => return Err(invalid("access.downloads is open, supporters, ask or off")),
    };
    Ok(Policy {
        gate,
        visibility,
        downloads,
    })
}

/// Where a track is shown.
///
/// # Errors
/// For another word.
pub fn visibility(word: &str) -> Result<Visibility, Invalid> {
    word.parse().map_err(|_| Invalid {
        field: "visibility",
        problem: "this is public, unlisted or draft",
    })
}

/// Who may keep a file.
///
/// # Errors
/// For another word.
pub fn downloads(word: &str) -> Result<Downloads, Invalid> {
    word.parse().map_err(|_| Invalid {
        field: "downloads",
        problem: "this is off or listeners",
    })
}

/// The stricter of two gates.
#[must_use]
pub fn stricter(one: Gate, other: Gate) -> Gate {
    let rank = |gate| Gate::ALL.iter().position(|known| *known == gate);
    if rank(one) >= rank(other) { one } else { other }
}

/// A JSON object, and not an array of what would be in it.
fn object<T: DeserializeOwned>(json: &str) -> Option<T> {
    let object: Map<String, Value> = serde_json::from_str(json).ok()?;
    T::deserialize(Value::Object(object)).ok()
}

fn line<'a>(field: &'static str, text: &'a str) -> Result<&'a str, Invalid> {
    let text = text.trim();
    is_line(text, LONGEST_TITLE).then_some(text).ok_or(Invalid {
        field,
        problem: "this has 1 to 256 characters, all of them visible",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_words_in_lower_case() {
        assert_eq!(
            tags(r#"["Ambient "," 夜","ambient"]"#).unwrap(),
            ["ambient", "夜"]
        );
        assert!(tags("[]").unwrap().is_empty());
        for bad in ["", "ambient", "{}", "[1]", r#"[""]"#, r#"["a\u200bb"]"#] {
            assert!(tags(bad).is_err(), "{bad}");
        }
        let many: Vec<_> = (0..11).map(|number| number.to_string()).collect();
        assert!(tags(&serde_json::to_string(&many).unwrap()).is_err());
    }

    #[test]
    fn features_are_handles_in_either_spelling() {
        let both = ["a.example.com", "b.example.com"];
        for good in [
            r#"["a.example.com","@b.example.com","a.example.com"]"#,
            "a.example.com, @b.example.com",
        ] {
            let found = features(good).unwrap();
            let found: Vec<_> = found.iter().map(Handle::as_str).collect();
            assert_eq!(found, both, "{good}");
        }
        assert!(features("").unwrap().is_empty());
        for bad in ["[", "[1]", "nobody", "a.example.com b.example.com"] {
            assert!(features(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_gate_is_one_that_there_is() {
        for (json, gate) in [
            ("null", Some(Gate::Open)),
            (r#"{"type":"any"}"#, Some(Gate::Supporters)),
            (r#"{"type":"signed_in"}"#, Some(Gate::SignedIn)),
            (r#"{"type":"tier"}"#, None),
            (r#"{"type":"any","tier":3}"#, None),
            ("{}", None),
            ("", None),
            ("any", None),
            (r#"["any"]"#, None),
        ] {
            assert_eq!(support_gate(json).ok(), gate, "{json}");
        }
        assert_eq!(stricter(Gate::SignedIn, Gate::Open), Gate::SignedIn);
        assert_eq!(stricter(Gate::SignedIn, Gate::Supporters), Gate::Supporters);
    }

    #[test]
    fn what_publishing_demands_is_no_wider_than_it_says() {
        let read = |json| publishing(json).ok();
        let policy = |gate, visibility, downloads| {
            Some(Policy {
                gate,
                visibility,
                downloads,
            })
        };
        let whole = r#"{"access":{"listening":"supporters","downloads":"open","visibility":"unlisted"},"attach_rights":false}"#;
        assert_eq!(
            read(whole),
            policy(Gate::Supporters, Visibility::Unlisted, Downloads::Listeners)
        );
        assert_eq!(
            read("{}"),
            policy(Gate::Open, Visibility::Public, Downloads::Off)
        );
        assert_eq!(
            read(r#"{"access":{"listening":"owner"}}"#),
            policy(Gate::Supporters, Visibility::Draft, Downloads::Off)
        );
        for bad in [
            "",
            "[]",
            r#"{"access":{"listening":"space"}}"#,
            r#"{"access":{"visibility":"everywhere"}}"#,
            r#"{"access":{"downloads":"perhaps"}}"#,
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
