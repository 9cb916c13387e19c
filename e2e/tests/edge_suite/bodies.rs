//! Whole objects: their bytes and what is said about them.

use gatefold_e2e::{
    Result,
    http::{Answer, sha256},
    subject::Subject,
};
use http::{Method, StatusCode};

use crate::{
    over_every_origin,
    shared::{assert_opened, assert_unkept},
};

over_every_origin![
    the_whole_is_the_object,
    a_head_is_a_get_without_its_bytes,
    the_same_again_from_memory,
    what_is_not_there_is_not_found,
];

async fn the_whole_is_the_object(subject: &Subject) -> Result {
    for object in &subject.objects {
        let what = object.name;
        let answer = subject.answer(subject.link(what)?.get()).await?;
        assert_eq!(answer.status, StatusCode::OK, "{what}: {answer:?}");
        assert_eq!(answer.hash(), sha256(&object.bytes), "{what}");
        assert_opened(&answer, what);
        let len = object.bytes.len().to_string();
        assert_eq!(answer.header("content-length"), len, "{what}");
        assert_eq!(answer.header("content-type"), object.media_type, "{what}");
        // Whatever is neither audio nor video is never shown in place.
        let playable = object.media_type != "application/octet-stream";
        let disposition = if playable { "" } else { "attachment" };
        assert_eq!(answer.header("content-disposition"), disposition, "{what}");
        let modified = answer.header("last-modified");
        assert!(modified.is_empty() || modified.ends_with(" GMT"), "{what}");
    }
    Ok(())
}

fn without_date(answer: &Answer) -> http::HeaderMap {
    let mut headers = answer.headers.clone();
    headers.remove("date");
    // It tells the seconds that are left, and those pass.
    headers.remove("cache-control");
    headers
}

async fn a_head_is_a_get_without_its_bytes(subject: &Subject) -> Result {
    for object in &subject.objects {
        let what = object.name;
        let link = subject.link(what)?;
        let head = subject.answer(link.ask(Method::HEAD)).await?;
        let whole = subject.answer(link.get()).await?;
        assert_eq!(head.status, StatusCode::OK, "{what}");
        assert!(head.body.is_empty(), "{what}");
        assert_eq!(without_date(&head), without_date(&whole), "{what}");
    }
    let gone = subject.link("gone.mp3")?;
    let head = subject.answer(gone.ask(Method::HEAD)).await?;
    assert_eq!(head.status, StatusCode::NOT_FOUND);
    assert!(head.body.is_empty());
    Ok(())
}

async fn the_same_again_from_memory(subject: &Subject) -> Result {
    let object = subject.object("long.mp3")?;
    let link = subject.link(object.name)?;
    let first = subject.answer(link.get()).await?;
    for time in 0..3 {
        let again = subject.answer(link.get()).await?;
        assert_eq!(again.hash(), sha256(&object.bytes), "time {time}");
        assert_eq!(without_date(&again), without_date(&first), "time {time}");
    }
    Ok(())
}

async fn what_is_not_there_is_not_found(subject: &Subject) -> Result {
    for name in ["gone.mp3", "long.mp3.bak", "long"] {
        let answer = subject.answer(subject.link(name)?.get()).await?;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
        assert_unkept(&answer, name);
        assert_eq!(answer.json()?["code"], "not_found");
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!said.contains(name) && !said.contains("stage"), "{said}");
    }
    Ok(())
}
