//! Where buckets are, and where they must not be.

use super::*;

#[test]
fn each_bucket_is_where_it_was_said_to_be() {
    let s3 =
        "endpoint = \"https://s3.example.com\"\naccess_key_id = \"a\"\nsecret_access_key = \"s\"\n";
    for (toml, private, public, base) in [
        (
            String::new(),
            "data/media/private",
            "data/media/public",
            "https://site/media/",
        ),
        (
            "[server.media]\nfolder = \"m\"\npublic_url = \"https://cdn.example.com\"".to_owned(),
            "m/private",
            "m/public",
            "https://cdn.example.com/media/",
        ),
        (
            format!(
                "[server.media.private]\nbucket = \"b\"\n{s3}[server.media.public]\nfolder = \"open\""
            ),
            "bucket b",
            "open",
            "https://site/media/",
        ),
        (
            format!(
                "[server.media]\npublic_url = \"https://cdn.example.com\"\n\
                 [server.media.private]\nbucket = \"b\"\n{s3}\
                 [server.media.public]\nbucket = \"c\"\nprefix = \"/tracks\"\n{s3}"
            ),
            "bucket b",
            "bucket c",
            "https://cdn.example.com/tracks/",
        ),
    ] {
        let server = load(&toml).unwrap().config.server;
        let said = |kept| match kept {
            Kept::Folder(folder) => folder.display().to_string(),
            Kept::Bucket(bucket) => format!("bucket {}", bucket.name),
        };
        let media = &server.media;
        assert_eq!(said(media.private_place()), private);
        assert_eq!(said(media.public_place()), public);
        assert_eq!(media.public_base("https://site", "/media/"), base);
        assert_eq!(server.has_inline_secret(), toml.contains("secret"));
    }
}

#[test]
fn buckets_that_would_show_what_is_private_are_refused() {
    for (toml, expected) in [
        (
            "[server.media]\npublic_url = \"http://cdn.example.com\"",
            ":2: server.media.public_url: use https",
        ),
        (
            "[server.media.public]\nfolder = \"data/media/private\"",
            ":2: server.media.public.folder: what is in the private folder",
        ),
        (
            "[server.media.public]\nfolder = \"./data/elsewhere/../media\"",
            ":2: server.media.public.folder: what is in the private folder",
        ),
        (
            "[server.media.private]\nfolder = \"data/media/public/private\"",
            "server.media.public.folder: what is in the private folder",
        ),
        (
            "[server.media.private]\nbucket = \"b\"\nendpoint = \"https://s3.example.com\"",
            "server.media.private.access_key_id: a bucket needs it",
        ),
        (
            "[server.media.public]\nbucket = \"b\"\nendpoint = \"https://s3.example.com\"\naccess_key_id = \"a\"\nsecret_access_key = \"s\"",
            "server.media.public_url: where does the world read",
        ),
        (
            "[server.media]\npublic_url = \"https://cdn.example.com\"\n\
             [server.media.private]\nbucket = \"b\"\nendpoint = \"https://s3.example.com\"\naccess_key_id = \"a\"\nsecret_access_key = \"s\"\nprefix = \"private/\"\n\
             [server.media.public]\nbucket = \"b\"\nendpoint = \"https://s3.example.com/\"\naccess_key_id = \"a\"\nsecret_access_key = \"s\"\nprefix = \"public/\"",
            ":10: server.media.public.bucket: what is in the private bucket",
        ),
    ] {
        let said = load(toml).map(drop).unwrap_err().to_string();
        assert!(said.contains(expected), "{toml}: {said}");
    }
}
