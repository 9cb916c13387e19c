//! The decision over many tracks at once, for a list: one question for each artist, side by side.

use std::collections::HashMap;

use gatefold_domain::{Access, Decision, Did, Support};
use tokio::task::JoinSet;

use super::Playing;

/// How many questions are put at the same time.
const AT_ONCE: usize = 16;

impl Playing {
    /// Whether a viewer, or somebody who is not signed in, may hear each of these.
    pub async fn decide_all(&self, viewer: Option<&Did>, all: &[&Access]) -> Vec<Decision> {
        let mut answers = HashMap::<Did, Support>::new();
        let mut open = Vec::new();
        for access in all {
            if access.decide(viewer).is_err() && !open.contains(&&access.artist) {
                open.push(&access.artist);
            }
        }
        if let Some(viewer) = viewer {
            for artists in open.chunks(AT_ONCE) {
                let mut asked = JoinSet::new();
                for artist in artists {
                    let supporters = self.supporters.clone();
                    let (viewer, artist) = (viewer.clone(), Did::clone(artist));
                    asked.spawn(async move {
                        let answer = supporters.supports(&viewer, &artist).await;
                        (artist, answer.support)
                    });
                }
                while let Some(answer) = asked.join_next().await {
                    // A question that was dropped is not answered, and so unknown.
                    answers.extend(answer.ok());
                }
            }
        }
        all.iter()
            .map(|access| match access.decide(viewer) {
                Ok(decision) => decision,
                Err(question) => {
                    let answer = answers.get(question.artist).copied();
                    question.decide(answer.unwrap_or(Support::Unknown))
                }
            })
            .collect()
    }
}
