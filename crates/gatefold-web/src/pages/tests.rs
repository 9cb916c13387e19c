//! Every page, in every state that it has a sample of.

use std::time::Duration;

use askama::Template;
use gatefold_domain::Timestamp;

use super::*;
use crate::text::Moment;

pub(super) fn frame(section: Section) -> Frame {
    Frame {
        site: "Harbour Radio".to_owned(),
        viewer: Some("robin.example.com".to_owned()),
        did: Some("did:plc:ewvi7nxzyoun6zhxrhs64oiz".to_owned()),
        section,
        demo: None,
    }
}

pub(super) fn moment(days: u64) -> Moment {
    let start = Timestamp::from_millis(1_764_029_102_000);
    start
        .after(Duration::from_hours(days.saturating_mul(24)))
        .into()
}

fn rendered<T: Template>(samples: Vec<(&'static str, T)>) -> Vec<(&'static str, String)> {
    let render = |(name, page): (&'static str, T)| (name, page.render().unwrap());
    samples.into_iter().map(render).collect()
}

/// All samples of all pages.
pub(crate) fn all() -> Vec<(&'static str, String)> {
    [
        rendered(HomePage::samples()),
        rendered(TrackPage::samples()),
        rendered(SignInPage::samples()),
        rendered(ConfirmPage::samples()),
        rendered(LandingPage::samples()),
        rendered(AccountsPage::samples()),
        rendered(SessionsPage::samples()),
        rendered(TokensPage::samples()),
        rendered(ActivityPage::samples()),
        rendered(ErrorPage::samples()),
    ]
    .concat()
}

#[test]
fn every_page_has_a_sample() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let named: Vec<_> = all().into_iter().map(|(name, _)| name).collect();
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let Some(page) = name.strip_suffix(".html") else {
            assert_eq!(name, "parts", "the folder of what several pages have");
            continue;
        };
        let is_shown = page == "layout" || named.iter().any(|name| name.starts_with(page));
        assert!(is_shown, "{name} is in no sample");
    }
}

#[test]
fn every_page_is_whole_and_within_its_policy() {
    for (name, text) in all() {
        assert!(text.starts_with("<!doctype html>"), "{name}");
        assert!(text.trim_end().ends_with("</html>"), "{name}");
        assert_eq!(text.matches("<h1").count(), 1, "{name}");
        assert!(text.contains("<title>"), "{name}");
        // What the policy would refuse, and what loads from elsewhere.
        for wrong in [
            "style=\"",
            "<style",
            "javascript:",
            "onclick",
            "onsubmit",
            "src=\"http",
            "src=\"//",
            "url(",
        ] {
            assert!(!text.contains(wrong), "{name}: {wrong}");
        }
        for script in text.split("<script").skip(1) {
            assert!(
                script.starts_with(" type=\"module\" src=\"/static/"),
                "{name}: a script stands in the page"
            );
        }
        // A form says how it is sent: writes are posts, and a get would put values into addresses.
        for form in text.split("<form").skip(1) {
            assert!(form.starts_with(" method=\"post\" action=\"/"), "{name}");
        }
    }
}

#[test]
fn what_people_write_stays_text() {
    let (_, tokens) = all()
        .into_iter()
        .find(|(name, _)| *name == "tokens")
        .unwrap();
    assert!(!tokens.contains("<b>metadata</b>"), "{tokens}");
    assert!(tokens.contains("metadata"));
}

#[test]
fn every_field_has_a_label_and_every_button_a_name() {
    for (name, text) in all() {
        for input in text.split("<input").skip(1) {
            let input = input.split('>').next().unwrap();
            if input.contains("type=\"hidden\"") {
                continue;
            }
            let id = input
                .split("id=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            let label = format!("for=\"{}\"", id.unwrap_or("?"));
            assert!(text.contains(&label), "{name}: {input}");
        }
        for button in text.split("<button").skip(1) {
            let (attributes, rest) = button.split_once('>').unwrap();
            let (inside, _) = rest.split_once("</button>").unwrap();
            let is_named = attributes.contains("aria-label=\"") || !inside.starts_with('<');
            let is_named = is_named || inside.contains("<strong>");
            assert!(is_named && !inside.is_empty(), "{name}: {button}");
        }
    }
}
