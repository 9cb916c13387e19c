//! Patterns of hosts and clients.

use super::{
    Set,
    world::{CLIENT, DID, covers, failed},
};
use crate::vector::{Covered, Made, Pattern, Vector};

pub(crate) fn add(set: &mut Set) {
    hosts(set);
    clients(set);
    bad_patterns(set);
}

fn pattern(
    set: &mut Set,
    of: &str,
    name: &str,
    about: &str,
    id: u16,
    pattern: &str,
    value: Option<&str>,
    expect: Made<Covered>,
) {
    set.add(
        &format!("pattern-{of}-{name}"),
        Vector::Pattern(Pattern {
            about: about.into(),
            covers: covers(&[id]),
            of: of.into(),
            pattern: pattern.into(),
            value: value.map(Into::into),
            expect,
        }),
    );
}

fn hosts(set: &mut Set) {
    for (name, about, text, host, covered) in [
        (
            "exact",
            "A pattern without a star covers its host.",
            "a.example",
            "a.example",
            true,
        ),
        (
            "exact-other",
            "A pattern without a star covers no other host.",
            "a.example",
            "b.a.example",
            false,
        ),
        (
            "below",
            "A star covers a label.",
            "*.example.com",
            "a.example.com",
            true,
        ),
        (
            "below-deep",
            "A star covers several labels.",
            "*.example.com",
            "a.b.example.com",
            true,
        ),
        (
            "below-itself",
            "A star does not cover the name itself.",
            "*.example.com",
            "example.com",
            false,
        ),
        (
            "below-suffix",
            "A star covers whole labels.",
            "*.example.com",
            "badexample.com",
            false,
        ),
        (
            "below-empty",
            "A star stands for one label at least.",
            "*.example.com",
            ".example.com",
            false,
        ),
        (
            "below-inside",
            "A name in the middle is not covered.",
            "*.example.com",
            "a.example.com.evil.example",
            false,
        ),
    ] {
        pattern(
            set,
            "host",
            name,
            about,
            68,
            text,
            Some(host),
            Made::Given(Covered { covered }),
        );
    }
}

fn clients(set: &mut Set) {
    for (name, about, id, text, client, covered) in [
        (
            "any",
            "A star alone covers every client.",
            65,
            "*",
            "anybody",
            true,
        ),
        (
            "exact",
            "A pattern without a star covers its client.",
            70,
            CLIENT,
            CLIENT,
            true,
        ),
        (
            "exact-port",
            "Another port is another origin.",
            70,
            CLIENT,
            "https://music.example:8443",
            false,
        ),
        (
            "exact-case",
            "Clients are compared exactly.",
            70,
            CLIENT,
            "https://Music.example",
            false,
        ),
        ("did-exact", "A pattern may be one DID.", 70, DID, DID, true),
        (
            "did",
            "A star at the end of a DID covers longer ones.",
            69,
            "did:plc:*",
            DID,
            true,
        ),
        (
            "did-bare",
            "A star stands for one character at least.",
            69,
            "did:plc:*",
            "did:plc:",
            false,
        ),
        (
            "did-other",
            "A star at the end covers no other beginning.",
            69,
            "did:plc:*",
            "did:web:a.example",
            false,
        ),
        (
            "did-all",
            "All DIDs have a pattern.",
            69,
            "did:*",
            DID,
            true,
        ),
        (
            "did-not-origin",
            "The pattern of all DIDs covers no origin.",
            69,
            "did:*",
            CLIENT,
            false,
        ),
        (
            "below",
            "A star covers a label of an origin's host.",
            70,
            "https://*.example.com",
            "https://a.example.com",
            true,
        ),
        (
            "below-deep",
            "A star covers several labels of an origin's host.",
            70,
            "https://*.example.com",
            "https://a-1.B.example.com",
            true,
        ),
        (
            "below-port",
            "A pattern may name a port.",
            70,
            "https://*.example.com:8443",
            "https://a.example.com:8443",
            true,
        ),
        (
            "below-port-other",
            "A pattern without a port covers no port.",
            70,
            "https://*.example.com",
            "https://a.example.com:8443",
            false,
        ),
        (
            "below-itself",
            "A star does not cover the host itself.",
            70,
            "https://*.example.com",
            "https://example.com",
            false,
        ),
        (
            "below-suffix",
            "A star covers whole labels of an origin's host.",
            70,
            "https://*.example.com",
            "https://badexample.com",
            false,
        ),
        (
            "below-scheme",
            "Another scheme is not covered.",
            70,
            "https://*.example.com",
            "http://a.example.com",
            false,
        ),
        (
            "below-slash",
            "A star covers no slash.",
            70,
            "https://*.example.com",
            "https://evil.example/.example.com",
            false,
        ),
        (
            "below-at",
            "A star covers no at sign.",
            70,
            "https://*.example.com",
            "https://a@b.example.com",
            false,
        ),
        (
            "below-colon",
            "A star covers no colon.",
            70,
            "https://*.example.com",
            "https://a:1.example.com",
            false,
        ),
        (
            "below-hash",
            "A star covers no other character.",
            70,
            "https://*.example.com",
            "https://evil.example#.example.com",
            false,
        ),
        (
            "below-wide",
            "A star covers no letter beyond ASCII.",
            70,
            "https://*.example.com",
            "https://ä.example.com",
            false,
        ),
        (
            "below-overlap",
            "What stands before and after the star does not overlap.",
            70,
            "https://*.a.a",
            "https://.a.a",
            false,
        ),
    ] {
        pattern(
            set,
            "client",
            name,
            about,
            id,
            text,
            Some(client),
            Made::Given(Covered { covered }),
        );
    }
}

fn bad_patterns(set: &mut Set) {
    for (of, name, text) in [
        ("host", "bad-empty", ""),
        ("host", "bad-star", "*"),
        ("host", "bad-star-dot", "*."),
        ("host", "bad-star-label", "*example.com"),
        ("host", "bad-star-inside", "a.*.com"),
        ("host", "bad-two-stars", "*.*.com"),
        ("host", "bad-upper-case", "A.example"),
        ("host", "bad-address", "10.0.0.1"),
        ("host", "bad-port", "a.example:8443"),
        ("client", "bad-empty", ""),
        ("client", "bad-two-stars", "**"),
        ("client", "bad-origin-end", "https://music.*"),
        ("client", "bad-origin-all", "https://*"),
        ("client", "bad-origin-dot", "https://*."),
        ("client", "bad-origin-label", "https://*example.com"),
        ("client", "bad-origin-inside", "https://a.*.example.com"),
        ("client", "bad-origin-two", "https://*.*.com"),
        ("client", "bad-did-inside", "did:*:a"),
        ("client", "bad-did-two", "did:plc:**"),
        ("client", "bad-no-scheme", "*.example.com"),
        ("client", "bad-empty-scheme", "://*.example.com"),
        ("client", "bad-other-scheme", "ftp://*.example.com"),
        ("client", "bad-upper-case", "https://*.Example.com"),
        ("client", "bad-empty-port", "https://*.example.com:"),
    ] {
        pattern(
            set,
            of,
            name,
            "This text is no pattern.",
            71,
            text,
            None,
            failed("pattern"),
        );
    }
}
