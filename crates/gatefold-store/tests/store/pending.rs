//! Sign-ins that have begun.

use gatefold_store::StoreError;

use crate::{
    database::{Database, at, hash},
    on_both,
};

on_both!(
    a_sign_in_is_taken_once,
    of_many_who_take_a_sign_in_one_gets_it
);

async fn a_sign_in_is_taken_once(database: &Database) {
    let store = database.store().await;
    let pending = store.pending();
    assert!(pending.take(&hash(1)).await.unwrap().is_none());
    pending.put(&hash(1), b"verifier", at(600)).await.unwrap();
    let again = pending.put(&hash(1), b"another", at(600)).await;
    assert!(matches!(again, Err(StoreError::Conflict)));
    let (bytes, expires) = pending.take(&hash(1)).await.unwrap().unwrap();
    assert_eq!((bytes.as_slice(), expires), (&b"verifier"[..], at(600)));
    assert!(pending.take(&hash(1)).await.unwrap().is_none());
}

async fn of_many_who_take_a_sign_in_one_gets_it(database: &Database) {
    let store = database.store().await;
    store
        .pending()
        .put(&hash(1), b"verifier", at(600))
        .await
        .unwrap();
    let taking: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.pending().take(&hash(1)).await.unwrap().is_some() })
        })
        .collect();
    let mut taken = 0;
    for task in taking {
        taken += u32::from(task.await.unwrap());
    }
    assert_eq!(taken, 1);
}
