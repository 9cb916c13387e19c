//! Objects of two buckets that are called alike.

use super::*;

#[tokio::test]
async fn neither_is_ever_given_for_the_other() {
    let (private, public) = (Scripted::new(LEN), Scripted::new(LEN));
    // Their versions are called alike, too: only the bytes tell them apart.
    *public.content.lock().unwrap() = content(LEN, 9);
    let options = CacheOptions {
        memory: 1 << 20,
        slice: SLICE,
        ..CacheOptions::default()
    };
    let bench = Bench::over(private, Some(public), &options);
    let key = "a.wav".parse::<gatefold_domain::ObjectKey>().unwrap();
    let now = UnixSeconds::from(bench.clock.now());

    assert!(bench.read(0, 9_999).await.unwrap() == content(LEN, 1));
    bench.settle().await;
    let place = PlaceRef::Public(key.borrowed());
    let known = bench.supply.find(place, now).await.unwrap();
    assert_ne!(known.tag, bench.find().await.unwrap().tag);
    for _ in 0..2 {
        assert!(read_of(&bench, &known).await == content(LEN, 9));
        assert!(bench.read(0, 9_999).await.unwrap() == content(LEN, 1));
        bench.settle().await;
    }
    assert_eq!(bench.reads(), 10);

    // Nor is the one purged with the other.
    assert_eq!(bench.supply.purge(|name| name == "public:a.wav"), 10);
    assert!(bench.read(0, 9_999).await.unwrap() == content(LEN, 1));
    assert_eq!(bench.reads(), 0);
    assert_eq!(bench.supply.purge(|name| name == "private:a.wav"), 10);
}

async fn read_of(bench: &Bench, known: &Arc<Known>) -> Vec<u8> {
    let body = bench.body_of(known, 0, 9_999, None).await.unwrap();
    body.collect().await.unwrap().to_bytes().to_vec()
}
