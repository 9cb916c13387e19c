//! The stage `scope`, and patterns.

use super::{
    Set,
    world::{DID, NOON, case, in_window, open, opened, payload, refused, scope, scoped, token},
};
use crate::vector::{Open, Payload, Scope, Vector};

pub(crate) fn add(set: &mut Set) {
    sources(set);
    clients_and_lifetimes(set);
}

fn from(source: &str, folder: Option<&str>) -> Payload {
    Payload {
        original_source: source.into(),
        bucket_folder: folder.map(Into::into),
        ..payload()
    }
}

fn gated() -> Payload {
    Payload {
        client: DID.into(),
        ..from("private:tracks/5f2c/original.flac", None)
    }
}

fn sources(set: &mut Set) {
    let out = || refused("scope", "source_out_of_scope");
    for (name, about, said) in [
        (
            "scope-private",
            "A scope that allows the private bucket allows its objects.",
            gated(),
        ),
        (
            "scope-folder",
            "A scope allows the folders that it names.",
            from("files:a.mp3", Some("demo")),
        ),
        (
            "scope-host-port",
            "A host is allowed with every port.",
            from("https://cdn.example.com:8443/a", None),
        ),
    ] {
        set.add(name, case(about, &[64], token(&said), opened(&said)));
    }
    for (name, about, said) in [
        (
            "scope-host-other",
            "Another host is out of scope.",
            from("https://other.example/a", None),
        ),
        (
            "scope-host-below",
            "A host below an allowed one is out of scope.",
            from("https://a.cdn.example.com/a", None),
        ),
        (
            "scope-host-suffix",
            "A host that ends like an allowed one is out of scope.",
            from("https://evilcdn.example.com/a", None),
        ),
        (
            "scope-folder-other",
            "Another folder is out of scope.",
            from("files:a.mp3", Some("demo2")),
        ),
        (
            "scope-folder-case",
            "Folders are compared exactly.",
            from("files:a.mp3", Some("Demo")),
        ),
    ] {
        set.add(name, case(about, &[64], token(&said), out()));
    }
    for (name, about, said, scope) in [
        (
            "scope-default-https",
            "A scope that names no host allows none.",
            payload(),
            Scope {
                hosts: vec![],
                ..scope()
            },
        ),
        (
            "scope-default-folder",
            "A scope that names no folder allows none.",
            from("files:a", Some("demo")),
            Scope {
                folders: vec![],
                ..scope()
            },
        ),
        (
            "scope-default-private",
            "A scope that does not speak of the private bucket does not allow it.",
            gated(),
            Scope {
                private: None,
                ..scope()
            },
        ),
        (
            "scope-private-no",
            "A scope that says no to the private bucket does not allow it.",
            gated(),
            Scope {
                private: Some(false),
                ..scope()
            },
        ),
        (
            "scope-default-all",
            "An empty scope allows nothing.",
            payload(),
            Scope::default(),
        ),
    ] {
        set.add(name, scoped(about, &[64, 67], scope, token(&said), out()));
    }
}

fn clients_and_lifetimes(set: &mut Set) {
    let client = |client: &str| Payload {
        client: client.into(),
        ..payload()
    };
    let out = || refused("scope", "client_out_of_scope");
    set.add(
        "scope-client-other",
        case(
            "Another client is out of scope.",
            &[65],
            token(&client("https://evil.example")),
            out(),
        ),
    );
    set.add(
        "scope-client-longer",
        case(
            "A client that begins like an allowed one is out of scope.",
            &[65],
            token(&client("https://music.example.evil.example")),
            out(),
        ),
    );
    set.add(
        "scope-client-did",
        case(
            "A DID that a pattern covers is in scope.",
            &[65, 69],
            token(&client(DID)),
            opened(&client(DID)),
        ),
    );
    for (name, about, after) in [
        (
            "scope-private-origin",
            "An object of the private bucket is not sealed for an origin, whatever the patterns say.",
            0,
        ),
        (
            "scope-private-origin-expired",
            "That is said before the window is looked at.",
            86_400,
        ),
    ] {
        let said = from("private:tracks/5f2c/original.flac", None);
        let usual = open(about, &[84], token(&said), out());
        let now = usual.now + after;
        set.add(name, Vector::Open(Open { now, ..usual }));
    }
    set.add(
        "scope-default-client",
        scoped(
            "A scope that names no client allows none.",
            &[65, 67],
            Scope {
                clients: vec![],
                ..scope()
            },
            token(&payload()),
            out(),
        ),
    );
    let hour = Scope {
        longest_lifetime: Some(3600),
        ..scope()
    };
    set.add(
        "scope-lifetime-equal",
        scoped(
            "The longest lifetime itself is in scope.",
            &[66],
            hour.clone(),
            token(&payload()),
            opened(&payload()),
        ),
    );
    let longer = in_window(NOON / 3601, 3601, 0);
    set.add(
        "scope-lifetime-longer",
        scoped(
            "A lifetime one second longer is out of scope.",
            &[66],
            hour,
            token(&longer),
            refused("scope", "lifetime_out_of_scope"),
        ),
    );
}
