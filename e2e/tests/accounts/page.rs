//! Once as people do it: in Chromium, through the page of their own server.

use gatefold_e2e::{Result, browser::Browser, site::Setup, site::Site};
use serde_json::{Value, json};

/// Has the page wait for as long as the token stands in the address, and say what it saw.
const ADDRESS: &str = "location.pathname + location.search";

#[tokio::test]
async fn a_person_signs_in_through_the_page_of_their_server() -> Result {
    let site = Site::start(Setup::small()).await?;
    let fan = site.network().account("fan").await?;
    let browser = Browser::start().await?;
    let window = &browser.session;
    window
        .goto(&format!(
            "{}/sign-in?next=%2Fsettings%2Faccounts",
            site.origin
        ))
        .await?;
    window.type_into("#handle", &fan.handle).await?;
    window.click("form.stack button").await?;

    // Their server's page: the handle is there already.
    browser
        .until(&format!(
            "location.origin === {}",
            json!(site.network().pds_url)
        ))
        .await?;
    browser
        .until("document.querySelector('input[type=password]')")
        .await?;
    window
        .type_into("input[type=password]", &fan.password)
        .await?;
    window.click("button[type=submit]").await?;
    browser.until(&button("Authorize")).await?;
    browser
        .run(&format!("({}).click();", button("Authorize")), Vec::new())
        .await?;

    browser
        .until(&format!(
            "location.href === {}",
            json!(format!("{}/settings/accounts", site.origin))
        ))
        .await?;
    browser
        .until(&format!(
            "document.body.innerText.includes({})",
            json!(fan.handle)
        ))
        .await?;
    assert_eq!(browser.text(ADDRESS).await?, "/settings/accounts");
    let me = "return fetch('/auth/me').then((answer) => answer.json());";
    assert_eq!(browser.run(me, Vec::new()).await?["did"], fan.did);

    // The script of a page sees no cookie; the browser has one.
    assert_eq!(browser.text("document.cookie").await?, "");
    let cookies = window.cookies().await?;
    let cookies: Vec<_> = cookies
        .iter()
        .filter(|cookie| cookie["domain"] == "127.0.0.1")
        .collect();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    let cookie = cookies[0];
    assert_eq!(cookie["name"], "session_id");
    assert_eq!(cookie["httpOnly"], true);
    assert_eq!(cookie["sameSite"], "Lax");
    assert_eq!(cookie["path"], "/");
    // Chromium would not keep one for loopback that asked for TLS.
    assert_eq!(cookie["secure"], false);
    let now = browser.number("Date.now() / 1000").await?;
    let expiry = cookie["expiry"].as_f64().ok_or("it has no end")?;
    let days = (expiry - now) / 86_400.0;
    assert!((13.9..14.1).contains(&days), "{days}");

    // The token stands nowhere that the person could come back to.
    let steps = browser.number("history.length").await?;
    for _ in 0..8 {
        browser.run("history.back();", Vec::new()).await?;
        let there = browser.text("location.href").await?;
        assert!(!there.contains("exchange_token"), "of {steps}: {there}");
    }
    window
        .goto(&format!(
            "{}/signed-in?exchange_token={}",
            site.origin,
            "A".repeat(43)
        ))
        .await?;
    browser
        .until("!document.getElementById('failed').hidden")
        .await?;
    assert_eq!(browser.text(ADDRESS).await?, "/signed-in");

    window.goto(&format!("{}/", site.origin)).await?;
    window.click("form[action='/sign-out'] button").await?;
    browser
        .until("!document.querySelector(\"form[action='/sign-out']\")")
        .await?;
    let out = "return fetch('/auth/me').then((answer) => answer.status);";
    assert_eq!(browser.run(out, Vec::new()).await?, Value::from(401));
    Ok(())
}

/// The button that says this.
fn button(words: &str) -> String {
    format!(
        "[...document.querySelectorAll('button')].find((it) => it.innerText.trim() === {})",
        json!(words)
    )
}
