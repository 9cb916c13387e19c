//! What sealing and opening cost, in multiples of one X25519 exchange by the same library.
//!
//! The exchange is the floor: opening needs one, sealing one and a multiplication of the base
//! point. Criterion's figures come first; the ratios that follow are taken in turns within one run,
//! because a machine's speed drifts from one minute to the next.
//!
//! ```sh
//! cargo bench -p gatefold-seal
//! cargo bench -p gatefold-seal --no-default-features --features pure
//! ```

#![expect(
    clippy::expect_used,
    reason = "a benchmark that cannot be set up should say so and stop"
)]

use std::{hint::black_box, time::Duration};

use criterion::Criterion;
use gatefold_seal::{
    BACKEND, CacheLimits, EdgePrivateKey, Keyring, Minter, MinterKey, Opener, Scope, Source,
    UnixSeconds,
};

const NOW: UnixSeconds = UnixSeconds(1_778_850_000);
const SOURCE: &str = "https://media.example.com/albums/0042/07-a-long-way-home.flac";
const CLIENT: &str = "https://music.example.com";

const NOTHING: CacheLimits = CacheLimits {
    entries: 0,
    bytes: 0,
};

/// What is measured: a name, an aim, and what to call.
struct Subject {
    name: &'static str,
    aim: &'static str,
    call: Box<dyn Fn()>,
}

impl Subject {
    fn new(name: &'static str, aim: &'static str, call: impl Fn() + 'static) -> Self {
        let call = Box::new(call);
        Self { name, aim, call }
    }
}

fn main() {
    let subjects = subjects();
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group(BACKEND);
    for subject in &subjects {
        group.bench_function(subject.name, |bencher| bencher.iter(&subject.call));
    }
    group.finish();
    // Without this argument cargo runs a bench as a test, and nothing is measured.
    if std::env::args().any(|argument| argument == "--bench") {
        print_ratios(&subjects);
    }
    criterion.final_summary();
}

fn subjects() -> [Subject; 5] {
    let edge = EdgePrivateKey::from_bytes([1; 32].into());
    let key = MinterKey::from_bytes(&[2; 32].into());
    let scope = Scope {
        hosts: vec!["*.example.com".parse().expect("a pattern")],
        clients: vec!["https://*.example.com".parse().expect("a pattern")],
        ..Scope::default()
    };
    let minter = || {
        Minter::new(*edge.public(), key.clone(), 3600)
            .expect("a lifetime")
            .with_scope(scope.clone())
            .expect("a scope")
            .with_spread_boundaries()
    };
    let keyring = || {
        let mut keyring = Keyring::new();
        keyring.add_edge(edge.clone()).expect("the only key");
        keyring
            .add_minter(key.clone(), scope.clone())
            .expect("the only minter");
        keyring
    };
    let source = Source::parse(SOURCE, None).expect("a source");
    let mint = move |minter: &Minter| {
        let source = black_box(&source).clone();
        minter.mint(source, CLIENT, NOW).expect("a URL")
    };
    let mint_again = mint.clone();

    let (fresh, remembering) = (minter().with_limits(NOTHING), minter());
    let token = mint(&fresh).token.to_string();
    let token_again = token.clone();
    let (keyring, opener) = (keyring(), Opener::new(keyring()));
    [
        Subject::new(
            "one X25519 exchange",
            "",
            exchange(*edge.expose(), *edge.public().as_bytes()),
        ),
        Subject::new("open", "at most 1.3 exchanges", move || {
            drop(black_box(keyring.open(black_box(&token), NOW)).expect("good"));
        }),
        Subject::new("seal", "at most 1.6 exchanges", move || {
            drop(black_box(mint(&fresh)));
        }),
        Subject::new("open again", "under 2 µs", move || {
            drop(black_box(opener.open(black_box(&token_again), NOW)).expect("good"));
        }),
        Subject::new("mint again", "under 1 µs", move || {
            drop(black_box(mint_again(&remembering)));
        }),
    ]
}

/// One exchange with a prepared private key and a peer's key as it comes off the wire.
#[cfg(feature = "native")]
fn exchange(private: [u8; 32], peer: [u8; 32]) -> impl Fn() {
    use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
    let private = PrivateKey::from_private_key(&X25519, &private).expect("a key");
    move || {
        let peer = UnparsedPublicKey::new(&X25519, black_box(&peer));
        let shared = agree(&private, peer, (), |shared| {
            <[u8; 32]>::try_from(shared).map_err(|_| ())
        });
        black_box(shared.expect("an exchange"));
    }
}

/// One exchange with a prepared private key and a peer's key as it comes off the wire.
#[cfg(not(feature = "native"))]
fn exchange(private: [u8; 32], peer: [u8; 32]) -> impl Fn() {
    let private = x25519_dalek::StaticSecret::from(private);
    move || {
        let peer = x25519_dalek::PublicKey::from(black_box(peer));
        black_box(private.diffie_hellman(&peer));
    }
}

#[expect(clippy::print_stdout, reason = "the figures are what this is for")]
fn print_ratios(subjects: &[Subject]) {
    // Short turns: whatever else the machine does then falls on all subjects alike.
    const ROUNDS: usize = 3000;
    const CALLS: u32 = 10;
    let mut times = vec![Vec::with_capacity(ROUNDS); subjects.len()];
    for _ in 0..ROUNDS {
        for (subject, times) in subjects.iter().zip(&mut times) {
            times.push(time(&subject.call, CALLS));
        }
    }
    for times in &mut times {
        times.sort_unstable();
    }
    println!("\n{BACKEND}: {ROUNDS} rounds of {CALLS} calls each, taken in turns;");
    println!(
        "the fastest tenth (what the work costs) and the median (what this machine made of it)"
    );
    println!(
        "{:<20} {:>8} {:>10} {:>8} {:>10}   aim",
        "", "µs", "exchanges", "µs", "exchanges"
    );
    let [tenth, half] = [10, 2].map(|part| {
        let place = ROUNDS.checked_div(part).unwrap_or_default();
        move |times: &Vec<Duration>| times.get(place).map_or(f64::NAN, Duration::as_secs_f64) * 1e6
    });
    for (subject, all) in subjects.iter().zip(&times) {
        let (name, aim) = (subject.name, subject.aim);
        let floor = times.first().unwrap_or(all);
        let (fast, median) = (tenth(all), half(all));
        let (fast_ratio, median_ratio) = (fast / tenth(floor), median / half(floor));
        println!(
            "{name:<20} {fast:>8.2} {fast_ratio:>10.3} {median:>8.2} {median_ratio:>10.3}   {aim}"
        );
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures the real time"
)]
fn time(call: &impl Fn(), calls: u32) -> Duration {
    let start = std::time::Instant::now();
    for _ in 0..calls {
        call();
    }
    start.elapsed().checked_div(calls).unwrap_or(Duration::MAX)
}
