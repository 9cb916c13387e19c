//! The world's view of an edge, right and wrong.

use std::time::SystemTime;

use http::HeaderValue;

use super::*;
use crate::commands::doctor::finding::State;

struct Standing(u64);

impl Clock for Standing {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_secs(self.0))
            .unwrap()
    }
}

struct Always(Result<Answer, FetchError>);

impl Fetch for Always {
    async fn get(&self, url: &str, _: Option<&str>) -> Result<Answer, FetchError> {
        assert!(url.ends_with("/health"), "{url}");
        self.0.clone()
    }
}

fn answer(status: u16, body: &str, date: Option<&'static str>) -> Answer {
    let mut answer = Answer {
        status,
        body: body.into(),
        ..Answer::default()
    };
    if let Some(date) = date {
        answer
            .headers
            .insert("date", HeaderValue::from_static(date));
    }
    answer
}

async fn states(url: &str, answer: Result<Answer, FetchError>, now: u64) -> Vec<State> {
    let findings = look(&url.parse().unwrap(), &Always(answer), &Standing(now)).await;
    findings.iter().map(|finding| finding.state).collect()
}

#[tokio::test]
async fn an_edge_is_there_or_not() {
    use State::{Good, NotChecked, Notice, Wrong};
    let url = "https://edge.example.com";
    for (answer, expected) in [
        (
            Ok(answer(200, r#"{"status":"ok"}"#, None)),
            vec![Good, NotChecked],
        ),
        (
            Ok(answer(503, r#"{"status":"stopping"}"#, None)),
            vec![Notice, NotChecked],
        ),
        (Ok(answer(200, "<html>", None)), vec![Wrong, NotChecked]),
        (Ok(answer(404, "", None)), vec![Wrong, NotChecked]),
        (Err(FetchError::NoTls), vec![NotChecked]),
        (Err(FetchError::Unreachable("refused".into())), vec![Wrong]),
    ] {
        assert_eq!(states(url, answer.clone(), 0).await, expected, "{answer:?}");
    }
    assert_eq!(
        states("http://10.0.0.1", Ok(answer(200, "", None)), 0).await,
        [Wrong]
    );
}

#[tokio::test]
async fn clocks_agree_or_not() {
    let answer = || {
        answer(
            200,
            r#"{"status":"ok"}"#,
            Some("Thu, 01 Jan 1970 00:10:00 GMT"),
        )
    };
    for (now, expected) in [
        (600, State::Good),
        (605, State::Good),
        (595, State::Good),
        (606, State::Wrong),
        (594, State::Wrong),
    ] {
        let states = states("http://127.0.0.1:1", Ok(answer()), now).await;
        assert_eq!(states, [State::Good, expected], "{now}");
    }
}
