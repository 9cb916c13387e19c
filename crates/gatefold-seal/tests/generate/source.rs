//! Sources: the one accepted spelling.

use super::{
    Set,
    world::{case, covers, payload, refused, token},
};
use crate::vector::{Outcome, Payload, Read, Source, Vector};

pub(crate) fn add(set: &mut Set) {
    accepted(set);
    names(set);
    folders(set);
    for (name, about, id, source) in [
        (
            "source-in-token-scheme",
            "A source of another scheme is refused inside of a token too.",
            53,
            "http://cdn.example.com/a.mp3",
        ),
        (
            "source-in-token-address",
            "An IP address is refused inside of a token too, whatever the scope.",
            54,
            "https://169.254.169.254/latest/",
        ),
        (
            "source-in-token-dots",
            "A name that would leave its folder is refused inside of a token too.",
            58,
            "private:../other/key",
        ),
    ] {
        let said = Payload {
            original_source: source.into(),
            ..payload()
        };
        let expect = refused("payload", "unsupported_source");
        set.add(name, case(about, &[id], token(&said), expect));
    }
}

pub(super) fn read(
    about: &str,
    ids: &[u16],
    source: &str,
    folder: Option<&str>,
    expect: Outcome<Read>,
) -> Vector {
    Vector::Source(Source {
        about: about.into(),
        covers: covers(ids),
        original_source: source.into(),
        bucket_folder: folder.map(Into::into),
        expect,
    })
}

fn accepted(set: &mut Set) {
    let mut https = |name: &str, about: &str, ids: &[u16], source: &str, host: &str| {
        let expect = Outcome::Given(Read::Https { host: host.into() });
        set.add(name, read(about, ids, source, None, expect));
    };
    https(
        "source-https",
        "An https URL.",
        &[53, 54],
        "https://cdn.example.com/live/set.mp3",
        "cdn.example.com",
    );
    https(
        "source-https-port",
        "A port is kept as it is spelled.",
        &[55],
        "https://cdn.example.com:8443/a",
        "cdn.example.com",
    );
    https(
        "source-https-port-largest",
        "65535 is the largest port.",
        &[55],
        "https://a.example:65535/",
        "a.example",
    );
    https(
        "source-https-one-label",
        "A name of one label is a DNS name.",
        &[54],
        "https://a/b",
        "a",
    );
    https(
        "source-https-digits",
        "Labels but the last may be numbers, and hyphens stand inside.",
        &[54],
        "https://0.x--y.xn--bcher-kva.example/",
        "0.x--y.xn--bcher-kva.example",
    );
    https(
        "source-https-path",
        "Every character of the path's grammar.",
        &[56],
        "https://a.example/AZaz09-._~!$&'()*+,;=:@/%2F%c3%B6//",
        "a.example",
    );
    https(
        "source-https-query",
        "A query may hold slashes and question marks.",
        &[56],
        "https://a.example/?a=/?b&c=%20",
        "a.example",
    );
    https(
        "source-https-query-dots",
        "Dots between slashes of a query are no segments of the path.",
        &[57],
        "https://a.example/b?c/../d",
        "a.example",
    );
    https(
        "source-https-dots-in-name",
        "Three dots, and dots beside other characters, are an ordinary segment.",
        &[57],
        "https://a.example/.../..a/%2e.%2e",
        "a.example",
    );
    https(
        "source-longest",
        "A source of 2048 bytes is accepted.",
        &[52],
        &format!("https://a.example/{}", "a".repeat(2030)),
        "a.example",
    );
    let name = format!(
        "{}.example",
        [
            "a".repeat(63),
            "b".repeat(63),
            "c".repeat(63),
            "d".repeat(53)
        ]
        .join(".")
    );
    assert_eq!(name.len(), 253);
    https(
        "source-https-name-longest",
        "A name of 253 characters with labels of 63.",
        &[54],
        &format!("https://{name}/"),
        &name,
    );

    let mut private = |name: &str, about: &str, key: &str| {
        let expect = Outcome::Given(Read::Private { key: key.into() });
        set.add(
            name,
            read(about, &[58], &format!("private:{key}"), None, expect),
        );
    };
    private(
        "source-private",
        "A key of several segments.",
        "tracks/5f2c/original.flac",
    );
    private("source-private-one", "A key of one segment.", "5f2c91");
    private(
        "source-private-odd",
        "Characters that mean something in a URL mean nothing in a key.",
        "a b/c?d#e%2e/https:x",
    );

    let longest = "ö".repeat(127) + "a";
    assert_eq!(longest.len(), 255);
    let mut files = |name: &str, about: &str, file: &str, folder: &str| {
        let expect = Outcome::Given(Read::Files {
            folder: folder.into(),
            name: file.into(),
        });
        set.add(
            name,
            read(
                about,
                &[59, 60],
                &format!("files:{file}"),
                Some(folder),
                expect,
            ),
        );
    };
    files(
        "source-files",
        "A file of an upload folder.",
        "Größe 5.ogg",
        "demo",
    );
    files(
        "source-files-colon",
        "A name may hold what looks like a scheme.",
        "private:a",
        "https:",
    );
    files(
        "source-files-longest",
        "A name and a folder of 255 bytes.",
        &longest,
        &longest,
    );
}

fn names(set: &mut Set) {
    let long = "a".repeat(256);
    let segments = [
        ("empty", "An empty name is refused.", ""),
        ("dot", "A single dot is refused.", "."),
        ("dots", "Two dots are refused.", ".."),
        (
            "hidden",
            "A name that begins with a dot is refused.",
            ".hidden",
        ),
        ("backslash", "A backslash is refused.", "a\\b"),
        ("nul", "A zero character is refused.", "a\0"),
        ("newline", "A line end is refused.", "a\nb"),
        ("delete", "U+007F is refused.", "a\u{7f}"),
        (
            "control-c1",
            "U+0085 is a control character too.",
            "a\u{85}b",
        ),
        ("long", "A name of 256 bytes is refused.", &long[..]),
    ];
    let unsupported = || refused("payload", "unsupported_source");
    for (name, about, segment) in segments {
        set.add(
            &format!("source-files-{name}"),
            read(
                about,
                &[59],
                &format!("files:{segment}"),
                Some("demo"),
                unsupported(),
            ),
        );
        set.add(
            &format!("source-folder-{name}"),
            read(about, &[59], "files:a", Some(segment), unsupported()),
        );
        set.add(
            &format!("source-private-{name}"),
            read(
                about,
                &[58],
                &format!("private:a/{segment}"),
                None,
                unsupported(),
            ),
        );
    }
    set.add(
        "source-files-slash",
        read(
            "A name of two segments is refused.",
            &[59],
            "files:a/b",
            Some("demo"),
            unsupported(),
        ),
    );
    set.add(
        "source-folder-slash",
        read(
            "A folder of two segments is refused.",
            &[59],
            "files:a",
            Some("a/b"),
            unsupported(),
        ),
    );
    set.add(
        "source-private-slash-first",
        read(
            "A key does not begin with a slash.",
            &[58],
            "private:/a",
            None,
            unsupported(),
        ),
    );
    set.add(
        "source-private-slashes",
        read(
            "Two slashes in a key are refused.",
            &[58],
            "private:a//b",
            None,
            unsupported(),
        ),
    );
    set.add(
        "source-private-dots-inside",
        read(
            "Two dots inside of a key are refused.",
            &[58],
            "private:a/../b",
            None,
            unsupported(),
        ),
    );
}

fn folders(set: &mut Set) {
    let contradicts = || refused("payload", "inconsistent_payload");
    let unsupported = || refused("payload", "unsupported_source");
    for (name, about, id, source, folder, expect) in [
        (
            "source-files-no-folder",
            "A file without its folder is refused.",
            60,
            "files:a",
            None,
            contradicts(),
        ),
        (
            "source-https-folder",
            "A URL has no folder.",
            60,
            "https://a.example/",
            Some("demo"),
            contradicts(),
        ),
        (
            "source-private-folder",
            "A key has no folder.",
            60,
            "private:a",
            Some("demo"),
            contradicts(),
        ),
        (
            "source-private-folder-bad",
            "A folder that should not be there is not read.",
            61,
            "private:a",
            Some("../.."),
            contradicts(),
        ),
        (
            "source-spelling-before-folder",
            "The spelling of a URL comes before a folder that should not be there.",
            61,
            "http://a.example/",
            Some("demo"),
            unsupported(),
        ),
        (
            "source-spelling-before-no-folder",
            "The spelling of a file's name comes before its missing folder.",
            61,
            "files:../a",
            None,
            unsupported(),
        ),
    ] {
        set.add(name, read(about, &[id], source, folder, expect));
    }
}
