//! A client that is asked from several runtimes, some of which end.

use std::sync::{Mutex, mpsc};

use tokio::runtime::{Builder, Runtime};

use super::{
    OK, at, get,
    support::{Reply, Server, certificate, client},
    text,
};
use crate::{Client, Roots};

/// The runtime of the process.
fn main_runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
}

/// What a core does until it ends.
fn on_a_core(client: &Client) -> String {
    let core = Builder::new_current_thread().enable_all().build().unwrap();
    let answer = core.block_on(async { text(get(client, "https://a.example/").await).await });
    core.shutdown_background();
    answer.unwrap()
}

#[test]
fn a_connection_outlives_the_runtime_that_asked_for_it() {
    let certified = certificate("a.example");
    for is_tls in [false, true] {
        let main = main_runtime();
        let (server, client) = main.block_on(async {
            let answer = |_: &str| Reply::Keep(OK.into());
            let server = if is_tls {
                Server::tls(&certified, answer).await
            } else {
                Server::plain(answer).await
            };
            let scheme = if is_tls { "https" } else { "http" };
            let place = format!("{scheme}://127.0.0.1:{}", server.port);
            let roots = Roots::These(vec![certified.cert.der().to_vec()]);
            let client = client(&[("a.example", place)], |options| options.roots = roots);
            (server, client)
        });
        // A connection is free a moment after its answer was read: whoever comes earlier opens another.
        let is_used_again = |ask: &dyn Fn() -> String| {
            (0..100).any(|_| {
                let opened = server.connections().into_iter().max();
                assert_eq!(ask(), "ok");
                server.connections().into_iter().max() == opened
            })
        };
        assert_eq!(on_a_core(&client), "ok");
        assert!(is_used_again(&|| on_a_core(&client)), "tls: {is_tls}");
        let here = || {
            let answer =
                main.block_on(async { text(get(&client, "https://a.example/").await).await });
            answer.unwrap()
        };
        assert!(is_used_again(&here), "tls: {is_tls}");
    }
}

#[test]
fn a_request_is_answered_though_the_core_that_connected_has_ended() {
    let main = main_runtime();
    let (go, goes) = mpsc::channel();
    let (arrive, arrived) = mpsc::channel();
    let goes = Mutex::new(goes);
    // A runtime of its own: the answer waits for the test.
    let theirs = main_runtime();
    let server = theirs.block_on(Server::plain(move |_| {
        arrive.send(()).unwrap();
        goes.lock().unwrap().recv().unwrap();
        Reply::Keep(OK.into())
    }));
    let client = {
        let _inside = main.enter();
        client(&[("a.example", at(&server))], |_| {})
    };
    let core = Builder::new_current_thread().enable_all().build().unwrap();
    go.send(()).unwrap();
    let first = core.block_on(async { text(get(&client, "https://a.example/").await).await });
    assert_eq!(first.unwrap(), "ok");
    arrived.recv().unwrap();
    // Sent on the connection that the core has opened, and waiting for its answer when the core ends.
    let second = main.spawn({
        let client = client.clone();
        async move { text(get(&client, "https://a.example/").await).await }
    });
    arrived.recv().unwrap();
    core.shutdown_background();
    go.send(()).unwrap();
    assert_eq!(main.block_on(second).unwrap().unwrap(), "ok");
    assert_eq!(server.connections(), [0, 0]);
}
