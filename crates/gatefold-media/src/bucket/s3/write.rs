//! Sends an object in parts, in a task that belongs to nobody who could leave: what has begun at the server
//! is ended there too, with the object or without.

use bytes::Bytes;
use gatefold_domain::ObjectKey;
use opendal_core::Writer;
use tokio::{
    sync::{OwnedRwLockReadGuard, mpsc, oneshot},
    task::JoinHandle,
};

use super::{BucketError, S3, failure};

/// An object that is being sent.
pub(in crate::bucket) struct Writing {
    orders: mpsc::Sender<Order>,
    task: JoinHandle<Result<(), BucketError>>,
}

/// What the task is to do. When nobody is left to say so, it gives the object up.
enum Order {
    Write(Bytes),
    Finish { len: u64, done: oneshot::Sender<()> },
}

impl Writing {
    pub(super) fn begin(
        bucket: S3,
        key: ObjectKey,
        writer: Writer,
        guard: OwnedRwLockReadGuard<()>,
    ) -> Self {
        // One order waits while one is carried out.
        let (orders, given) = mpsc::channel(1);
        let task = tokio::spawn(async move {
            let _guard = guard;
            send(&bucket, &key, writer, given).await
        });
        Self { orders, task }
    }

    pub(in crate::bucket) async fn write(&mut self, part: Bytes) -> Result<(), BucketError> {
        match self.orders.send(Order::Write(part)).await {
            Ok(()) => Ok(()),
            Err(_) => self.ended().await,
        }
    }

    pub(in crate::bucket) async fn finish(mut self, len: u64) -> Result<(), BucketError> {
        let (done, finished) = oneshot::channel();
        // Whether it was taken or not, the task tells what became of the object.
        let _ = self.orders.send(Order::Finish { len, done }).await;
        match finished.await {
            Ok(()) => Ok(()),
            Err(_) => self.ended().await,
        }
    }

    pub(in crate::bucket) async fn abort(self) {
        let Self { orders, task } = self;
        drop(orders);
        let _ = task.await;
    }

    /// Why the task has ended before it was told to.
    async fn ended(&mut self) -> Result<(), BucketError> {
        let over = || BucketError::Unavailable("it was given up".to_owned());
        let ended = (&mut self.task).await;
        Err(ended.map_or_else(|_| over(), |ended| ended.err().unwrap_or_else(over)))
    }
}

/// Does what it is told, to the end.
async fn send(
    bucket: &S3,
    key: &ObjectKey,
    mut writer: Writer,
    mut given: mpsc::Receiver<Order>,
) -> Result<(), BucketError> {
    while let Some(order) = given.recv().await {
        let done = match order {
            Order::Write(part) => writer.write(part).await.map(|()| None),
            Order::Finish { len, done } => writer.close().await.map(|_| Some((len, done))),
        };
        match done {
            Ok(None) => {}
            Ok(Some((len, done))) => {
                whole(bucket, key, len).await?;
                // Who asked may have left: it is there all the same.
                let _ = done.send(());
                return Ok(());
            }
            Err(error) => {
                let error = missing_bucket(failure(&error));
                give_up(writer).await;
                return Err(error);
            }
        }
    }
    give_up(writer).await;
    Ok(())
}

/// Whether all of it arrived.
async fn whole(bucket: &S3, key: &ObjectKey, len: u64) -> Result<(), BucketError> {
    if bucket.facts(key).await?.len == len {
        return Ok(());
    }
    bucket.delete(key).await?;
    Err(BucketError::Damaged)
}

/// Where something is written, what is missing can only be the bucket.
fn missing_bucket(error: BucketError) -> BucketError {
    match error {
        BucketError::NotFound => BucketError::Options("there is no such bucket".to_owned()),
        error => error,
    }
}

async fn give_up(mut writer: Writer) {
    if let Err(error) = writer.abort().await {
        // The server keeps parts that nobody can name any more, until its own rule removes them.
        tracing::warn!(kind = %error.kind(), "parts of an object that was given up stay in the bucket");
    }
}
