//! Objects, one at a time.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use aws_lc_rs::digest::{SHA256, digest};

use super::{super::*, ground::*};

/// More than a part of those in which an S3 server gets objects.
const PARTS: usize = 9 << 20;

#[tokio::test]
async fn what_is_put_is_there_whole() {
    for ground in grounds() {
        let (bucket, kind) = (&ground.bucket, ground.kind());
        for (number, len) in (1..).zip([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, PARTS]) {
            let content = content(len);
            let written = bucket.put(&key(number), &content[..]).await.unwrap();
            assert_eq!(written.len, len as u64);
            assert_eq!(written.sha256, digest(&SHA256, &content).as_ref());
            assert!(ground.kept(&key(number)) == content, "{kind}: {len}");
            assert!(read(bucket, &key(number)).await.unwrap() == content);
            assert_eq!(bucket.len(&key(number)).await.unwrap(), Some(len as u64));
        }
        let facts = bucket.facts(&key(1)).await.unwrap().unwrap();
        assert!(facts.modified.is_some());
        assert_eq!(bucket.facts(&key(99)).await.unwrap(), None);
        let missing = read(bucket, &key(99)).await;
        assert!(matches!(missing, Err(BucketError::NotFound)));
        assert_eq!(ground.files().len(), 6, "nothing is left beside");
    }
}

#[tokio::test]
async fn a_file_and_a_stream_are_put_alike() {
    for ground in grounds() {
        let (bucket, content) = (&ground.bucket, content(PARTS));
        let source = tempfile::NamedTempFile::new().unwrap();
        fs::write(source.path(), &content).unwrap();
        let from_file = bucket.put_file(&key(1), source.path()).await.unwrap();
        let stream = Given::whole(content.clone());
        let from_stream = bucket.put_stream(&key(2), stream).await.unwrap();
        assert_eq!(from_file, from_stream);
        for number in [1, 2] {
            assert!(ground.kept(&key(number)) == content, "{}", ground.kind());
        }
        let missing = bucket.put_file(&key(3), &source.path().join("no")).await;
        assert!(matches!(missing, Err(PutError::Source(_))));
        assert_eq!(bucket.facts(&key(3)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_key_is_given_once() {
    for ground in grounds() {
        let (bucket, kind) = (&ground.bucket, ground.kind());
        bucket.put(&key(1), &b"first"[..]).await.unwrap();
        let again = bucket.put(&key(1), &b"second"[..]).await;
        assert!(matches!(again, Err(PutError::Bucket(BucketError::Exists))));
        assert_eq!(ground.kept(&key(1)), b"first");
        // Both began when it was free.
        for (number, len) in [(2, 10), (3, PARTS)] {
            let mut first = bucket.begin(&key(number)).await.unwrap();
            let mut second = bucket.begin(&key(number)).await.unwrap();
            let content = content(len);
            second.write(content.slice(1..)).await.unwrap();
            first.write(content.clone()).await.unwrap();
            first.finish().await.unwrap();
            let second = second.finish().await;
            assert!(matches!(second, Err(BucketError::Exists)), "{kind}");
            assert!(ground.kept(&key(number)) == content);
        }
        bucket.settled().await;
        assert_eq!(ground.files().len(), 3, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_put_at_once_one_wins() {
    let ground = folder();
    for number in 0..20 {
        let putting = (0_u8..16).map(|writer| {
            let bucket = ground.bucket.clone();
            tokio::spawn(async move { bucket.put(&key(number), &[writer; 100][..]).await.is_ok() })
        });
        let putting: Vec<_> = putting.collect();
        let mut winners = Vec::new();
        for (writer, put) in (0_u8..).zip(putting) {
            if put.await.unwrap() {
                winners.push(writer);
            }
        }
        assert_eq!(winners.len(), 1);
        assert_eq!(ground.kept(&key(number)), [winners[0]; 100]);
    }
    ground.bucket.settled().await;
    assert_eq!(ground.files().len(), 20);
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_may_be_gone_already() {
    for ground in grounds() {
        let bucket = &ground.bucket;
        bucket.put(&key(1), &b"first"[..]).await.unwrap();
        bucket.delete(&key(1)).await.unwrap();
        bucket.delete(&key(1)).await.unwrap();
        assert_eq!(bucket.len(&key(1)).await.unwrap(), None);
        assert_eq!(ground.files(), [""; 0]);
    }
}

#[tokio::test]
async fn a_server_is_told_what_objects_are() {
    let ground = remote();
    let Kind::S3(s3) = &ground.bucket.kind else {
        panic!("a bucket of a server")
    };
    for (key, media_type) in [
        ("audio/a.mp3", "audio/mpeg"),
        ("audio/a.opus", "audio/ogg"),
        ("staging/a", "application/octet-stream"),
        ("a.b/c", "application/octet-stream"),
    ] {
        let key: ObjectKey = key.parse().unwrap();
        ground.bucket.put(&key, &b"x"[..]).await.unwrap();
        let head = s3.head(&key).await;
        assert_eq!(head.content_type(), Some(media_type));
        assert_eq!(head.cache_control(), Some(PUBLIC_CACHE_CONTROL));
    }
}

#[tokio::test]
async fn a_signed_address_gives_the_object_to_whoever_has_it() {
    let ground = remote();
    let address = ground.server().unwrap().address;
    let song = key(1);
    ground.bucket.put(&song, &b"la la"[..]).await.unwrap();
    let name = "attachment; filename=\"a - b.mp3\"; filename*=UTF-8''%C3%A4.mp3";
    let now = Timestamp::from_millis(1_790_000_000_000);
    let terms = Terms {
        now,
        until: now.after(Duration::from_mins(5)),
        disposition: Some(name),
        media_type: Some("audio/mpeg"),
    };
    let signed = ground.bucket.presign(&song, terms).await.unwrap();
    let path = signed.expose().strip_prefix(&format!("http://{address}"));
    let path = path.unwrap();
    let get = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let answer = get(path);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("la la"));
    for line in [
        &format!("content-disposition: {name}"),
        "content-type: audio/mpeg",
        "cache-control: private, max-age=300, immutable",
    ] {
        assert!(answer.contains(line), "{line}: {answer}");
    }
    // It is for this object, and for this name.
    let other = path.replace(key(1).as_str(), key(2).as_str());
    let renamed = path.replace("attachment", "inline");
    for changed in [&other, &renamed] {
        assert!(changed != path && get(changed).starts_with("HTTP/1.1 403"));
    }
    // And for a while, which the server knows by its own clock.
    let short = Terms {
        until: now.after(Duration::from_secs(1)),
        ..terms
    };
    let short = ground.bucket.presign(&song, short).await.unwrap();
    let short = short.expose().strip_prefix(&format!("http://{address}"));
    let short = short.unwrap().to_owned();
    while !get(&short).starts_with("HTTP/1.1 403") {}
    assert!(get(path).starts_with("HTTP/1.1 200"));
    let unsigned = path.split_once('?').unwrap().0;
    assert!(get(unsigned).starts_with("HTTP/1.1 403"));

    let kept_here = folder().bucket;
    let refused = kept_here.presign(&key(1), terms).await;
    assert!(matches!(refused, Err(BucketError::NotSigned)));
    let kept_here = kept_here.signing(UrlSigner::new("https://music.example", &[1; 32]));
    let signed = kept_here.presign(&key(1), terms).await.unwrap();
    assert!(
        signed
            .expose()
            .starts_with("https://music.example/objects/")
    );
}
