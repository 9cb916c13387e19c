//! The stage `client`: the origin of a `Referer`.

use super::{
    Set,
    client::{FROM, REFERER, origin},
    world::CLIENT,
};

pub(crate) fn add(set: &mut Set) {
    let local = "http://127.0.0.1:8400";
    let six = "http://[::1]:8400";
    let no = Some("no_client");
    for (name, about, client, referer, code) in [
        (
            "whole",
            "The origin of a Referer is its beginning.",
            CLIENT,
            REFERER,
            None,
        ),
        (
            "slash",
            "A Referer that is cut to its origin.",
            CLIENT,
            "https://music.example/",
            None,
        ),
        ("bare", "A Referer without a path.", CLIENT, CLIENT, None),
        (
            "query",
            "A question mark ends the origin.",
            CLIENT,
            "https://music.example?q",
            None,
        ),
        (
            "hash",
            "A number sign ends the origin.",
            CLIENT,
            "https://music.example#f",
            None,
        ),
        (
            "backslash",
            "A backslash ends the origin, as it does in browsers.",
            CLIENT,
            "https://music.example\\@evil.example/",
            None,
        ),
        (
            "backslash-other",
            "What stands after a backslash is not the origin.",
            CLIENT,
            "https://evil.example\\@music.example/",
            Some("wrong_client"),
        ),
        (
            "port",
            "A port belongs to the origin.",
            local,
            "http://127.0.0.1:8400/a",
            None,
        ),
        (
            "address-v6",
            "An IPv6 address in brackets.",
            six,
            "http://[::1]:8400/a",
            None,
        ),
        (
            "other",
            "A Referer of another site is somebody else.",
            CLIENT,
            "https://evil.example/https://music.example/",
            Some("wrong_client"),
        ),
        (
            "longer",
            "A Referer whose host begins like the client's is somebody else.",
            CLIENT,
            "https://music.example.evil.example/",
            Some("wrong_client"),
        ),
        (
            "user",
            "User information gives no origin.",
            CLIENT,
            "https://music.example@evil.example/",
            no,
        ),
        (
            "user-of-other",
            "User information gives no origin, whoever it names.",
            CLIENT,
            "https://evil.example@music.example/",
            no,
        ),
        (
            "upper",
            "A host in upper case gives no origin.",
            CLIENT,
            "https://Music.example/",
            no,
        ),
        (
            "scheme-upper",
            "A scheme in upper case gives no origin.",
            CLIENT,
            "HTTPS://music.example/",
            no,
        ),
        (
            "default-port",
            "A default port gives no origin.",
            CLIENT,
            "https://music.example:443/",
            no,
        ),
        (
            "default-port-http",
            "A default port of http gives no origin.",
            "http://music.example",
            "http://music.example:80/",
            no,
        ),
        (
            "other-default-port",
            "The default port of another scheme is a port.",
            "https://music.example:80",
            "https://music.example:80/",
            None,
        ),
        (
            "colon",
            "A colon without a port gives no origin.",
            CLIENT,
            "https://music.example:/",
            no,
        ),
        ("empty", "An empty Referer gives no origin.", CLIENT, "", no),
        (
            "host-empty",
            "An empty host gives no origin.",
            CLIENT,
            "https:///music.example",
            no,
        ),
        (
            "blank-page",
            "A blank page has no origin.",
            CLIENT,
            "about:blank",
            no,
        ),
        (
            "file",
            "A file has no origin.",
            CLIENT,
            "file:///music.example/",
            no,
        ),
        ("relative", "A path has no origin.", CLIENT, "/album", no),
        (
            "space",
            "A space in the host gives no origin.",
            CLIENT,
            "https://music.example evil/",
            no,
        ),
    ] {
        origin(
            set,
            &format!("referer-{name}"),
            about,
            78,
            client,
            &[(FROM, referer)],
            code,
        );
    }
}
