//! Runtimes that end: a server has one for each core, which ask while it runs and end before it does.

use tokio::{
    runtime::{Builder, Runtime},
    task::{JoinSet, yield_now},
};

use gatefold_store::{Options, Store};

use crate::database::{Database, SignIn, at, id, person};

/// Connections at one time, and how many ask for one.
const MOST: u32 = 4;

/// What asks for a while and ends, with the connections that it has opened.
fn core() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Asks on all connections at once; all are answered.
async fn ask(store: &Store) {
    let mut asking = JoinSet::new();
    for _ in 0..MOST {
        let store = store.clone();
        asking.spawn(async move {
            for now in 0..3 {
                let (accounts, who) = (store.accounts(), person('a'));
                assert!(accounts.get(&who).await.unwrap().is_some());
                assert!(!accounts.seen(&who, None, at(now)).await.unwrap());
            }
        });
    }
    asking.join_all().await;
    // What was asked on goes back in tasks of its own.
    for _ in 0..100 {
        yield_now().await;
    }
}

fn connections_of_a_runtime_that_ended_are_opened_anew(database: &Database) {
    let mut builder = Builder::new_multi_thread();
    let main = builder.worker_threads(1).enable_all().build().unwrap();
    let options = Options {
        connections: MOST,
        migrate: true,
    };
    let store = main.block_on(database.open_with(&[1], options)).unwrap();
    main.block_on(SignIn::browser('a', 1, 101).complete(&store));
    for round in 0..5 {
        let core = core();
        core.block_on(async {
            ask(&store).await;
            // In the middle of something when it ends.
            for _ in 0..round {
                let store = store.clone();
                tokio::spawn(async move {
                    let (sessions, to) = (store.sessions(), person('a'));
                    while sessions.switch(id(1), &to, &[1; 32], at(2)).await.is_ok() {}
                });
            }
            for _ in 0..20 * round {
                yield_now().await;
            }
        });
        core.shutdown_background();
        main.block_on(ask(&store));
    }
    main.block_on(store.close());
}

#[test]
fn connections_of_a_runtime_that_ended_are_opened_anew_on_sqlite() {
    connections_of_a_runtime_that_ended_are_opened_anew(&Database::sqlite());
}

#[test]
fn connections_of_a_runtime_that_ended_are_opened_anew_on_postgresql() {
    connections_of_a_runtime_that_ended_are_opened_anew(&Database::postgres());
}
