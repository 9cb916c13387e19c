//! The records of likes, in the repositories of those who like (`fm.plyr.like`).

use std::{sync::Arc, time::Duration};

use gatefold_domain::{Clock, Timestamp};
use gatefold_store::{Job, JobKind, Like, Store};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    accounts::{Accounts, Asked, RepositoryError},
    jobs::{Does, Doing, JobError, Outcome},
};

/// When to look again whether what is liked has a record.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Writes and removes the records of likes.
pub struct LikeRecords {
    /// Where likes are kept.
    pub store: Store,
    /// In whose name records are written.
    pub accounts: Arc<Accounts>,
    /// The collection of likes, such as `fm.plyr.like`.
    pub collection: String,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

#[derive(Deserialize)]
struct Put {
    uri: String,
    cid: String,
}

impl LikeRecords {
    async fn follow(&self, job: &Job) -> Result<Outcome, JobError> {
        let Some(like) = self.store.likes().of(job).await? else {
            self.store.jobs().finish(job, self.now()).await?;
            return Ok(Outcome::Finished);
        };
        if like.is_wanted {
            let Some((uri, cid)) = &like.subject else {
                // It has no record, which may come: then it can be referred to.
                return Ok(Outcome::Later(LOOK_AGAIN));
            };
            self.put(job, &like, (uri, cid)).await?;
        } else if like.record_uri.is_some() {
            self.delete(&like).await?;
        }
        self.store.likes().settled(job, &like, self.now()).await?;
        Ok(Outcome::Finished)
    }

    async fn put(&self, job: &Job, like: &Like, (uri, cid): (&str, &str)) -> Result<(), JobError> {
        let likes = self.store.likes();
        if like.record_uri.is_none() {
            let uri = format!("at://{}/{}/{}", like.did, self.collection, like.record_key);
            likes.recorded(job, like, (&uri, "")).await?;
        }
        let body = json!({
            "repo": like.did.as_str(),
            "collection": self.collection,
            "rkey": like.record_key,
            "record": {
                "$type": self.collection,
                "subject": { "uri": uri, "cid": cid },
                "createdAt": like.created.to_string(),
            },
        });
        let asked = Asked::Post("com.atproto.repo.putRecord", &body);
        let put: Put = self
            .accounts
            .in_name_of(&like.did, &asked)
            .await
            .map_err(delayed)?;
        Ok(likes.recorded(job, like, (&put.uri, &put.cid)).await?)
    }

    async fn delete(&self, like: &Like) -> Result<(), JobError> {
        let body = json!({
            "repo": like.did.as_str(),
            "collection": self.collection,
            "rkey": like.record_key,
        });
        let asked = Asked::Post("com.atproto.repo.deleteRecord", &body);
        let _: Value = self
            .accounts
            .in_name_of(&like.did, &asked)
            .await
            .map_err(delayed)?;
        Ok(())
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }
}

fn delayed(error: RepositoryError) -> JobError {
    match error {
        RepositoryError::Store(error) => error.into(),
        error => JobError::Other(error.to_string()),
    }
}

impl Does for LikeRecords {
    fn kind(&self) -> JobKind {
        JobKind::Like
    }

    fn work<'a>(&'a self, job: &'a Job) -> Doing<'a> {
        Box::pin(self.follow(job))
    }
}
