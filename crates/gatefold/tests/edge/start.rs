//! What keeps an edge from starting.

use std::net::TcpListener;

use crate::operator::Operator;

#[test]
fn an_edge_does_not_start_with_what_cannot_be_right() {
    for (toml, expected) in [
        (
            "[edge]\nkeyring = \"none.json\"",
            "none.json: there is no keyring: run `gatefold keys new edge",
        ),
        (
            "[edge]\nlisten = \"0.0.0.0:0\"\nadmin = \"\"",
            "data/keyring.json: there is no keyring",
        ),
        (
            "[edge.files]\nfolder = \"none\"",
            "edge.files.folder: the folder none cannot be read",
        ),
        (
            "[edge]\nlistn = 1",
            "gatefold.toml:2: edge.listn: there is no such setting here",
        ),
        (
            "[edge.cache]\nmemory = 5",
            "gatefold.toml:2: edge.cache.memory: this is a number; write",
        ),
        ("[log]\nfilter = \"=\"", "the log filter cannot be read"),
    ] {
        let operator = Operator::new();
        operator.write("gatefold.toml", toml);
        let mut command = operator.command(&["edge"]);
        // Free ones, unless the case names one.
        if !toml.contains("listen") {
            command.env("GATEFOLD_EDGE_LISTEN", "127.0.0.1:0");
        }
        if !toml.contains("admin") {
            command.env("GATEFOLD_EDGE_ADMIN", "127.0.0.1:0");
        }
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{toml}: {said}");
        assert!(said.contains(expected), "{toml}: {said}");
    }
}

#[test]
fn a_port_that_is_taken_is_named_with_its_setting() {
    let operator = Operator::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = operator.fail(&["edge", "--listen", &address]);
    assert!(
        said.contains(&format!("cannot listen on {address}")) && said.contains("edge.listen"),
        "{said}"
    );
    assert!(
        !operator.path().join("data").exists(),
        "nothing is made before it can listen"
    );
}
