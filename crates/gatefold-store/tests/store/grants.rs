//! Grants, and the lease of whoever refreshes them.

use gatefold_store::{NewGrant, Store, StoreError};

use crate::{
    database::{Database, Place, SignIn, at, grant, person},
    on_both,
};

on_both!(
    a_grant_is_kept_encrypted,
    a_grant_is_no_other_ones,
    a_lease_has_one_holder,
    a_late_holder_changes_nothing,
    of_many_who_ask_at_once_one_gets_the_lease,
    stale_grants_are_listed_by_age,
);

async fn put(store: &Store, number: u8) {
    let bytes = format!("in plain sight {number}");
    let new = NewGrant {
        key: &grant(number),
        did: &person('a'),
        bytes: bytes.as_bytes(),
        expires: Some(at(100)),
        created: at(0),
    };
    store.grants().put(new).await.unwrap();
}

async fn a_grant_is_kept_encrypted(database: &Database) {
    let store = database.store().await;
    let grants = store.grants();
    assert!(grants.get(&grant(1)).await.unwrap().is_none());
    put(&store, 1).await;
    assert_eq!(
        **grants.get(&grant(1)).await.unwrap().unwrap(),
        *b"in plain sight 1"
    );
    let text = match &database.place {
        Place::Postgres(fresh) => fresh.dump().unwrap().into_bytes(),
        Place::Sqlite(folder) => {
            let name = |file: &str| std::fs::read(folder.path().join(file)).unwrap();
            [name("gatefold.db"), name("gatefold.db-wal")].concat()
        }
    };
    let has = |needle: &[u8]| text.windows(needle.len()).any(|window| window == needle);
    // As a dump writes bytes: "in plain".
    let hex = b"696e20706c61696e";
    assert!(has(person('a').as_str().as_bytes()), "nothing was written");
    assert!(!has(b"plain sight") && !has(hex));
    // Another one of this name is refused, and changes nothing.
    let new = NewGrant {
        key: &grant(1),
        did: &person('b'),
        bytes: b"another",
        expires: None,
        created: at(1),
    };
    assert!(matches!(grants.put(new).await, Err(StoreError::Conflict)));
    assert_eq!(
        **grants.get(&grant(1)).await.unwrap().unwrap(),
        *b"in plain sight 1"
    );
    for _ in 0..2 {
        assert_eq!(grants.delete(&grant(1), at(0)).await.unwrap(), []);
    }
    assert!(grants.get(&grant(1)).await.unwrap().is_none());
}

async fn a_grant_is_no_other_ones(database: &Database) {
    let store = database.store().await;
    put(&store, 1).await;
    put(&store, 2).await;
    let one = "SELECT sealed FROM grants WHERE id LIKE '0101%'";
    database
        .sql(&format!(
            "UPDATE grants SET sealed = ({one}) WHERE id LIKE '0202%'"
        ))
        .await;
    assert!(store.grants().get(&grant(1)).await.is_ok());
    let error = store.grants().get(&grant(2)).await.err().unwrap();
    assert!(
        matches!(error, StoreError::Damaged { table: "grants" }),
        "{error}"
    );
}

async fn a_lease_has_one_holder(database: &Database) {
    let store = database.store().await;
    let other = database.store().await;
    put(&store, 1).await;
    let key = grant(1);
    assert_eq!(
        store
            .grants()
            .lease(&grant(9), 1, at(0), at(30))
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        store.grants().lease(&key, 1, at(0), at(30)).await.unwrap(),
        Some(1)
    );
    for (now, expected) in [(1, None), (29, None), (30, Some(2))] {
        let lease = other
            .grants()
            .lease(&key, 2, at(now), at(60))
            .await
            .unwrap();
        assert_eq!(lease, expected, "{now}");
    }
    // Whoever held it before cannot give it back.
    store.grants().release(&key, 1).await.unwrap();
    assert_eq!(
        store.grants().lease(&key, 1, at(31), at(60)).await.unwrap(),
        None
    );
    other.grants().release(&key, 2).await.unwrap();
    assert_eq!(
        store
            .grants()
            .lease(&key, u128::MAX, at(32), at(60))
            .await
            .unwrap(),
        Some(3)
    );
    store.grants().release(&key, u64::MAX).await.unwrap();
    assert_eq!(
        other.grants().lease(&key, 2, at(33), at(60)).await.unwrap(),
        None
    );
}

async fn a_late_holder_changes_nothing(database: &Database) {
    let store = database.store().await;
    put(&store, 1).await;
    let (grants, key) = (store.grants(), grant(1));
    let first = grants.lease(&key, 1, at(0), at(30)).await.unwrap().unwrap();
    assert!(
        grants
            .replace(&key, first, b"first", None, at(1))
            .await
            .unwrap()
    );
    let second = grants
        .lease(&key, 2, at(30), at(60))
        .await
        .unwrap()
        .unwrap();
    assert!(second > first);
    assert!(
        grants
            .replace(&key, second, b"second", None, at(31))
            .await
            .unwrap()
    );
    assert!(
        !grants
            .replace(&key, first, b"late", None, at(32))
            .await
            .unwrap()
    );
    assert!(
        !grants
            .replace(&key, u64::MAX, b"late", None, at(32))
            .await
            .unwrap()
    );
    assert_eq!(**grants.get(&key).await.unwrap().unwrap(), *b"second");
    grants.delete(&key, at(0)).await.unwrap();
    assert!(
        !grants
            .replace(&key, second, b"gone", None, at(33))
            .await
            .unwrap()
    );
    assert!(grants.get(&key).await.unwrap().is_none());
}

async fn of_many_who_ask_at_once_one_gets_the_lease(database: &Database) {
    let stores = [database.store().await, database.store().await];
    put(&stores[0], 1).await;
    let asking: Vec<_> = (0..50)
        .map(|holder| {
            let store = stores[holder % 2].clone();
            tokio::spawn(async move {
                let holder = holder as u128;
                store
                    .grants()
                    .lease(&grant(1), holder, at(0), at(30))
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut given = Vec::new();
    for task in asking {
        given.extend(task.await.unwrap());
    }
    assert_eq!(given, [1]);
}

async fn stale_grants_are_listed_by_age(database: &Database) {
    let store = database.store().await;
    for (number, begun) in [(1, 0), (2, 10), (3, 10), (4, 20), (5, 30)] {
        let sign_in = SignIn {
            at: begun,
            ..SignIn::command_line('a', number)
        };
        sign_in.complete(&store).await;
    }
    // One without a session, and one whose session has ended by itself.
    put(&store, 6).await;
    let brief = SignIn {
        lasts: 40,
        ..SignIn::command_line('b', 7)
    };
    brief.complete(&store).await;
    let list = async |before, after, limit| {
        let rows = store
            .grants()
            .stale(at(before), after, limit, at(50))
            .await
            .unwrap();
        rows.into_iter().collect::<Vec<_>>()
    };
    let keys = |rows: &[gatefold_store::GrantRow]| -> Vec<u8> {
        rows.iter().map(|row| row.key[0]).collect()
    };
    let all = list(30, None, 10).await;
    assert_eq!(keys(&all), [1, 2, 3, 4]);
    assert_eq!((&all[1].did, all[1].refreshed), (&person('a'), at(10)));
    let first = list(30, None, 2).await;
    assert_eq!(keys(&first), [1, 2]);
    assert_eq!(keys(&list(30, first.last(), 2).await), [3, 4]);
    // What was refreshed is young again.
    let fence = store
        .grants()
        .lease(&grant(1), 1, at(40), at(60))
        .await
        .unwrap()
        .unwrap();
    let key = grant(1);
    assert!(
        store
            .grants()
            .replace(&key, fence, b"new", None, at(41))
            .await
            .unwrap()
    );
    assert_eq!(keys(&list(30, None, 10).await), [2, 3, 4]);
}
