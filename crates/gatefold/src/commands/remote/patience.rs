//! Pauses that a server asks for, which whoever does many things at once does not have to know of.

use std::time::Duration;

use gatefold_client::ClientError;
use tokio::time::sleep;

use super::{RemoteError, progress::Progress};

/// The longest pause that is made. A person would rather hear of a longer one.
const LONGEST: Duration = Duration::from_mins(2);
/// How often in a row.
const TIMES: u32 = 5;

/// Does something that changes nothing when the server asks for a pause, after as many pauses as it asks
/// for.
pub(in crate::commands) async fn patiently<T>(
    what: &str,
    mut work: impl AsyncFnMut() -> Result<T, ClientError>,
) -> Result<T, RemoteError> {
    for _ in 0..TIMES {
        match work().await {
            Err(ClientError::TooMany { wait, .. }) if wait <= LONGEST => {
                let mut progress = Progress::new();
                let words = format!("the site asks for a pause of {} s", wait.as_secs());
                progress.words(what, &words);
                sleep(wait).await;
            }
            done => return Ok(done?),
        }
    }
    Ok(work().await?)
}
