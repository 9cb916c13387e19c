//! How long a body holds on to a fetch.

use super::*;

#[tokio::test]
async fn who_stops_taking_holds_no_fetch_of_what_is_kept() {
    for (memory, ranges, is_held) in [
        (1 << 20, false, false),
        (1 << 20, true, false),
        (0, false, true),
        (0, true, true),
        // There is room for slices and not for the whole.
        (4096, false, true),
    ] {
        let leave = Arc::new(Semaphore::new(1));
        let origin = Scripted {
            ranges,
            leave: Some(Arc::clone(&leave)),
            ..Scripted::new(LEN)
        };
        let bench = Bench::new(origin, memory);
        let mut body = bench.body(0, 9_999).await.unwrap();
        let known = bench.find().await.unwrap();
        let key = bench.supply.slice_of(known.tag.unwrap(), 0);
        let flight = Arc::downgrade(&bench.supply.fetch(&known, key));
        leave.add_permits(1000);
        let mut read = bytes(body.frame().await.unwrap().unwrap());
        bench.settle().await;
        assert_eq!(flight.upgrade().is_some(), is_held, "{memory} {ranges}");
        while let Some(frame) = body.frame().await {
            read.extend(bytes(frame.unwrap()));
        }
        assert!(read == part(1, 0, 9_999), "{memory} {ranges}");
        let reads = if ranges { 10 } else { 1 };
        assert_eq!(bench.reads(), reads, "{memory} {ranges}");
    }
}

#[tokio::test]
async fn what_was_to_be_kept_and_was_not_is_fetched_once_more() {
    let origin = Scripted {
        ranges: false,
        ..Scripted::new(LEN)
    };
    let bench = Bench::new(origin, 1 << 20);
    let mut body = bench.body(0, 9_999).await.unwrap();
    bench.settle().await;
    bench.supply.cache.purge(|_| true);
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        read.extend(bytes(frame.unwrap()));
        bench.settle().await;
        bench.supply.cache.purge(|_| true);
    }
    assert!(read == part(1, 0, 9_999));
    assert_eq!(bench.reads(), 2);
}
