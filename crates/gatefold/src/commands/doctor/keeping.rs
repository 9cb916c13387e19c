//! Whether an answer came out of somebody's cache.

use super::fetch::Answer;

/// Headers in which caches say what they did, and the words that mean "it was kept here".
const TELLING: [(&str, &[&str]); 7] = [
    (
        "cf-cache-status",
        &["hit", "stale", "updating", "revalidated"],
    ),
    ("x-cache", &["hit"]),
    (
        "x-cache-status",
        &["hit", "stale", "updating", "revalidated"],
    ),
    (
        "x-proxy-cache",
        &["hit", "stale", "updating", "revalidated"],
    ),
    ("x-vercel-cache", &["hit", "stale"]),
    ("cdn-cache", &["hit"]),
    ("cache-status", &["hit"]),
];

/// The header by which a cache says that it had kept this answer, if one does.
pub(super) fn told_by(answer: &Answer) -> Option<String> {
    if answer.headers.contains_key("age") {
        return Some(format!("age: {}", answer.header("age")));
    }
    let tells = |(name, meaning): &&(&'static str, &[&str])| {
        let said = answer.header(name).to_ascii_lowercase();
        said.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .any(|word| meaning.contains(&word))
    };
    let (name, _) = TELLING.iter().find(tells)?;
    Some(format!("{name}: {}", answer.header(name)))
}

/// Whether an answer forbids caches that many share, and may be kept by nobody at all when it is a
/// refusal.
pub(super) fn is_private(answer: &Answer, is_refusal: bool) -> bool {
    let control = answer.header("cache-control").to_ascii_lowercase();
    let says = |wanted: &str| control.split(',').any(|part| part.trim() == wanted);
    says("private") && (!is_refusal || says("no-store"))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn with(name: &'static str, value: &'static str) -> Answer {
        let mut answer = Answer::default();
        let name = HeaderName::from_static(name);
        answer.headers.insert(name, HeaderValue::from_static(value));
        answer
    }

    #[test]
    fn caches_tell_in_many_ways() {
        for (name, value, kept) in [
            ("age", "0", true),
            ("cf-cache-status", "HIT", true),
            ("cf-cache-status", "DYNAMIC", false),
            ("cf-cache-status", "BYPASS", false),
            ("x-cache", "Hit from cloudfront", true),
            ("x-cache", "Miss from cloudfront", false),
            ("x-cache", "MISS, HIT", true),
            ("x-cache-status", "STALE", true),
            ("cache-status", "edge; hit; ttl=30", true),
            ("cache-status", "edge; fwd=miss; stored", false),
            ("via", "hit", false),
        ] {
            assert_eq!(
                told_by(&with(name, value)).is_some(),
                kept,
                "{name}: {value}"
            );
        }
    }

    #[test]
    fn refusals_are_kept_by_nobody_and_answers_by_no_shared_cache() {
        for (value, granted, refused) in [
            ("private, no-store", true, true),
            ("private, max-age=60, immutable", true, false),
            ("Private,No-Store", true, true),
            ("public, max-age=60", false, false),
            ("no-store", false, false),
            ("x-private", false, false),
        ] {
            let answer = with("cache-control", value);
            assert_eq!(is_private(&answer, false), granted, "{value}");
            assert_eq!(is_private(&answer, true), refused, "{value}");
        }
    }
}
