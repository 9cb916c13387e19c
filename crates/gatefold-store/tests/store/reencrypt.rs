//! Another key, beside a server that goes on.

use gatefold_store::{NewGrant, ReencryptCursor, Store, StoreError};

use crate::{
    database::{Database, at, crypter, grant, hash, person},
    on_both,
};

on_both!(
    values_are_rewritten_under_the_new_key,
    a_value_whose_key_is_missing_is_named,
    what_others_write_meanwhile_stays,
);

async fn put(store: &Store, number: u8) {
    let new = NewGrant {
        key: &grant(number),
        did: &person('a'),
        bytes: &[number],
        expires: None,
        created: at(0),
    };
    store.grants().put(new).await.unwrap();
}

async fn all(store: &Store, batch: u32) -> Result<Vec<u64>, StoreError> {
    let mut from: Option<ReencryptCursor> = None;
    let mut rewritten = Vec::new();
    loop {
        let done = store.reencrypt(from, batch).await?;
        rewritten.push(done.rewritten);
        from = done.next;
        if from.is_none() {
            return Ok(rewritten);
        }
    }
}

async fn values_are_rewritten_under_the_new_key(database: &Database) {
    let (old, new) = (crypter(&[1]).primary(), crypter(&[2]).primary());
    let before = database.open(&[1, 2]).await.unwrap();
    for number in 0..5 {
        put(&before, number).await;
    }
    before
        .pending()
        .put(&hash(1), b"pending", at(600))
        .await
        .unwrap();
    assert_eq!(before.keys_in_use().await.unwrap(), [(old, 6)]);
    let after = database.open(&[2, 1]).await.unwrap();
    assert_eq!(after.primary_key(), new);
    put(&after, 5).await;
    assert_eq!(all(&after, 2).await.unwrap(), [2, 2, 1, 0, 1, 0]);
    assert_eq!(after.keys_in_use().await.unwrap(), [(new, 7)]);
    // There is nothing left to do, and the old key can go.
    assert_eq!(all(&after, 100).await.unwrap(), [0, 0]);
    let without = database.open(&[2]).await.unwrap();
    for number in 0..6 {
        let bytes = without.grants().get(&grant(number)).await.unwrap().unwrap();
        assert_eq!(**bytes, [number]);
    }
    let (bytes, _) = without.pending().take(&hash(1)).await.unwrap().unwrap();
    assert_eq!(**bytes, *b"pending");
}

async fn a_value_whose_key_is_missing_is_named(database: &Database) {
    let without = database.open(&[2]).await.unwrap();
    let old = database.open(&[1, 2]).await.unwrap();
    put(&old, 1).await;
    old.pending()
        .put(&hash(1), b"pending", at(600))
        .await
        .unwrap();
    let missing = crypter(&[1]).primary();
    let is_missing =
        |error: StoreError| matches!(error, StoreError::KeyMissing(id) if id == missing);
    assert!(is_missing(
        without.grants().get(&grant(1)).await.err().unwrap()
    ));
    assert!(is_missing(without.reencrypt(None, 10).await.err().unwrap()));
    assert!(is_missing(
        without.pending().take(&hash(1)).await.err().unwrap()
    ));
    // It is left for a server that has the key.
    assert!(old.pending().take(&hash(1)).await.unwrap().is_some());
}

async fn what_others_write_meanwhile_stays(database: &Database) {
    const GRANTS: u8 = 8;
    const ROUNDS: u8 = 12;
    // A server that was not started anew yet, and still encrypts under the old key.
    let server = database.open(&[1, 2]).await.unwrap();
    let rewriting = database.open(&[2, 1]).await.unwrap();
    let mut fences = Vec::new();
    for number in 0..GRANTS {
        put(&server, number).await;
        let lease = server
            .grants()
            .lease(&grant(number), 1, at(0), at(999))
            .await;
        fences.push(lease.unwrap().unwrap());
    }
    let writing: Vec<_> = (0..GRANTS)
        .zip(fences)
        .map(|(number, fence)| {
            let server = server.clone();
            tokio::spawn(async move {
                for round in 0..ROUNDS {
                    let bytes = [number, round];
                    let grants = server.grants();
                    let replaced = grants
                        .replace(&grant(number), fence, &bytes, None, at(1))
                        .await;
                    assert!(replaced.unwrap(), "{number}");
                    let kept = grants.get(&grant(number)).await.unwrap().unwrap();
                    assert_eq!(**kept, bytes, "an older value came back");
                }
            })
        })
        .collect();
    let again = rewriting.clone();
    let rewriter = tokio::spawn(async move {
        for _ in 0..20 {
            all(&again, 3).await.unwrap();
        }
    });
    for task in writing {
        task.await.unwrap();
    }
    rewriter.await.unwrap();
    all(&rewriting, 3).await.unwrap();
    let new = crypter(&[2]).primary();
    assert_eq!(
        rewriting.keys_in_use().await.unwrap(),
        [(new, GRANTS.into())]
    );
    for number in 0..GRANTS {
        let kept = rewriting
            .grants()
            .get(&grant(number))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(**kept, [number, ROUNDS - 1]);
    }
}
