//! Tickets made at the command line, taken by an edge.

use serde_json::Value;

use crate::operator::{Operator, SONG, ask};

const FAN: &str = "did:plc:fan";
const EDGE: &str = "https://edge.example.com";

/// An operator whose minter seals for people.
fn operator() -> Operator {
    let operator = Operator::new();
    operator.write("data/files/demo/song.wav", SONG);
    operator.write("gatefold.toml", format!("[edge]\nurl = \"{EDGE}\""));
    operator.succeed(&["keys", "new", "edge"]);
    operator.succeed(&[
        "keys",
        "new",
        "minter",
        "site",
        "--out",
        "site.json",
        "--folder",
        "demo",
        "--client",
        "did:plc:*",
    ]);
    operator
}

fn sealed(operator: &Operator) -> String {
    let sealed = operator.succeed(&[
        "seal",
        "--minter",
        "site.json",
        "--client",
        FAN,
        "--edge",
        EDGE,
        "--folder",
        "demo",
        "files:song.wav",
    ]);
    sealed.trim().to_owned()
}

const TICKET: [&str; 5] = ["ticket", "--minter", "site.json", "--client", FAN];

#[test]
fn a_ticket_for_a_file_opens_that_file() {
    let operator = operator();
    let edge = operator.start();
    let url = sealed(&operator);
    let path = url.strip_prefix(EDGE).unwrap();
    let play = |ticket: &str| {
        let headers = format!("authorization: Ticket {}\r\n", ticket.trim());
        let (status, _, body) = ask(edge.address.unwrap(), "GET", path, &headers, "");
        (status, body)
    };
    // By the whole URL, by its path, and by the token alone.
    let token = path.strip_prefix("/securev1/").unwrap();
    for more in [
        &[url.as_str()][..],
        &[path, "--edge", EDGE],
        &[token, "--edge", EDGE],
    ] {
        let ticket = operator.succeed(&[&TICKET[..], more].concat());
        assert_eq!(play(&ticket), (200, SONG.to_vec()), "{more:?}");
    }
    let json = operator.succeed(&[&TICKET[..], &[&url, "--json"]].concat());
    let json: Value = serde_json::from_str(&json).unwrap();
    let ticket = json["ticket"].as_str().unwrap();
    assert_eq!(json["authorization"], format!("Ticket {ticket}"));
    assert!(
        json.get("bind").is_none() && json["valid_until"].is_string(),
        "{json}"
    );
    assert_eq!(play(ticket).0, 200);
    // Its minute is over; it is for another edge; it binds a browser and is for no file.
    for more in [
        &[url.as_str(), "--at", "2026-01-01T00:00:00Z"][..],
        &[&url, "--edge", "https://other.example.com"],
        &["--edge", EDGE],
    ] {
        let ticket = operator.succeed(&[&TICKET[..], more].concat());
        assert_eq!(play(&ticket).0, 403, "{more:?}");
    }
}

#[test]
fn a_ticket_for_a_browser_binds_it() {
    let operator = operator();
    let edge = operator.start();
    let json = operator.succeed(&[&TICKET[..], &["--edge", EDGE, "--json"]].concat());
    let json: Value = serde_json::from_str(&json).unwrap();
    let bind = json["bind"].as_str().unwrap().strip_prefix(EDGE).unwrap();
    let (status, head, _) = ask(edge.address.unwrap(), "GET", bind, "", "");
    assert_eq!(status, 204);
    assert!(head.contains("set-cookie: __host-gatefold_edge="), "{head}");
}

#[test]
fn what_no_edge_would_take_is_not_made() {
    let operator = operator();
    let url = sealed(&operator);
    let make = ["ticket", "--minter", "site.json", "--client"];
    for (more, expected) in [
        (&[FAN][..], "--edge https://edge.example.com"),
        (
            &[FAN, "--edge", "http://edge.example.com"],
            "an edge's public URL is https://",
        ),
        (
            &[FAN, "--edge", EDGE, "EC-nonsense"],
            "refused at the stage token",
        ),
        (&["https://music.example", &url], "a ticket is for a DID"),
        (&["did:web:fan.example", &url], "the edge would refuse this"),
    ] {
        let said = operator.fail(&[&make[..], more].concat());
        assert!(said.contains(expected), "{more:?}: {said}");
    }
}
