//! The stage `client`: what a request proves, held against whom the URL is for.

use super::{
    Set,
    world::{CLIENT, DID, SOURCE, covers, refused},
};
use crate::vector::{Client, Identity, Outcome, Request, Vector};

const OTHER: &str = "https://evil.example";
pub(super) const REFERER: &str = "https://music.example/album?x=1#t";
const ORIGIN: &str = "Origin";
pub(super) const FROM: &str = "Referer";

pub(super) type Headers<'a> = &'a [(&'a str, &'a str)];

pub(crate) fn add(set: &mut Set) {
    origins(set);
    dids(set);
}

struct Asked<'a> {
    source: &'a str,
    client: &'a str,
    headers: Headers<'a>,
    did: Option<&'a str>,
}

/// `code` is `None` where the request proves the client.
fn add_case(
    set: &mut Set,
    name: &str,
    about: &str,
    ids: &[u16],
    asked: &Asked<'_>,
    code: Option<&str>,
) {
    let expect = match code {
        None => Outcome::Given(Identity {
            identity: asked.client.into(),
        }),
        Some(code @ "client_out_of_scope") => refused("scope", code),
        Some(code) => refused("client", code),
    };
    set.add(
        &format!("client-{name}"),
        Vector::Client(Client {
            about: about.into(),
            covers: covers(ids),
            original_source: asked.source.into(),
            client: asked.client.into(),
            request: Request {
                headers: asked
                    .headers
                    .iter()
                    .map(|(name, value)| ((*name).into(), (*value).into()))
                    .collect(),
                did: asked.did.map(Into::into),
            },
            expect,
        }),
    );
}

pub(super) fn origin(
    set: &mut Set,
    name: &str,
    about: &str,
    id: u16,
    client: &str,
    headers: Headers<'_>,
    code: Option<&str>,
) {
    let asked = Asked {
        source: SOURCE,
        client,
        headers,
        did: None,
    };
    add_case(set, name, about, &[id], &asked, code);
}

fn origins(set: &mut Set) {
    let no = Some("no_client");
    let wrong = Some("wrong_client");
    let table: &[(&str, &str, u16, Headers<'_>, Option<&str>)] = &[
        (
            "origin",
            "One Origin decides.",
            76,
            &[(ORIGIN, CLIENT)],
            None,
        ),
        (
            "origin-name-case",
            "Names of headers have no case.",
            76,
            &[("oRIGIN", CLIENT)],
            None,
        ),
        (
            "origin-over-referer",
            "An Origin decides against a Referer of another site.",
            76,
            &[(FROM, "https://evil.example/"), (ORIGIN, CLIENT)],
            None,
        ),
        (
            "origin-other",
            "Another Origin is somebody else.",
            83,
            &[(ORIGIN, OTHER)],
            wrong,
        ),
        (
            "origin-other-over-referer",
            "Another Origin decides against a Referer of the client.",
            76,
            &[(ORIGIN, OTHER), (FROM, REFERER)],
            wrong,
        ),
        (
            "origin-case",
            "Origins are compared in every byte.",
            83,
            &[(ORIGIN, "https://Music.example")],
            wrong,
        ),
        (
            "origin-slash",
            "An Origin with a slash is another.",
            83,
            &[(ORIGIN, "https://music.example/")],
            wrong,
        ),
        (
            "origin-port",
            "An Origin with the default port is another: nothing is normalised.",
            83,
            &[(ORIGIN, "https://music.example:443")],
            wrong,
        ),
        (
            "origin-scheme",
            "An Origin of another scheme is another.",
            83,
            &[(ORIGIN, "http://music.example")],
            wrong,
        ),
        (
            "origin-longer",
            "An Origin that begins like the client is another.",
            83,
            &[(ORIGIN, "https://music.example.evil.example")],
            wrong,
        ),
        (
            "origin-list",
            "A list of origins is not one of them.",
            76,
            &[(ORIGIN, "https://music.example, https://evil.example")],
            wrong,
        ),
        (
            "origin-list-spaces",
            "A list of origins with spaces is not one of them.",
            76,
            &[(ORIGIN, "https://evil.example https://music.example")],
            wrong,
        ),
        (
            "origin-empty",
            "An empty Origin decides too.",
            76,
            &[(ORIGIN, ""), (FROM, REFERER)],
            wrong,
        ),
        (
            "origin-null-upper",
            "Only null in lower case is null.",
            76,
            &[(ORIGIN, "NULL"), (FROM, REFERER)],
            wrong,
        ),
        (
            "origin-null-referer",
            "With a null Origin the Referer decides.",
            77,
            &[(ORIGIN, "null"), (FROM, REFERER)],
            None,
        ),
        (
            "origin-null-alone",
            "A null Origin alone proves nothing.",
            80,
            &[(ORIGIN, "null")],
            no,
        ),
        (
            "nothing",
            "A request without both headers proves nothing.",
            80,
            &[],
            no,
        ),
        (
            "other-headers",
            "Other headers prove nothing.",
            80,
            &[
                ("X-Forwarded-Host", "music.example"),
                ("Host", "music.example"),
                ("X-Origin", CLIENT),
            ],
            no,
        ),
        (
            "origin-twice",
            "A repeated Origin is refused, though both are equal.",
            79,
            &[(ORIGIN, CLIENT), (ORIGIN, CLIENT)],
            no,
        ),
        (
            "origin-twice-case",
            "A repeated Origin is refused in whatever case.",
            79,
            &[(ORIGIN, CLIENT), ("origin", OTHER)],
            no,
        ),
        (
            "origin-twice-null",
            "A repeated Origin is refused, though one is null.",
            79,
            &[(ORIGIN, "null"), (ORIGIN, CLIENT)],
            no,
        ),
        (
            "referer-twice",
            "A repeated Referer is refused.",
            79,
            &[(FROM, REFERER), (FROM, REFERER)],
            no,
        ),
        (
            "referer-twice-origin",
            "A repeated Referer is refused beside an Origin too.",
            79,
            &[(ORIGIN, CLIENT), (FROM, REFERER), (FROM, REFERER)],
            no,
        ),
        (
            "origin-wide",
            "An Origin with characters beyond ASCII is refused.",
            79,
            &[(ORIGIN, "https://müsic.example")],
            no,
        ),
        (
            "referer-wide-origin",
            "A Referer with characters beyond ASCII is refused beside an Origin too.",
            79,
            &[(ORIGIN, CLIENT), (FROM, "https://music.example/ö")],
            no,
        ),
    ];
    for (name, about, id, headers, code) in table {
        origin(set, name, about, *id, CLIENT, headers, *code);
    }
    origin(
        set,
        "of-no-kind",
        "A client that is neither a DID nor an origin is nobody.",
        83,
        "nobody",
        &[(ORIGIN, CLIENT)],
        Some("wrong_client"),
    );
}

fn dids(set: &mut Set) {
    let no = Some("no_client");
    let key = "private:tracks/5f2c/original.flac";
    let ask = |source, client, headers, did| Asked {
        source,
        client,
        headers,
        did,
    };
    let at: Headers<'_> = &[(ORIGIN, CLIENT)];
    for (name, about, ids, asked, code) in [
        (
            "did",
            "A proven DID is the client.",
            vec![81, 83],
            ask(key, DID, &[], Some(DID)),
            None,
        ),
        (
            "did-any-origin",
            "A proven DID counts on whatever site.",
            vec![81],
            ask(key, DID, &[(ORIGIN, OTHER)], Some(DID)),
            None,
        ),
        (
            "did-none",
            "Without a proven DID a person's URL is refused.",
            vec![81],
            ask(key, DID, &[], None),
            no,
        ),
        (
            "did-none-origin",
            "An Origin does not stand in for a DID.",
            vec![81],
            ask(key, DID, at, None),
            no,
        ),
        (
            "did-as-origin",
            "A DID in Origin is not proven.",
            vec![81],
            ask(key, DID, &[(ORIGIN, DID)], None),
            no,
        ),
        (
            "did-other",
            "Another person is somebody else.",
            vec![83],
            ask(key, DID, &[], Some("did:plc:44ybard66vv44zksje25o7dz")),
            Some("wrong_client"),
        ),
        (
            "did-case",
            "DIDs are compared in every byte.",
            vec![83],
            ask(key, DID, &[], Some("did:plc:EWVI7NXZYOUN6ZHXRHS64OIZ")),
            Some("wrong_client"),
        ),
        (
            "did-longer",
            "A DID that begins like the client is another.",
            vec![83],
            ask(key, "did:web:a.example", &[], Some("did:web:a.example:b")),
            Some("wrong_client"),
        ),
        (
            "did-twice-origin",
            "A repeated Origin is refused, though the DID is proven.",
            vec![79],
            ask(key, DID, &[(ORIGIN, CLIENT), (ORIGIN, CLIENT)], Some(DID)),
            no,
        ),
        (
            "did-for-origin",
            "A proven DID does not stand in for an origin.",
            vec![80, 82],
            ask(SOURCE, CLIENT, &[], Some(DID)),
            no,
        ),
        (
            "did-beside-origin",
            "A proven DID does not disturb an origin.",
            vec![82],
            ask(SOURCE, CLIENT, at, Some(DID)),
            None,
        ),
        (
            "did-of-public",
            "A source of another kind may be bound to a DID.",
            vec![81],
            ask(SOURCE, DID, at, Some(DID)),
            None,
        ),
        (
            "private-origin",
            "A private source bound to an origin is refused, though that origin asks.",
            vec![84],
            ask(key, CLIENT, at, None),
            Some("client_out_of_scope"),
        ),
        (
            "private-origin-did",
            "A private source bound to an origin is refused, though a DID is proven.",
            vec![84],
            ask(key, CLIENT, at, Some(DID)),
            Some("client_out_of_scope"),
        ),
        (
            "private-origin-nobody",
            "A private source bound to an origin is refused before anybody is asked for.",
            vec![84],
            ask(key, CLIENT, &[], None),
            Some("client_out_of_scope"),
        ),
    ] {
        add_case(set, name, about, &ids, &asked, code);
    }
}
