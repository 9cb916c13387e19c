//! Once as people do it: in Chromium, where the page of the site brings the code to the terminal.

use gatefold_e2e::{
    Result,
    browser::Browser,
    site::{Setup, Site},
    terminal::Terminal,
};
use serde_json::json;

#[tokio::test]
async fn a_person_takes_the_code_to_the_program_with_a_click() -> Result {
    let site = Site::start(Setup::small()).await?;
    let artist = site.network().account("artist").await?;
    let terminal = Terminal::at(&site.origin)?;
    let login = terminal.begin_login(&[&artist.handle])?;
    let browser = Browser::start().await?;
    let window = &browser.session;
    window.goto(&login.address).await?;
    browser
        .until("document.querySelector('input[type=password]')")
        .await?;
    window
        .type_into("input[type=password]", &artist.password)
        .await?;
    window.click("button[type=submit]").await?;
    let authorize = "[...document.querySelectorAll('button')].find((it) => it.innerText.trim() === 'Authorize')";
    browser.until(authorize).await?;
    browser
        .run(&format!("({authorize}).click();"), Vec::new())
        .await?;

    browser
        .until("document.getElementById('waiting') && !document.getElementById('waiting').hidden")
        .await?;
    let heading = browser
        .text("document.getElementById('heading').innerText")
        .await?;
    assert_eq!(heading, "Sign a program in?");
    let address = browser.text("location.href").await?;
    assert_eq!(address, format!("{}/signed-in", site.origin));
    window.click("#bring").await?;
    browser
        .until(&format!(
            "document.body.innerText.includes({})",
            json!("You are signed in")
        ))
        .await?;
    let ran = login.end()?;
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.output.contains(&artist.handle), "{ran:?}");
    Ok(())
}
