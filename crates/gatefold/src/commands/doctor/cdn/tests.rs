//! Proxies and CDNs as they are, and as they should not be.

use std::{cell::RefCell, collections::HashSet};

use http::{HeaderName, HeaderValue};

use super::*;
use crate::commands::doctor::{fetch::FetchError, finding::State};

const CLIENT: &str = "https://music.example";

/// An edge behind something.
struct Behind<F>(F);

impl<F: Fn(&str, Option<&str>) -> Result<Answer, FetchError>> Fetch for Behind<F> {
    async fn get(&self, url: &str, origin: Option<&str>) -> Result<Answer, FetchError> {
        (self.0)(url, origin)
    }
}

fn answer(status: u16, body: &str, headers: &[(&'static str, &'static str)]) -> Answer {
    let headers = headers.iter().map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    });
    Answer {
        status,
        headers: headers.collect(),
        body: body.into(),
    }
}

/// What the edge itself says.
fn edge(url: &str, origin: Option<&str>) -> Answer {
    if url.ends_with("EC1") && origin == Some(CLIENT) {
        return answer(
            200,
            "RIFF",
            &[("cache-control", "private, max-age=60, immutable")],
        );
    }
    let code = if origin.is_none() {
        "no_client"
    } else {
        "wrong_client"
    };
    let body = format!(r#"{{"detail":"…","code":"{code}","stage":"client"}}"#);
    answer(403, &body, &[("cache-control", "private, no-store")])
}

async fn look_at(
    behind: impl Fn(&str, Option<&str>) -> Result<Answer, FetchError>,
) -> Vec<Finding> {
    let url: BaseUrl = "https://edge.example.com".parse().unwrap();
    let probe = Probe {
        url: "https://edge.example.com/securev1/EC1".to_owned(),
        client: CLIENT.to_owned(),
    };
    look(&url, Some(&probe), &Behind(behind)).await
}

fn last(findings: &[Finding]) -> (State, &str) {
    let finding = findings.last().unwrap();
    (finding.state, finding.says.as_str())
}

#[tokio::test]
async fn an_edge_with_nothing_in_between_is_good() {
    let findings = look_at(|url, origin| Ok(edge(url, origin))).await;
    let states: Vec<State> = findings.iter().map(|finding| finding.state).collect();
    assert_eq!(states, [State::Good, State::Good], "{findings:?}");
}

#[tokio::test]
async fn a_cache_that_keeps_answers_is_found() {
    // It keeps what was granted, says nothing about it, and gives it to everybody.
    let kept = RefCell::new(HashSet::new());
    let findings = look_at(|url, origin| {
        if kept.borrow().contains(url) {
            return Ok(edge(url, Some(CLIENT)));
        }
        let answer = edge(url, origin);
        if answer.status == 200 {
            kept.borrow_mut().insert(url.to_owned());
        }
        Ok(answer)
    })
    .await;
    let (state, says) = last(&findings);
    assert_eq!(state, State::Wrong);
    assert!(says.contains("with 200 to nobody in particular"), "{says}");
}

#[tokio::test]
async fn each_way_to_meddle_is_told() {
    type Meddle = fn(Answer) -> Answer;
    let hit: Meddle = |mut answer| {
        answer
            .headers
            .insert("cf-cache-status", HeaderValue::from_static("HIT"));
        answer
    };
    let hit_if_granted: Meddle = |mut answer| {
        if answer.status == 200 {
            answer.headers.insert("age", HeaderValue::from_static("3"));
        }
        answer
    };
    let public: Meddle = |mut answer| {
        answer.headers.insert(
            "cache-control",
            HeaderValue::from_static("public, max-age=60"),
        );
        answer
    };
    let other_page: Meddle = |_| answer(404, "<html>", &[]);
    let own_refusal: Meddle = |_| answer(403, "<html>", &[("cache-control", "private, no-store")]);
    for (meddle, expected) in [
        (
            hit,
            "a cache answers for the edge under /securev1/ (cf-cache-status: HIT)",
        ),
        (
            hit_if_granted,
            "a cache answers for the edge under /securev1/ (age: 3)",
        ),
        (
            public,
            "answers under /securev1/ arrive with `Cache-Control: public, max-age=60`",
        ),
        (
            other_page,
            "a sealed URL that is none is answered with 404, not refused by an edge",
        ),
        (
            own_refusal,
            "a sealed URL that is none is answered with 403, not refused by an edge",
        ),
    ] {
        let findings = look_at(|url, origin| Ok(meddle(edge(url, origin)))).await;
        assert_eq!(last(&findings), (State::Wrong, expected));
    }
}

#[tokio::test]
async fn a_url_that_is_not_granted_is_told_with_its_code() {
    let findings = look_at(|url, _| Ok(edge(url, None))).await;
    let (state, says) = last(&findings);
    assert_eq!(
        (state, says),
        (
            State::Wrong,
            "a URL that was just sealed is answered with 403 no_client"
        )
    );
    let remedy = findings.last().unwrap().remedy.as_deref().unwrap();
    assert!(remedy.contains("Origin"), "{remedy}");
}

#[tokio::test]
async fn what_cannot_be_asked_is_not_good() {
    for (error, state) in [
        (FetchError::NoTls, State::NotChecked),
        (FetchError::TimedOut, State::Wrong),
    ] {
        let findings = look_at(|_, _| Err(error.clone())).await;
        assert_eq!(last(&findings).0, state, "{findings:?}");
    }
    let url: BaseUrl = "https://edge.example.com".parse().unwrap();
    let findings = look(
        &url,
        None,
        &Behind(|url: &str, origin: Option<&str>| Ok(edge(url, origin))),
    )
    .await;
    assert_eq!(last(&findings).0, State::NotChecked);
}
