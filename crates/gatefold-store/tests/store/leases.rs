//! Leases by name.

use crate::{
    database::{Database, at},
    on_both,
};

on_both!(a_name_has_one_holder, of_many_who_take_a_name_one_gets_it);

async fn a_name_has_one_holder(database: &Database) {
    let store = database.store().await;
    let leases = store.leases();
    assert_eq!(
        leases.take("keep", 1, at(0), at(30)).await.unwrap(),
        Some(1)
    );
    assert_eq!(leases.take("keep", 2, at(1), at(30)).await.unwrap(), None);
    assert_eq!(
        leases.take("sweep", 2, at(1), at(30)).await.unwrap(),
        Some(1)
    );
    assert!(leases.renew("keep", 1, at(60)).await.unwrap());
    assert_eq!(leases.take("keep", 2, at(59), at(90)).await.unwrap(), None);
    assert_eq!(
        leases.take("keep", 2, at(60), at(90)).await.unwrap(),
        Some(2)
    );
    // It is somebody else's by now.
    assert!(!leases.renew("keep", 1, at(999)).await.unwrap());
    leases.release("keep", 1).await.unwrap();
    assert_eq!(leases.take("keep", 1, at(61), at(90)).await.unwrap(), None);
    leases.release("keep", 2).await.unwrap();
    assert!(!leases.renew("keep", 2, at(999)).await.unwrap());
    assert_eq!(
        leases.take("keep", 1, at(62), at(90)).await.unwrap(),
        Some(3)
    );
    assert!(!leases.renew("nothing", 1, at(999)).await.unwrap());
    assert!(!leases.renew("keep", u64::MAX, at(999)).await.unwrap());
}

async fn of_many_who_take_a_name_one_gets_it(database: &Database) {
    let store = database.store().await;
    let taking: Vec<_> = (0..20)
        .map(|holder| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .leases()
                    .take("keep", holder, at(0), at(30))
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut given = Vec::new();
    for task in taking {
        given.extend(task.await.unwrap());
    }
    assert_eq!(given, [1]);
}
