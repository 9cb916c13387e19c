//! The demonstration's page in a real browser: what a listener hears while windows end, and what
//! becomes of a link that is copied.

#[path = "browser/bytes.rs"]
mod bytes;

use std::path::Path;

use gatefold_e2e::{
    Result,
    browser::Browser,
    demo::Running,
    http::{self, get, with},
};
use serde_json::{Value, json};

/// Where tests find the music that one of them has composed.
const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");

/// Writes down, in the page, how the player does.
const WATCH: &str = "
    const audio = document.getElementById('audio');
    const seen = window.seen = { asked: [], samples: [], waits: [], since: null, seeks: 0, sources: 0, errors: 0 };
    navigator.serviceWorker?.addEventListener('message', ({ data }) => {
        if (data.type === 'asked') seen.asked.push(data);
    });
    audio.addEventListener('waiting', () => { seen.since ??= performance.now(); });
    audio.addEventListener('playing', () => {
        if (seen.since !== null) seen.waits.push(performance.now() - seen.since);
        seen.since = null;
    });
    audio.addEventListener('seeking', () => { seen.seeks += 1; });
    audio.addEventListener('loadstart', () => { seen.sources += 1; });
    audio.addEventListener('error', () => { seen.errors += 1; });
    setInterval(() => seen.samples.push([performance.now(), audio.currentTime]), 50);
";

/// Begins to write down anew.
const FRESH: &str = "Object.assign(window.seen, { asked: [], samples: [], waits: [], since: null, seeks: 0, sources: 0, errors: 0 });";

/// Moves the player as a person does, by its slider.
const SEEK: &str = "
    const seek = document.getElementById('seek');
    seek.value = arguments[0];
    seek.dispatchEvent(new Event('input'));
    seek.dispatchEvent(new Event('change'));
";

/// Asks the edge for one byte from within the page; gives status, code and stage.
const FETCH: &str = "
    return fetch(arguments[0], { headers: { Range: 'bytes=0-0' }, cache: 'no-store' }).then(
        async (response) => {
            const { code, stage } = response.ok ? {} : await response.json();
            return [response.status, code ?? null, stage ?? null];
        },
        (error) => [0, error.name, null],
    );
";

const POSITION: &str = "document.getElementById('audio').currentTime";

/// Whether the player holds the sound at a second already.
fn holds(second: u32) -> String {
    format!(
        "(({{ buffered }}) => [...Array(buffered.length).keys()].some((i) => \
         buffered.start(i) <= {second} && {second} < buffered.end(i)))(document.getElementById('audio'))"
    )
}

/// Opens the page, waits until it knows its way (`worker` or `direct`), and plays.
async fn listen(browser: &Browser, url: &str, way: &str) -> Result {
    browser.session.goto(url).await?;
    browser
        .until("document.documentElement.dataset.way")
        .await?;
    assert_eq!(
        browser.text("document.documentElement.dataset.way").await?,
        way
    );
    browser.run(WATCH, Vec::new()).await?;
    browser.session.click("#play").await?;
    browser.until(&format!("{POSITION} > 0.3")).await
}

/// Seeks to where nothing has been loaded yet, and hears sound from there on.
async fn seek_to_unloaded(browser: &Browser, second: u32) -> Result {
    assert_eq!(
        browser.value(&holds(second)).await?,
        false,
        "loaded already: seeking there would show nothing"
    );
    browser.run(SEEK, vec![json!(second)]).await?;
    browser
        .until(&format!(
            "{POSITION} > {second}.5 && {POSITION} < {second} + 60"
        ))
        .await
}

/// How far the sound jumped, in seconds, over all samples: back, or ahead of the clock. A slow
/// machine may fall behind it, which is no jump; waiting for bytes is counted by itself.
const JUMP: &str = "(() => {
    const [[t0, p0]] = seen.samples;
    const ahead = seen.samples.map(([t, p]) => (p - p0) - (t - t0) / 1000);
    const back = seen.samples.slice(1).map(([, p], i) => seen.samples[i][1] - p);
    return Math.max(...ahead, ...back);
})()";

/// The longest wait for bytes in milliseconds, one that has not ended included.
const LONGEST_WAIT: &str = "Math.max(0, ...seen.waits, \
                            seen.since === null ? 0 : performance.now() - seen.since)";

#[tokio::test]
async fn it_plays_seeks_and_plays_on_when_a_window_ends() -> Result {
    let demo = Running::start(Path::new(FOLDER)).await?;
    let browser = Browser::start().await?;
    listen(&browser, &demo.site, "worker").await?;
    seek_to_unloaded(&browser, 100).await?;
    let source = browser
        .text("document.getElementById('audio').currentSrc")
        .await?;
    assert_eq!(source, format!("{}/audio/harbour-lights", demo.site));

    browser.run(FRESH, Vec::new()).await?;
    let before = demo.seal().await?.url;
    demo.pass_window();
    let after = demo.seal().await?.url;
    assert_ne!(before, after);

    // The edge refuses the old link, and cuts what it is sending through it. The worker, in the
    // middle of the piece, has to ask again, and only a link of the new window can answer it. What
    // was asked before the window ended may still be told of.
    let asked = format!("seen.asked.find(({{ link }}) => link?.url !== '{before}')");
    browser.until(&asked).await?;
    let asked = browser.value(&asked).await?;
    assert_eq!(asked["link"]["url"], Value::String(after));
    assert_eq!(asked["status"], 206);
    let range = asked["range"].as_str().unwrap_or_default();
    assert!(
        range.starts_with("bytes=") && !range.starts_with("bytes=0-"),
        "{range}"
    );

    // On beyond everything that had been loaded by then.
    let reached = browser.number("document.getElementById('audio').buffered.end(document.getElementById('audio').buffered.length - 1)").await?;
    browser
        .until(&format!(
            "{POSITION} > {reached} || document.getElementById('audio').ended"
        ))
        .await?;
    let wait = browser.number(LONGEST_WAIT).await?;
    let jump = browser.number(JUMP).await?;
    assert!(wait <= 250.0, "waited {wait} ms for bytes");
    assert!(jump < 0.3, "the sound jumped by {jump} s");
    assert_eq!(
        browser
            .value("[seen.seeks, seen.sources, seen.errors]")
            .await?,
        json!([0, 0, 0]),
        "neither sought, nor loaded anew, nor failed"
    );
    assert_eq!(
        browser
            .text("document.getElementById('audio').currentSrc")
            .await?,
        source
    );
    // The page shows the new link, and that the bytes are the same version.
    browser
        .until("!document.getElementById('change-table').hidden")
        .await?;
    assert_eq!(
        browser
            .text("document.getElementById('etag-word').textContent")
            .await?,
        "the same"
    );
    Ok(())
}

#[tokio::test]
async fn without_a_service_worker_it_asks_again_when_it_fails() -> Result {
    let demo = Running::start(Path::new(FOLDER)).await?;
    let browser = Browser::start().await?;
    listen(&browser, &format!("{}/?no-worker", demo.site), "direct").await?;
    let is_controlled = "navigator.serviceWorker.controller !== null";
    assert_eq!(browser.value(is_controlled).await?, false);

    demo.pass_window();
    browser.run(FRESH, Vec::new()).await?;
    seek_to_unloaded(&browser, 100).await?;
    assert_eq!(
        browser.value("[seen.errors, seen.sources]").await?,
        json!([1, 1]),
        "the old link failed once, and was replaced once"
    );
    assert_eq!(
        browser
            .value("document.getElementById('notice').hidden")
            .await?,
        true,
        "nobody was told of it"
    );
    Ok(())
}

#[tokio::test]
async fn a_copied_link_works_in_time_and_at_home_only() -> Result {
    let demo = Running::start(Path::new(FOLDER)).await?;
    let browser = Browser::start().await?;
    let sealed = demo.seal().await?;
    let elsewhere = format!("http://localhost:{}", demo.address.port());
    let verdicts =
        "[...document.querySelectorAll('[data-verdict]')].map((e) => e.dataset.verdict).join()";

    // At home, and in time: the same trial succeeds.
    let trial = format!("{}/elsewhere#{}", demo.site, sealed.url);
    browser.session.goto(&trial).await?;
    browser
        .until(&format!("{verdicts} === 'answered,answered'"))
        .await?;
    let fetch = vec![json!(sealed.url)];
    assert_eq!(
        browser.run(FETCH, fetch.clone()).await?,
        json!([206, null, null])
    );

    // On another site the player fails, and a script sees nothing.
    let trial = format!("{elsewhere}/elsewhere#{}", sealed.url);
    browser.session.goto(&trial).await?;
    browser
        .until(&format!("{verdicts} === 'refused,refused'"))
        .await?;
    assert_eq!(
        browser.run(FETCH, fetch.clone()).await?,
        json!([0, "TypeError", null])
    );
    // What it was refused for stands in the answer, which a person may read.
    browser.session.click("#read").await?;
    let said = in_new_tab(&browser).await?;
    assert_eq!(said["code"], "wrong_client");
    assert_eq!(said["stage"], "client");

    // From nowhere at all.
    let plain = http::send(demo.address, get(&sealed.path)).await?;
    assert_eq!(plain.status, 403);
    assert_eq!(plain.json()?["code"], "no_client");
    let claimed = with(get(&sealed.path), "origin", &demo.site);
    let claimed = http::send(demo.address, with(claimed, "range", "bytes=0-0")).await?;
    assert_eq!(claimed.status, 206, "a forged origin is not noticed");

    // At home, after its time.
    browser.session.goto(&demo.site).await?;
    browser
        .until("document.documentElement.dataset.way")
        .await?;
    demo.pass_window();
    assert_eq!(
        browser.run(FETCH, fetch).await?,
        json!([403, "expired", "window"])
    );
    Ok(())
}

#[tokio::test]
async fn the_page_shows_what_becomes_of_a_shared_link() -> Result {
    let demo = Running::start(Path::new(FOLDER)).await?;
    let browser = Browser::start().await?;
    listen(&browser, &demo.site, "worker").await?;
    let sealed = demo.seal().await?;
    assert_eq!(
        browser
            .text("document.getElementById('whole').value")
            .await?,
        sealed.url
    );

    browser.session.click("#keep").await?;
    browser.session.click("#try-kept").await?;
    let kept = "document.getElementById('kept').dataset";
    browser
        .until(&format!("{kept}.verdict === 'answered'"))
        .await?;
    demo.pass_window();
    browser.session.click("#try-kept").await?;
    browser
        .until(&format!("{kept}.verdict === 'refused'"))
        .await?;
    assert_eq!(
        browser
            .value(&format!("[{kept}.code, {kept}.stage]"))
            .await?,
        json!(["expired", "window"])
    );

    // The next request for bytes takes the new link, and the page shows it.
    seek_to_unloaded(&browser, 100).await?;
    let fresh = demo.seal().await?;
    browser
        .until(&format!(
            "document.getElementById('whole').value === '{}'",
            fresh.url
        ))
        .await?;
    browser.session.click("#bare").await?;
    let said = in_new_tab(&browser).await?;
    assert_eq!(said["code"], "no_client");
    assert_eq!(said["stage"], "client");
    Ok(())
}

/// The JSON that a tab shows that has just been opened; back in the first one afterwards.
async fn in_new_tab(browser: &Browser) -> Result<Value> {
    let first = browser.session.window().await?;
    let tabs = browser.session.windows().await?;
    let tab = tabs.into_iter().find(|tab| *tab != first);
    browser.session.switch_to(&tab.ok_or("no new tab")?).await?;
    browser
        .until("document.contentType === 'application/json'")
        .await?;
    let text = browser.text("document.body.innerText").await?;
    browser.session.close_window().await?;
    browser.session.switch_to(&first).await?;
    Ok(serde_json::from_str(&text)?)
}
