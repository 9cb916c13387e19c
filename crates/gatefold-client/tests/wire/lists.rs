//! Lists that take several requests.

use gatefold_client::{ClientError, Filter, TrackRef};
use serde_json::{Value, json};

use crate::stand_in::{Said, StandIn};

fn tracks(ids: impl Iterator<Item = u32>) -> Vec<Value> {
    ids.map(|id| json!({"id": id, "title": "t", "file_id": "f"}))
        .collect()
}

#[tokio::test]
async fn a_long_list_is_asked_for_in_pages() {
    let server = StandIn::start(|line| {
        let first = !line.contains("cursor");
        let ids = if first { 1..51 } else { 51..71 };
        // Some servers write cursors as numbers.
        let next = if first { json!(50) } else { json!("70") };
        Said::json(
            200,
            &json!({"tracks": tracks(ids), "next_cursor": next, "has_more": true}),
        )
    })
    .await;
    let filter = Filter {
        artist_did: Some("did:plc:abc".to_owned()),
        tag: Some("a b".to_owned()),
    };
    let page = server.client().tracks(&filter, 60, None).await.unwrap();
    assert_eq!(page.tracks.len(), 60);
    assert_eq!(page.next.as_deref(), Some("70"));
    assert_eq!(
        server.lines(),
        [
            "GET /tracks/?limit=50&artist_did=did%3Aplc%3Aabc&tags=a+b",
            "GET /tracks/?limit=10&artist_did=did%3Aplc%3Aabc&tags=a+b&cursor=50",
        ]
    );
}

#[tokio::test]
async fn a_list_ends_where_the_server_says_or_where_nothing_comes() {
    for (has_more, next, ids) in [
        (false, json!("9"), 1..3),
        (true, json!(null), 1..3),
        (true, json!("9"), 0..0),
    ] {
        let server = StandIn::start(move |_| {
            Said::json(
                200,
                &json!({"tracks": tracks(ids.clone()), "next_cursor": next, "has_more": has_more}),
            )
        })
        .await;
        let page = server
            .client()
            .tracks(&Filter::default(), 60, Some("5"))
            .await
            .unwrap();
        assert!(page.next.is_none() || page.tracks.is_empty());
        assert_eq!(server.lines(), ["GET /tracks/?limit=50&cursor=5"]);
    }
}

#[tokio::test]
async fn own_tracks_are_counted_from_the_first() {
    let server = StandIn::start(|line| {
        let ids = if line.ends_with("offset=10") {
            10..60
        } else {
            60..65
        };
        Said::json(200, &json!({"tracks": tracks(ids), "total": 65}))
    })
    .await;
    let page = server.client().own_tracks(100, 10).await.unwrap();
    assert_eq!((page.tracks.len(), page.next), (55, None));
    assert_eq!(
        server.lines(),
        [
            "GET /tracks/me?limit=50&offset=10",
            "GET /tracks/me?limit=50&offset=60"
        ]
    );
    let page = server.client().own_tracks(5, 10).await.unwrap();
    assert_eq!((page.tracks.len(), page.next.as_deref()), (5, Some("15")));
}

#[tokio::test]
async fn a_track_is_asked_for_where_it_is() {
    let server = StandIn::start(|_| Said::json(200, &tracks(1..2)[0])).await;
    let client = server.client();
    for named in [
        "1".to_owned(),
        format!("{}/track/1", server.origin),
        "at://did:plc:a/fm.plyr.track/3k".to_owned(),
    ] {
        let named: TrackRef = named.parse().unwrap();
        assert_eq!(client.track(&named).await.unwrap().id, 1);
    }
    let named: TrackRef = "https://other.example/track/1".parse().unwrap();
    let error = client.track(&named).await.unwrap_err();
    assert!(matches!(error, ClientError::OtherServer { .. }), "{error}");
    assert_eq!(
        server.lines(),
        [
            "GET /tracks/1",
            "GET /tracks/1",
            "GET /tracks/by-uri?uri=at%3A%2F%2Fdid%3Aplc%3Aa%2Ffm.plyr.track%2F3k"
        ]
    );
}
