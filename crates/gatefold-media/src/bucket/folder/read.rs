//! Reads a file, a piece at a time.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::Stream;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{BucketError, Reading, facts};
use crate::bucket::CHUNK;

/// Opens a file. Blocks.
pub(super) fn open(place: &Path) -> Result<Reading, BucketError> {
    let file = File::open(place).map_err(|error| BucketError::of_reading(&error))?;
    let found = file.metadata();
    let facts = facts(&found.map_err(|error| BucketError::of_reading(&error))?)?;
    let pieces = Pieces {
        state: State::Idle(file),
    };
    Ok(Reading::new(Box::pin(pieces), facts.len))
}

/// What is in a file.
struct Pieces {
    state: State,
}

enum State {
    Idle(File),
    Busy(JoinHandle<io::Result<(File, Bytes)>>),
    Over,
}

impl Stream for Pieces {
    type Item = Result<Bytes, BucketError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Idle(file) => self.state = State::Busy(spawn_blocking(move || piece(file))),
                State::Busy(mut reading) => {
                    let Poll::Ready(read) = Pin::new(&mut reading).poll(context) else {
                        self.state = State::Busy(reading);
                        return Poll::Pending;
                    };
                    return Poll::Ready(match read {
                        Ok(Ok((_, bytes))) if bytes.is_empty() => None,
                        Ok(Ok((file, bytes))) => {
                            self.state = State::Idle(file);
                            Some(Ok(bytes))
                        }
                        Ok(Err(error)) => Some(Err(BucketError::of_system(&error))),
                        Err(_) => Some(Err(BucketError::Unavailable(
                            "it was interrupted".to_owned(),
                        ))),
                    });
                }
                State::Over => return Poll::Ready(None),
            }
        }
    }
}

fn piece(mut file: File) -> io::Result<(File, Bytes)> {
    let mut bytes = Vec::with_capacity(CHUNK);
    (&mut file).take(CHUNK as u64).read_to_end(&mut bytes)?;
    Ok((file, bytes.into()))
}
