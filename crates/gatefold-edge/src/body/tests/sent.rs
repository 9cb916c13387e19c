//! What is sent, over what was fetched and kept.

use super::*;

#[tokio::test]
async fn every_part_is_right_from_memory_from_disk_and_from_the_origin() {
    for (memory, is_disk, ranges, versioned) in [
        (1 << 20, false, true, true),
        (1 << 20, false, false, true),
        (0, false, true, true),
        (0, false, false, true),
        (0, true, true, true),
        (0, true, false, true),
        (4096, true, true, true),
        (1 << 20, true, true, false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let origin = Scripted {
            ranges,
            versioned,
            ..Scripted::new(LEN)
        };
        let options = CacheOptions {
            memory,
            folder: is_disk.then(|| folder.path().to_owned()),
            slice: SLICE,
            ..CacheOptions::default()
        };
        let bench = Bench::with(origin, &options);
        for _ in 0..3 {
            for (first, last) in RANGES {
                let read = bench.read(first, last).await.unwrap();
                assert!(
                    read == part(1, first, last),
                    "{first}-{last}, {memory} bytes of memory, disk {is_disk}, ranges {ranges}"
                );
            }
        }
    }
}

#[tokio::test]
async fn what_is_kept_is_not_fetched_again() {
    let bench = Bench::new(Scripted::new(LEN), 1 << 20);
    bench.read(0, 9_999).await.unwrap();
    assert_eq!(bench.reads(), 10, "once for each slice");
    bench.settle().await;
    for (first, last) in RANGES {
        bench.read(first, last).await.unwrap();
    }
    assert_eq!(bench.reads(), 0);
    assert_eq!(bench.origin.looks.load(Ordering::Relaxed), 1);
    let counted = bench.supply.around.metrics.render();
    assert!(
        counted.contains("gatefold_edge_origin_requests_total{result=\"answered\"} 11\n"),
        "one look and ten reads: {counted}"
    );
    assert!(
        !counted.contains("gatefold_edge_slices_total{from=\"memory\"} 0\n"),
        "{counted}"
    );
}

#[tokio::test]
async fn one_fetch_serves_all_who_wait_and_who_leaves_breaks_nobody() {
    let leave = Arc::new(Semaphore::new(0));
    let origin = Scripted {
        leave: Some(Arc::clone(&leave)),
        ..Scripted::new(900)
    };
    let bench = Bench::new(origin, 1 << 20);
    let all = async {
        let reads = (0..20).map(|_| bench.read(0, 899));
        futures_join(reads).await
    };
    // The first to ask leaves before anything has come.
    let first = bench.body(0, 899);
    tokio::select! {
        biased;
        _ = first => panic!("nothing may come yet"),
        () = tokio::task::yield_now() => {}
    }
    let (all, ()) = tokio::join!(all, async { leave.add_permits(100) });
    let rest = content(900, 1);
    assert!(all.iter().all(|read| read.as_ref() == Some(&rest)));
    assert_eq!(bench.reads(), 1);
    assert_eq!(bench.origin.looks.load(Ordering::Relaxed), 1);
}

/// All of them, side by side.
async fn futures_join<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let Poll::Ready(value) = future.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        if done.iter().all(Option::is_some) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn an_object_that_changes_never_yields_a_mixture() {
    let bench = Bench::new(Scripted::new(LEN), 1 << 20);
    let mut body = bench.body(0, 9_999).await.unwrap();
    let first = body.frame().await.unwrap().unwrap();
    let mut sent = bytes(first);
    bench.origin.change(LEN);
    let broken = loop {
        match body.frame().await {
            Some(Ok(frame)) => sent.extend_from_slice(&bytes(frame)),
            Some(Err(_)) => break true,
            None => break false,
        }
    };
    assert!(broken, "the rest of the old version cannot be had");
    assert!(sent == content(LEN, 1)[..sent.len()]);
    // Now it is known, and the new version is what there is.
    assert!(bench.read(0, 9_999).await.unwrap() == content(LEN, 2));

    // Noticed when it is asked for again, although nothing has failed.
    bench.origin.change(500);
    bench.clock.advance(Duration::from_secs(61));
    assert!(bench.read(0, 499).await.unwrap() == content(500, 3));
}

#[tokio::test]
async fn an_origin_that_breaks_off_breaks_the_answer_and_not_the_next() {
    for ranges in [true, false] {
        let origin = Scripted {
            ranges,
            ..Scripted::new(LEN)
        };
        let bench = Bench::new(origin, 1 << 20);
        *bench.origin.breaks_at.lock().unwrap() = Some(3_000);
        assert_eq!(bench.read(0, 9_999).await, None);
        *bench.origin.breaks_at.lock().unwrap() = None;
        assert!(bench.read(0, 9_999).await.unwrap() == content(LEN, 1));
    }
}

#[tokio::test]
async fn what_is_known_outlives_an_origin_that_is_down_for_a_while() {
    let bench = Bench::new(Scripted::new(LEN), 1 << 20);
    bench.read(0, 9_999).await.unwrap();
    bench.origin.is_down.store(true, Ordering::Relaxed);
    bench.clock.advance(Duration::from_mins(9));
    assert!(bench.read(0, 9_999).await.unwrap() == content(LEN, 1));
    bench.clock.advance(Duration::from_mins(2));
    assert_eq!(bench.find().await.err(), Some(OriginError::Failed));
    bench.origin.is_down.store(false, Ordering::Relaxed);
    assert!(bench.read(0, 9_999).await.is_some());
}

#[tokio::test]
async fn a_purge_makes_it_ask_anew() {
    let bench = Bench::new(Scripted::new(LEN), 1 << 20);
    bench.read(0, 9_999).await.unwrap();
    bench.settle().await;
    bench.reads();
    assert_eq!(bench.supply.purge(|name| name == "private:b.wav"), 0);
    bench.read(0, 9_999).await.unwrap();
    assert_eq!(bench.reads(), 0);
    assert_eq!(bench.supply.purge(|name| name == "private:a.wav"), 10);
    bench.read(0, 9_999).await.unwrap();
    assert_eq!(bench.reads(), 10);
    assert_eq!(bench.origin.looks.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn an_answer_is_cut_off_when_it_outlives_its_url_by_too_much() {
    for versioned in [true, false] {
        let origin = Scripted {
            versioned,
            ..Scripted::new(LEN)
        };
        let bench = Bench::new(origin, 1 << 20);
        let mut body = bench.body(0, 9_999).await.unwrap();
        bench.clock.advance(Duration::from_secs(1000));
        assert!(body.frame().await.unwrap().is_ok());
        assert!(body.frame().await.unwrap().is_ok());
        bench.clock.advance(Duration::from_secs(1));
        assert!(body.frame().await.unwrap().is_err());
        assert!(body.frame().await.is_none());
    }
}

#[tokio::test]
async fn an_origin_without_validators_is_asked_each_time_and_held_to_its_word() {
    let origin = Scripted {
        versioned: false,
        ..Scripted::new(LEN)
    };
    let bench = Bench::new(origin, 1 << 20);
    for _ in 0..2 {
        assert!(bench.read(0, 9_999).await.unwrap() == content(LEN, 1));
        assert_eq!(bench.reads(), 1, "passed through once");
    }
    *bench.origin.breaks_at.lock().unwrap() = Some(3_000);
    assert_eq!(bench.read(0, 9_999).await, None);
}

#[tokio::test]
async fn what_is_on_its_way_is_bounded_by_its_bytes() {
    let bench = Bench::new(Scripted::new(LEN), 1 << 20);
    let whole = bench.supply.room(200 * SLICE).await;
    tokio::select! {
        biased;
        _ = bench.supply.room(100 * SLICE) => panic!("there is no room for another"),
        () = tokio::task::yield_now() => {}
    }
    let slice = bench.supply.room(SLICE).await;
    drop((whole, slice));
    assert!(
        bench.supply.room(u64::MAX).await.is_some(),
        "one of any size"
    );
}
