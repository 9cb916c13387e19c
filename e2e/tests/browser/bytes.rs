//! What a browser fetches, and what it keeps: a renewed URL of the same object is not downloaded
//! again, and what is kept is exactly the object, and only for as long as somebody may listen.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use bytes::Bytes;
use gatefold_e2e::{
    Result,
    browser::Browser,
    demo::{LIFETIME, PIECE, Running, START},
    plain::Plain,
    wire::Wire,
};
use gatefold_testkit::ManualClock;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::FOLDER;

/// What a browser may fetch of a piece through twenty windows, of what it fetches from a plain URL.
const MOST: f64 = 1.02;

/// And of the piece itself: a browser may be careless with the plain URL, which does not excuse us.
/// The page is in it, and what is asked while windows pass.
const MOST_OF_PIECE: f64 = 1.05;

/// Where a person listens, in seconds, a window each: through the piece, with looks back and ahead,
/// then here and there once more.
const LISTENING: [(u32, u32); 20] = [
    (0, 15),
    (15, 30),
    (30, 45),
    (10, 25),
    (45, 60),
    (60, 75),
    (75, 90),
    (30, 45),
    (90, 105),
    (105, 120),
    (150, 165),
    (120, 135),
    (135, 150),
    (0, 15),
    (15, 30),
    (62, 77),
    (101, 116),
    (143, 158),
    (80, 95),
    (150, 167),
];

/// Before which of these the page is opened anew, as by somebody who comes back: then the browser's
/// memory of the page is gone, and what it has kept on disk counts.
const COMES_BACK: [usize; 4] = [0, 7, 13, 17];

/// Plays from a second to another, fast, and pauses there.
const PLAY: &str = "
    const [from, to] = arguments;
    const audio = document.getElementById('audio');
    window.heard = false;
    if (Math.abs(audio.currentTime - from) > 1) audio.currentTime = from;
    audio.playbackRate = 12;
    audio.play();
    const watch = setInterval(() => {
        if (audio.currentTime < to || audio.seeking) return;
        clearInterval(watch);
        audio.pause();
        window.heard = true;
    }, 10);
";

/// Fetches an address; gives status, hash and length of what came, or the error's name.
const FETCH: &str = "
    const [address, headers, method] = arguments;
    return fetch(address, { headers, method, cache: 'no-store' }).then(async (response) => {
        const body = await response.arrayBuffer();
        const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
        return { status: response.status, hash: hash.toHex?.() ?? [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
            len: body.byteLength, range: response.headers.get('Content-Range'), said: response.headers.get('Content-Length') };
    }).catch((error) => ({ error: error.name }));
";

const KEPT: &str = "caches.keys().then(async (names) => {
    let kept = 0;
    for (const name of names) kept += (await (await caches.open(name)).keys()).length;
    return kept;
})";

/// A clock that shows a window's last second: what is sealed now is good for a second of real time
/// as well, which is all that a player knows of this clock.
fn last_second() -> ManualClock {
    let clock = ManualClock::at_unix(START);
    clock.advance(LIFETIME.saturating_sub(Duration::from_secs(1)));
    clock
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Opens the demonstration's page and waits until its worker is in control.
async fn open(browser: &Browser, demo: &Running) -> Result {
    browser.session.goto(&demo.site).await?;
    browser
        .until("document.documentElement.dataset.way === 'worker'")
        .await
}

async fn fetch(browser: &Browser, headers: Value) -> Result<Value> {
    let address = json!(format!("/audio/{PIECE}"));
    browser
        .run(FETCH, vec![address, headers, json!("GET")])
        .await
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files, far below 2^53")]
fn ratio(bytes: u64, of: u64) -> f64 {
    bytes as f64 / of as f64
}

/// How many bytes a browser takes that listens to a plain URL.
async fn listen_plainly(file: Bytes) -> Result<u64> {
    let wire = Wire::lay().await?;
    let server = Plain::start(file).await?;
    wire.lead_to(server.address);
    let browser = Browser::start().await?;
    let page = format!("http://{}/", wire.address);
    for (at, (from, to)) in LISTENING.into_iter().enumerate() {
        if COMES_BACK.contains(&at) {
            browser.session.goto(&page).await?;
        }
        browser.run(PLAY, vec![json!(from), json!(to)]).await?;
        browser.until("window.heard").await?;
    }
    Ok(wire.sent())
}

/// How many bytes a browser takes that listens in the same way through sealed URLs, a new one each
/// time.
async fn listen_through_windows() -> Result<u64> {
    let wire = Wire::lay().await?;
    let demo = Running::start_behind(&wire, Path::new(FOLDER), last_second()).await?;
    let browser = Browser::start().await?;
    let mut urls = BTreeSet::new();
    for (at, (from, to)) in LISTENING.into_iter().enumerate() {
        demo.clock.advance(LIFETIME);
        let url = demo.seal().await?.url;
        if COMES_BACK.contains(&at) {
            open(&browser, &demo).await?;
        }
        browser.run(PLAY, vec![json!(from), json!(to)]).await?;
        browser.until("window.heard").await?;
        // The page has noticed as well: it shows the new link.
        let shown = format!("document.getElementById('whole').value === '{url}'");
        browser.until(&shown).await?;
        urls.insert(url);
    }
    assert_eq!(urls.len(), LISTENING.len(), "a URL for each window");
    Ok(wire.sent())
}

#[expect(
    clippy::print_stdout,
    reason = "the figures are wanted, and not only when they are wrong"
)]
#[tokio::test]
async fn twenty_windows_cost_no_more_than_a_plain_url() -> Result {
    drop(Running::start(Path::new(FOLDER)).await?);
    let file = Bytes::from(Running::bytes(Path::new(FOLDER))?);
    let len = file.len() as u64;
    // Both at once: what is counted is bytes, not time.
    let (plain, sealed) = tokio::try_join!(listen_plainly(file), listen_through_windows())?;
    println!(
        "a piece of {len} bytes, listened to through {} windows, page and heads included:\n\
         from a plain URL     {plain} bytes, {:.4} of the piece\n\
         through sealed URLs  {sealed} bytes, {:.4} of the piece\n\
         ratio                {:.4}, at most {MOST}",
        LISTENING.len(),
        ratio(plain, len),
        ratio(sealed, len),
        ratio(sealed, plain),
    );
    assert!(plain >= len, "the whole piece was listened to");
    assert!(ratio(sealed, plain) <= MOST);
    assert!(ratio(sealed, len) <= MOST_OF_PIECE);
    Ok(())
}

#[tokio::test]
async fn what_is_kept_is_the_object_and_only_for_who_may_listen() -> Result {
    let wire = Wire::lay().await?;
    let demo = Running::start_behind(&wire, Path::new(FOLDER), last_second()).await?;
    let file = Bytes::from(Running::bytes(Path::new(FOLDER))?);
    let browser = Browser::start().await?;
    open(&browser, &demo).await?;

    // Fetched, and in the next window kept: the same bytes, and hardly any of them on the wire.
    let whole = json!({ "status": 200, "hash": hash(&file), "len": file.len(), "range": null,
        "said": file.len().to_string() });
    assert_eq!(fetch(&browser, json!({})).await?, whole);
    let first = wire.sent();
    demo.clock.advance(LIFETIME);
    assert_eq!(fetch(&browser, json!({})).await?, whole);
    let again = wire.sent().saturating_sub(first);
    assert!(again < 100_000, "{again} bytes were fetched again");

    let end = file.len();
    for (range, part) in [
        ("bytes=0-0", 0..1),
        ("bytes=262143-262144", 262_143..262_145),
        ("bytes=300000-20000000", 300_000..20_000_001),
        ("bytes=-1", end - 1..end),
        ("bytes=29000000-", 29_000_000..end),
    ] {
        let answer = fetch(&browser, json!({ "Range": range })).await?;
        let said = format!("bytes {}-{}/{end}", part.start, part.end - 1);
        let bytes = file.slice(part);
        let expected = json!({ "status": 206, "hash": hash(&bytes), "len": bytes.len(),
            "range": said, "said": bytes.len().to_string() });
        assert_eq!(answer, expected, "{range}");
    }
    let beyond = fetch(&browser, json!({ "Range": format!("bytes={end}-") })).await?;
    assert_eq!(
        (&beyond["status"], &beyond["range"]),
        (&json!(416), &json!(format!("bytes */{end}")))
    );
    let head = vec![json!(format!("/audio/{PIECE}")), json!({}), json!("HEAD")];
    let head = browser.run(FETCH, head).await?;
    assert_eq!((&head["status"], &head["len"]), (&json!(200), &json!(0)));
    assert_eq!(head["said"], end.to_string());

    // Refused: what is kept is not given, and not kept any longer.
    assert!(browser.number(KEPT).await? > 100.0);
    let refusing = Plain::refusing().await?;
    wire.lead_to(refusing.address);
    // Connections that are open lead where they led.
    drop(demo);
    let refused = "fetch('/audio/harbour-lights', { method: 'HEAD' })\
                   .then(({ status }) => { window.said = status; })";
    browser
        .run(&format!("setInterval(() => {refused}, 100);"), Vec::new())
        .await?;
    browser.until("window.said === 403").await?;
    let answer = fetch(&browser, json!({})).await?;
    assert_eq!(answer["status"], 403);
    assert_eq!(answer["len"], 2);
    assert_eq!(browser.value(KEPT).await?, 0);
    Ok(())
}

/// Fetches the whole piece, and stops in the middle until it is told to go on.
const HALF: &str = "
    const response = await fetch('/audio/harbour-lights');
    const reader = response.body.getReader();
    const parts = [];
    let len = 0;
    while (len < 10_000_000) {
        const { value } = await reader.read();
        parts.push(value);
        len += value.length;
    }
    window.rest = async () => {
        for (;;) {
            const { done, value } = await reader.read();
            if (done) break;
            parts.push(value);
        }
        const body = await new Blob(parts).arrayBuffer();
        const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
        return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    };
";

#[tokio::test]
async fn a_file_that_changes_is_never_mixed() -> Result {
    // Music of its own, that it can change.
    drop(Running::start(Path::new(FOLDER)).await?);
    let folder = tempfile::tempdir_in(FOLDER)?;
    let uploads = folder.path().join("demo/uploads/demo");
    fs::create_dir_all(&uploads)?;
    for music in fs::read_dir(Path::new(FOLDER).join("demo/uploads/demo"))? {
        let music = music?;
        fs::hard_link(music.path(), uploads.join(music.file_name()))?;
    }
    let wire = Wire::lay().await?;
    let demo = Running::start_behind(&wire, folder.path(), last_second()).await?;
    let browser = Browser::start().await?;
    open(&browser, &demo).await?;
    browser.run(HALF, Vec::new()).await?;
    // A fetch that nobody reads from stands still: all the others are three times as long.
    let halfway = wire.sent();
    assert!(halfway < 15_000_000, "{halfway} bytes for a third of them");

    let before = Running::bytes(folder.path())?;
    let after: Vec<u8> = before.iter().map(|byte| byte ^ 1).collect();
    let path = uploads.join(format!("{PIECE}.wav"));
    fs::remove_file(&path)?;
    fs::write(&path, &after)?;
    let clock = demo.clock.clone();
    drop(demo);
    let _demo = Running::start_behind(&wire, folder.path(), clock).await?;
    let rest = "return window.rest().catch((error) => error.name);";
    let rest = browser.run(rest, Vec::new()).await?;
    assert_eq!(rest, "TypeError", "its end would be of another version");

    let whole = fetch(&browser, json!({})).await?;
    assert_eq!(whole["hash"], hash(&after));
    assert_eq!(fetch(&browser, json!({})).await?["hash"], hash(&after));
    Ok(())
}

#[tokio::test]
async fn who_signs_out_leaves_nothing_behind() -> Result {
    let demo = Running::start(Path::new(FOLDER)).await?;
    let browser = Browser::start().await?;
    open(&browser, &demo).await?;
    fetch(&browser, json!({ "Range": "bytes=0-999999" })).await?;
    browser
        .until(&format!(
            "({KEPT}.then((kept) => {{ window.kept = kept; }}), window.kept > 0)"
        ))
        .await?;
    // The player asks for nothing more from here on.
    let silence = "const audio = document.getElementById('audio'); audio.removeAttribute('src'); audio.load();";
    browser.run(silence, Vec::new()).await?;
    let forget = "return new Promise((resolve) => {
        navigator.serviceWorker.addEventListener('message', ({ data }) => data.type === 'forgotten' && resolve());
        navigator.serviceWorker.controller.postMessage({ type: 'forget' });
    });";
    browser.run(forget, Vec::new()).await?;
    assert_eq!(browser.value(KEPT).await?, 0);
    Ok(())
}
