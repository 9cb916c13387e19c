//! Sources: spellings of https URLs that are refused.

use super::{Set, source::read, world::refused};

pub(crate) fn add(set: &mut Set) {
    let label_64 = format!("https://{}.example/", "a".repeat(64));
    let name_254 = format!(
        "https://{}.example/",
        [
            "a".repeat(63),
            "b".repeat(63),
            "c".repeat(63),
            "d".repeat(54)
        ]
        .join(".")
    );
    let long = format!("https://a.example/{}", "a".repeat(2031));
    for (name, about, id, source) in [
        ("source-empty", "The empty text is no source.", 53, ""),
        (
            "source-too-long",
            "A source of 2049 bytes is refused.",
            52,
            &long[..],
        ),
        (
            "source-scheme-http",
            "Plain http is refused.",
            53,
            "http://a.example/",
        ),
        (
            "source-scheme-upper",
            "The scheme is in lower case.",
            53,
            "HTTPS://a.example/",
        ),
        (
            "source-scheme-absent",
            "A URL without a scheme is refused.",
            53,
            "a.example/b",
        ),
        (
            "source-scheme-relative",
            "A URL that borrows its scheme is refused.",
            53,
            "//a.example/b",
        ),
        (
            "source-scheme-file",
            "A file URL is refused.",
            53,
            "file:///etc/passwd",
        ),
        (
            "source-scheme-data",
            "A data URL is refused.",
            53,
            "data:audio/mpeg,",
        ),
        (
            "source-scheme-slash",
            "One slash after the scheme is refused.",
            53,
            "https:/a.example/",
        ),
        (
            "source-scheme-space",
            "White space before the scheme is refused.",
            53,
            " https://a.example/",
        ),
        (
            "source-private-upper",
            "The word private is in lower case.",
            53,
            "Private:a",
        ),
        (
            "source-host-empty",
            "An empty host is refused.",
            54,
            "https:///a",
        ),
        (
            "source-host-upper",
            "A host is in lower case.",
            54,
            "https://A.example/",
        ),
        (
            "source-host-user",
            "User information is refused.",
            54,
            "https://user@a.example/",
        ),
        (
            "source-host-password",
            "A password is refused.",
            54,
            "https://user:a@b.example/",
        ),
        (
            "source-host-final-dot",
            "A final dot is refused.",
            54,
            "https://a.example./",
        ),
        (
            "source-host-two-dots",
            "An empty label is refused.",
            54,
            "https://a..example/",
        ),
        (
            "source-host-hyphen-first",
            "A label does not begin with a hyphen.",
            54,
            "https://-a.example/",
        ),
        (
            "source-host-hyphen-last",
            "A label does not end with a hyphen.",
            54,
            "https://a-.example/",
        ),
        (
            "source-host-underscore",
            "An underscore is in no host name.",
            54,
            "https://a_b.example/",
        ),
        (
            "source-host-wide",
            "A host beyond ASCII is refused.",
            54,
            "https://exämple.example/",
        ),
        (
            "source-host-fullwidth",
            "Characters that fold to ASCII are refused.",
            54,
            "https://ａ.example/",
        ),
        (
            "source-host-escape",
            "A host with a percent-escape is refused.",
            54,
            "https://a%2eexample/",
        ),
        (
            "source-host-backslash",
            "A backslash does not end a host.",
            54,
            "https://a.example\\@b.example/",
        ),
        (
            "source-host-label-long",
            "A label of 64 characters is refused.",
            54,
            &label_64[..],
        ),
        (
            "source-host-name-long",
            "A name of 254 characters is refused.",
            54,
            &name_254[..],
        ),
        (
            "source-address-v4",
            "An IPv4 address is refused.",
            54,
            "https://127.0.0.1/",
        ),
        (
            "source-address-number",
            "An IPv4 address as one number is refused.",
            54,
            "https://2130706433/",
        ),
        (
            "source-address-hexadecimal",
            "An IPv4 address in hexadecimal digits is refused.",
            54,
            "https://0x7f000001/",
        ),
        (
            "source-address-short",
            "An IPv4 address of two parts is refused.",
            54,
            "https://0x7f.1/",
        ),
        (
            "source-address-v6",
            "An IPv6 address is refused.",
            54,
            "https://[::1]/",
        ),
        (
            "source-port-default",
            "The default port is left out.",
            55,
            "https://a.example:443/",
        ),
        (
            "source-port-leading-zero",
            "A port has no leading zero.",
            55,
            "https://a.example:08443/",
        ),
        (
            "source-port-zero",
            "Port 0 is refused.",
            55,
            "https://a.example:0/",
        ),
        (
            "source-port-too-large",
            "Port 65536 is refused.",
            55,
            "https://a.example:65536/",
        ),
        (
            "source-port-wraps",
            "A port that 16 bits would wrap is refused.",
            55,
            "https://a.example:73979/",
        ),
        (
            "source-port-empty",
            "A colon without a port is refused.",
            55,
            "https://a.example:/",
        ),
        (
            "source-port-sign",
            "A port has no sign.",
            55,
            "https://a.example:+8443/",
        ),
        (
            "source-port-two",
            "A second port is refused.",
            55,
            "https://a.example:8443:8443/",
        ),
        (
            "source-path-absent",
            "Without a path a URL is refused.",
            56,
            "https://a.example",
        ),
        (
            "source-path-query-first",
            "A query without a path is refused.",
            56,
            "https://a.example?b",
        ),
        (
            "source-path-fragment",
            "A fragment is refused.",
            56,
            "https://a.example/#b",
        ),
        (
            "source-path-space",
            "A space is refused.",
            56,
            "https://a.example/a b",
        ),
        (
            "source-path-backslash",
            "A backslash is refused.",
            56,
            "https://a.example/a\\b",
        ),
        (
            "source-path-quote",
            "A quotation mark is refused.",
            56,
            "https://a.example/a\"b",
        ),
        (
            "source-path-bracket",
            "A bracket is refused.",
            56,
            "https://a.example/a[b]",
        ),
        (
            "source-path-wide",
            "A character beyond ASCII is refused.",
            56,
            "https://a.example/ö",
        ),
        (
            "source-path-newline",
            "A line end is refused.",
            56,
            "https://a.example/a\nb",
        ),
        (
            "source-path-escape-short",
            "A percent sign with one digit is refused.",
            56,
            "https://a.example/a%2",
        ),
        (
            "source-path-escape-bad",
            "A percent sign without hexadecimal digits is refused.",
            56,
            "https://a.example/%zz",
        ),
        (
            "source-path-escape-query",
            "An incomplete escape in a query is refused.",
            56,
            "https://a.example/?%",
        ),
        (
            "source-path-dot",
            "A segment of one dot is refused.",
            57,
            "https://a.example/./b",
        ),
        (
            "source-path-dots",
            "A segment of two dots is refused.",
            57,
            "https://a.example/a/../b",
        ),
        (
            "source-path-dots-last",
            "Two dots at the end are refused.",
            57,
            "https://a.example/a/..",
        ),
        (
            "source-path-dots-escaped",
            "Escaped dots are dots.",
            57,
            "https://a.example/%2e%2E/b",
        ),
        (
            "source-path-dots-half",
            "One escaped dot beside a plain one is a dot too.",
            57,
            "https://a.example/.%2e/b",
        ),
        (
            "source-path-dot-before-query",
            "A dot segment before a query is refused.",
            57,
            "https://a.example/a/..?b",
        ),
    ] {
        set.add(
            name,
            read(
                about,
                &[id],
                source,
                None,
                refused("payload", "unsupported_source"),
            ),
        );
    }
}
