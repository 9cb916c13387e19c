//! As people do it, in Chromium: the demonstration, and the same with real accounts.

use gatefold_domain::{AudioFormat, Gate, Visibility};
use gatefold_e2e::{
    Result,
    browser::Browser,
    demonstration::Demonstration,
    site::{Library, Setup, Shelves, Site},
};
use gatefold_synth::catalogue;
use gatefold_testkit::{network::Account, registry::Registry};
use serde_json::json;

const OPEN: &str = "Harbour Lights";
const GATED: &str = "Night Tram";

/// A row of the list of tracks.
fn row(title: &str) -> String {
    format!(
        "[...document.querySelectorAll('li.track')].find((it) => it.dataset.title === {})",
        json!(title)
    )
}

/// A button that says this.
fn button(words: &str) -> String {
    format!(
        "[...document.querySelectorAll('button')].find((it) => it.innerText.trim().startsWith({}))",
        json!(words)
    )
}

async fn press(browser: &Browser, button: &str) -> Result {
    browser.until(button).await?;
    browser
        .run(&format!("({button}).click();"), Vec::new())
        .await?;
    Ok(())
}

async fn play(browser: &Browser, title: &str) -> Result {
    browser
        .until("document.querySelector('li.track button.play')")
        .await?;
    press(
        browser,
        &format!("{}.querySelector('button.play')", row(title)),
    )
    .await
}

/// It is this one that is heard, and it goes on.
async fn assert_heard(browser: &Browser, title: &str) -> Result {
    browser
        .until(&format!(
            "document.getElementById('now-title').textContent === {}",
            json!(title)
        ))
        .await?;
    browser
        .until("document.getElementById('audio').currentTime > 0.5")
        .await?;
    let error = browser
        .value("document.getElementById('audio').error")
        .await?;
    assert!(error.is_null(), "{error}");
    Ok(())
}

/// The reason stands next to the track, and nothing is heard.
async fn assert_refused(browser: &Browser, title: &str, reason: &str) -> Result {
    browser
        .until(&format!(
            "{}.querySelector('.why').innerText.includes({})",
            row(title),
            json!(reason)
        ))
        .await?;
    assert_eq!(
        browser
            .value("document.getElementById('audio').paused")
            .await?,
        true
    );
    Ok(())
}

#[tokio::test]
async fn a_newcomer_hears_is_refused_and_is_let_in() -> Result {
    let demonstration = Demonstration::start()?;
    let browser = Browser::start().await?;
    browser.session.goto(&demonstration.origin).await?;
    play(&browser, OPEN).await?;
    assert_heard(&browser, OPEN).await?;
    play(&browser, GATED).await?;
    assert_refused(&browser, GATED, "Sign in").await?;

    become_persona(&browser, "Sam").await?;
    play(&browser, GATED).await?;
    assert_refused(&browser, GATED, "Ines Quillfeather").await?;

    become_persona(&browser, "Noor").await?;
    play(&browser, GATED).await?;
    assert_heard(&browser, GATED).await?;

    // The link, tried by nobody, and by somebody else: the edge's own words.
    press(&browser, &button("Try it signed out")).await?;
    browser.until(&verdict("403")).await?;
    press(&browser, &button("Try it as Sam")).await?;
    browser
        .until("document.querySelector('#tried').dataset.who.startsWith('Sam')")
        .await?;
    browser.until(&verdict("403")).await?;
    become_persona(&browser, "Ines").await?;
    play(&browser, GATED).await?;
    assert_heard(&browser, GATED).await?;
    Ok(())
}

/// Something was refused, with this in the reason.
fn verdict(words: &str) -> String {
    format!(
        "[...document.querySelectorAll('.verdict[data-verdict=refused]')].some((it) => it.innerText.includes({}))",
        json!(words)
    )
}

async fn become_persona(browser: &Browser, name: &str) -> Result {
    press(browser, &button(name)).await?;
    browser
        .until(&format!(
            "document.querySelector('.personas [aria-pressed=true]')?.innerText.startsWith({})",
            json!(name)
        ))
        .await
}

#[tokio::test]
async fn so_do_people_with_accounts_of_their_own() -> Result {
    let registry = Registry::start().await?;
    let site = Site::start(Setup {
        registry: Some(registry.url.clone()),
        ..Setup::small()
    })
    .await?;
    let mut people = Vec::new();
    for name in ["artist", "fan", "stranger"] {
        people.push(site.network().account(name).await?);
    }
    let [artist, fan, stranger] = &people[..] else {
        return Err("three people".into());
    };
    registry.add(&fan.did, &artist.did);
    let windows = [
        Browser::start().await?,
        Browser::start().await?,
        Browser::start().await?,
    ];
    sign_in(&site, &windows[0], artist).await?;
    publish(&site, artist).await?;

    let stranger_window = &windows[2];
    stranger_window.session.goto(&site.origin).await?;
    play(stranger_window, OPEN).await?;
    assert_heard(stranger_window, OPEN).await?;
    play(stranger_window, GATED).await?;
    assert_refused(stranger_window, GATED, "Sign in").await?;
    sign_in(&site, stranger_window, stranger).await?;
    stranger_window.session.goto(&site.origin).await?;
    play(stranger_window, GATED).await?;
    assert_refused(stranger_window, GATED, "Ines Quillfeather").await?;

    sign_in(&site, &windows[1], fan).await?;
    for window in &windows[..2] {
        window.session.goto(&site.origin).await?;
        play(window, GATED).await?;
        assert_heard(window, GATED).await?;
    }
    // The link of the one, in the window of the other, and where nobody is signed in.
    let ask = format!(
        "return fetch('/audio/' + ({}).dataset.file + '/url').then((it) => it.json());",
        row(GATED)
    );
    let given = windows[1].run(&ask, Vec::new()).await?;
    let attempt = "return fetch(arguments[0], {cache: 'no-store', credentials: arguments[1]})
        .then(async (it) => [it.status, (await it.json().catch(() => ({}))).code]);";
    for (window, credentials, code) in [
        (stranger_window, "include", "wrong_client"),
        (stranger_window, "omit", "no_client"),
        (&windows[1], "omit", "no_client"),
    ] {
        let arguments = vec![given["url"].clone(), json!(credentials)];
        let told = window.run(attempt, arguments).await?;
        assert_eq!(told, json!([403, code]));
    }
    Ok(())
}

/// Sealed links are what all of the above plays.
#[tokio::test]
async fn what_is_gated_is_heard_by_every_delivery() -> Result {
    for (delivery, shelves) in [
        ("token", Shelves::Folders),
        ("presigned", Shelves::Folders),
        ("presigned", Shelves::Buckets),
    ] {
        let site = Site::start(Setup {
            delivery,
            shelves,
            ..Setup::small()
        })
        .await?;
        let artist = site.network().account("artist").await?;
        let window = Browser::start().await?;
        sign_in(&site, &window, &artist).await?;
        publish(&site, &artist).await?;
        window.session.goto(&site.origin).await?;
        play(&window, GATED).await?;
        assert_heard(&window, GATED).await?;
        // Somewhere else in it, which takes another part of the file.
        let far = "document.getElementById('audio').currentTime = 30;";
        window.run(far, Vec::new()).await?;
        let there = "document.getElementById('audio').currentTime > 30.2";
        window.until(there).await?;
        play(&window, OPEN).await?;
        assert_heard(&window, OPEN).await?;
    }
    Ok(())
}

/// Signs in through the page of the person's server.
async fn sign_in(site: &Site, browser: &Browser, account: &Account) -> Result {
    let window = &browser.session;
    window.goto(&format!("{}/sign-in", site.origin)).await?;
    window.type_into("#handle", &account.handle).await?;
    window.click("form.stack button").await?;
    browser
        .until("document.querySelector('input[type=password]')")
        .await?;
    window
        .type_into("input[type=password]", &account.password)
        .await?;
    window.click("button[type=submit]").await?;
    press(browser, &button("Authorize")).await?;
    browser
        .until(&format!(
            "location.origin === {} && document.querySelector(\"form[action='/sign-out']\")",
            json!(site.origin)
        ))
        .await
}

async fn publish(site: &Site, artist: &Account) -> Result {
    let library = Library::of(site).await?;
    let support = "https://support.example/ines";
    library
        .artist(&artist.did, "Ines Quillfeather", support)
        .await?;
    let piece = catalogue().first().ok_or("no music")?;
    let mut wav = Vec::new();
    piece.write_wav(&mut wav)?;
    for (title, gate) in [(GATED, Gate::Supporters), (OPEN, Gate::Open)] {
        library
            .publish_as(
                title,
                &artist.did,
                (gate, Visibility::Public),
                AudioFormat::Wav,
                &wav,
            )
            .await?;
    }
    Ok(())
}
