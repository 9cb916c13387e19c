//! What is a URL, and what is none.

use super::*;

fn spelled(url: &Url) -> String {
    url.to_uri(None).unwrap().to_string()
}

#[test]
fn only_https_with_a_name_is_a_url() {
    for (text, host, port) in [
        ("https://a.example/b.mp3", "a.example", 443),
        ("https://A.Example/b.mp3?c=d", "a.example", 443),
        ("https://a.example", "a.example", 443),
        ("https://a.example:443/", "a.example", 443),
        ("https://a.example:8443/", "a.example", 8443),
    ] {
        let url = Url::parse(text).unwrap();
        assert_eq!((url.host(), url.port()), (host, port), "{text}");
    }
    for text in [
        "http://a.example/",
        "ftp://a.example/",
        "/a",
        "a.example",
        "https:///a",
        "https://user@a.example/",
        "https://user:pass@a.example/",
        "https://a.example:0/",
        "https://a.example:/",
        "https://a.example:99999/",
        "https://a.example:+443/",
        "https://a.example./",
        "https://a..example/",
        "https://-a.example/",
        "https://a_b.example/",
        "https://a.example/b c",
        "https://a.example/#part",
        "https://ä.example/",
        "https://%61.example/",
        "",
    ] {
        assert_eq!(Url::parse(text), Err(InvalidUrl), "{text}");
    }
    let long = format!("https://a.example/{}", "a".repeat(MAX_LEN));
    assert_eq!(Url::parse(&long), Err(InvalidUrl));
}

#[test]
fn no_spelling_of_an_address_is_a_host() {
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0x7F.1",
        "0177.0.0.1",
        "017700000001",
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "1.0x7f",
        "0",
        "８.8.8.8",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fe80::1%25eth0]",
        "[fe80::1%eth0]",
    ] {
        assert_eq!(
            Url::parse(&format!("https://{host}/a")),
            Err(InvalidUrl),
            "{host}"
        );
    }
}

#[test]
fn a_location_leads_from_where_it_was_given() {
    let here = Url::parse("https://a.example:8443/b/c/d.mp3?e=f").unwrap();
    for (location, expected) in [
        ("https://g.example/h", "https://g.example/h"),
        ("HTTPS://G.example/h#part", "https://g.example/h"),
        ("//g.example/h", "https://g.example/h"),
        ("/h?i", "https://a.example:8443/h?i"),
        ("h", "https://a.example:8443/b/c/h"),
        ("./h", "https://a.example:8443/b/c/h"),
        ("../h", "https://a.example:8443/b/h"),
        ("../../../h", "https://a.example:8443/h"),
        ("%2e%2E/h", "https://a.example:8443/b/h"),
        ("..", "https://a.example:8443/b/"),
        ("/", "https://a.example:8443/"),
        ("/a//b", "https://a.example:8443/a//b"),
        ("?g", "https://a.example:8443/b/c/d.mp3?g"),
        ("", "https://a.example:8443/b/c/d.mp3?e=f"),
        ("#part", "https://a.example:8443/b/c/d.mp3?e=f"),
        ("/h?x=https://y", "https://a.example:8443/h?x=https://y"),
    ] {
        assert_eq!(
            spelled(&here.join(location).unwrap()),
            expected,
            "{location}"
        );
    }
    for location in [
        "http://a.example/",
        "javascript:alert(1)",
        "https:h",
        "https:/h",
        "//user@a.example/",
        "//127.0.0.1/",
        "https://0x7f.1/",
        "/b c",
        "é:",
    ] {
        assert_eq!(here.join(location), Err(InvalidUrl), "{location}");
    }
}

#[test]
fn a_url_does_not_print() {
    let url = Url::parse("https://a.example/secret").unwrap();
    assert!(!format!("{url:?}").contains("example"));
}

#[test]
fn plain_http_is_for_this_machine_and_for_who_asks_for_it() {
    for (text, origin, path, query) in [
        (
            "http://localhost:2583/a?b",
            "http://localhost:2583",
            "/a",
            Some("b"),
        ),
        ("http://LOCALHOST/", "http://localhost", "/", None),
        ("http://localhost:80", "http://localhost", "/", None),
        ("http://127.0.0.1:1/a", "http://127.0.0.1:1", "/a", None),
        ("http://[::1]:65535/a", "http://[::1]:65535", "/a", None),
        ("http://[::1]/", "http://[::1]", "/", None),
    ] {
        assert_eq!(Url::parse(text), Err(InvalidUrl), "{text}");
        let url = Url::parse_or_loopback(text).unwrap();
        assert!(url.is_plain(), "{text}");
        let read = (url.origin(), url.path().to_owned(), url.query());
        assert_eq!(read, (origin.into(), path.into(), query), "{text}");
        assert_eq!(spelled(&url), url.expose(), "{text}");
    }
    for text in [
        "http://a.example/",
        "http://localhost.a.example/",
        "http://a.localhost/",
        "http://localhost./",
        "http://localhost:0/",
        "http://localhost:/",
        "http://me@localhost/",
        "http://me@[::1]/",
        "http://127.0.0.2/",
        "http://127.1/",
        "http://2130706433/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://[0::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::1]a:80/",
        "http://[::1]:80]/",
        "http://10.0.0.1/",
        "http://localhost/#part",
        "https://127.0.0.1/",
        "https://[::1]/",
        "ftp://localhost/",
    ] {
        assert_eq!(Url::parse_or_loopback(text), Err(InvalidUrl), "{text}");
    }
    let url = Url::parse_or_loopback("https://A.example:443/b?c").unwrap();
    assert!(!url.is_plain());
    assert_eq!(url.expose(), "https://a.example/b?c");
    assert_eq!(url.origin(), "https://a.example");
}

#[test]
fn nothing_but_a_path_leads_to_plain_http() {
    let here = Url::parse_or_loopback("http://localhost:2583/a/b").unwrap();
    for (location, expected) in [
        ("/c?d", Some("http://localhost:2583/c?d")),
        ("c", Some("http://localhost:2583/a/c")),
        ("https://a.example/", Some("https://a.example/")),
        ("//a.example/", Some("https://a.example/")),
        ("//localhost/", Some("https://localhost/")),
        ("http://localhost:2583/c", None),
        ("http://127.0.0.1/", None),
    ] {
        let joined = here.join(location).ok().map(|url| url.expose());
        assert_eq!(joined.as_deref(), expected, "{location}");
    }
}
