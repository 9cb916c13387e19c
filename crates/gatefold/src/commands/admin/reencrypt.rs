//! `gatefold admin reencrypt`.

use std::fmt;

use gatefold_domain::Clock;
use gatefold_ops::SystemClock;
use serde::Serialize;

use crate::{
    commands::{Error, output},
    config::Server,
    site::build,
};

/// Rows that are looked at with one statement.
const BATCH: u32 = 200;

pub(super) async fn run(config: &Server, json: bool) -> Result<(), Error> {
    let store = build::open_store(config, SystemClock.now().into()).await?;
    let mut done = Done {
        key: store.primary_key().to_string(),
        rewritten: 0,
        left: 0,
    };
    let mut cursor = None;
    loop {
        let batch = store.reencrypt(cursor, BATCH).await?;
        done.rewritten = done.rewritten.saturating_add(batch.rewritten);
        cursor = batch.next;
        if cursor.is_none() {
            break;
        }
    }
    let in_use = store.keys_in_use().await?;
    let others = in_use.iter().filter(|(id, _)| *id != store.primary_key());
    done.left = others.map(|(_, rows)| rows).sum();
    store.close().await;
    Ok(output::show(&done, json)?)
}

/// What was done.
#[derive(Serialize)]
struct Done {
    /// The key that everything is encrypted under now.
    key: String,
    rewritten: u64,
    /// Values that are still under other keys: written meanwhile by servers that have not been
    /// restarted.
    left: u64,
}

impl fmt::Display for Done {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key,
            rewritten,
            left,
        } = self;
        write!(
            out,
            "Encrypted {rewritten} values anew, under the key {key}."
        )?;
        if *left > 0 {
            write!(
                out,
                "\n{left} are still under other keys: restart every server, and run this again."
            )
        } else {
            write!(
                out,
                "\nNothing is under another key: `gatefold keys columns remove` takes those away."
            )
        }
    }
}
