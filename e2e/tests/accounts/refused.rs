//! Sign-ins that do not work, each with a sentence for the person who wanted it.

use gatefold_e2e::{
    Result,
    actors::{Browser, Program},
    links::{parameter, with_parameter},
    site::Site,
};
use gatefold_testkit::network::Account;

use crate::{
    over_both,
    shared::{assert_nobody, assert_refused, assert_told},
};

over_both!(
    who_says_no_is_not_signed_in,
    an_answer_of_another_server_is_not_believed,
    a_state_is_good_once_and_only_where_it_is_known,
    nonsense_is_no_callback,
    what_is_no_account_is_told_apart,
    another_account_than_was_asked_for_is_refused,
);

/// A fan, their browser, and where they are sent.
async fn begun(site: &Site) -> Result<(Account, Browser, String)> {
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    let there = browser.begin(&fan.handle).await?;
    Ok((fan, browser, there))
}

async fn who_says_no_is_not_signed_in(site: &Site) -> Result {
    let (fan, mut browser, there) = begun(site).await?;
    let back = fan.deny(&there).await?;
    let answer = browser.come_back(&back).await?;
    assert_told(&answer, 403, "You did not allow it", "denied");
    assert_nobody(&mut browser).await?;
    // And it is over: what was denied cannot become something else.
    let answer = browser.come_back(&back).await?;
    assert_told(&answer, 400, "begin again", "denied, again");
    browser.sign_in(&fan).await
}

async fn an_answer_of_another_server_is_not_believed(site: &Site) -> Result {
    for issuer in [
        Some("https://evil.example"),
        Some("http://localhost:1"),
        None,
    ] {
        let (fan, mut browser, there) = begun(site).await?;
        let back = fan.consent(&there).await?;
        assert!(parameter(&back, "iss").is_some(), "{back}");
        let answer = browser
            .come_back(&with_parameter(&back, "iss", issuer))
            .await?;
        assert_told(
            &answer,
            400,
            "did not come from the server",
            "a wrong issuer",
        );
        // The code was not shown to anybody, and is not asked for again.
        let answer = browser.come_back(&back).await?;
        assert_told(&answer, 400, "begin again", "the right one, too late");
        assert_nobody(&mut browser).await?;
    }
    Ok(())
}

async fn a_state_is_good_once_and_only_where_it_is_known(site: &Site) -> Result {
    let (fan, mut browser, there) = begun(site).await?;
    let back = fan.consent(&there).await?;
    let words = "begin again";

    let unknown = "A".repeat(43);
    for state in [Some(unknown.as_str()), Some("short"), Some(""), None] {
        let foreign = with_parameter(&back, "state", state);
        let answer = browser.come_back(&foreign).await?;
        assert_told(&answer, 400, words, "an unknown state");
    }
    let token = browser.land(&back).await?;
    let answer = browser.come_back(&back).await?;
    assert_told(&answer, 400, words, "a replayed state");
    assert_eq!(browser.exchange(&token).await?.status, 200);

    // One sign-in's state does not go with another one's code.
    let (one, mut browser, one_there) = begun(site).await?;
    let (other, _, other_there) = begun(site).await?;
    let one_back = one.consent(&one_there).await?;
    let other_back = other.consent(&other_there).await?;
    let code = parameter(&other_back, "code");
    let mixed = with_parameter(&one_back, "code", code.as_deref());
    let answer = browser.come_back(&mixed).await?;
    assert_told(&answer, 424, "could not finish", "another one's code");
    assert_nobody(&mut browser).await
}

async fn nonsense_is_no_callback(site: &Site) -> Result {
    let (_, mut browser, _) = begun(site).await?;
    let long = format!("/auth/callback?state={}", "a".repeat(9000));
    for (path, status) in [
        ("/auth/callback", 400),
        ("/auth/callback?error=access_denied", 400),
        ("/auth/callback?code=x&iss=http%3A%2F%2Flocalhost%3A1", 400),
        ("/auth/callback?state=%00%ff", 400),
        ("/auth/callback?state=a&state=b", 400),
        ("/auth/callback?state=%3Cscript%3E&error=%3Cscript%3E", 400),
        (long.as_str(), 414),
    ] {
        let answer = browser.open(path).await?;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        let body = String::from_utf8_lossy(&answer.body);
        assert!(!body.contains("<script>"), "{path}: {body}");
    }
    // A program is told the same in its way.
    let answer = Program::nobody(site).get("/auth/callback?state=a").await?;
    assert_refused(&answer, 400, "unknown_state", "a program");
    Ok(())
}

async fn what_is_no_account_is_told_apart(site: &Site) -> Result {
    let program = Program::nobody(site);
    for (handle, status, code) in [
        ("", 400, "no_handle"),
        ("nobody", 400, "not_a_handle"),
        ("not a handle", 400, "not_a_handle"),
        ("did:plc:short", 400, "not_a_handle"),
        ("nobody-has-this.test", 400, "unknown_handle"),
        ("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", 400, "unknown_handle"),
    ] {
        let query = gatefold_e2e::links::form(&[("handle", handle)]);
        let answer = program.get(&format!("/auth/start?{query}")).await?;
        assert_refused(&answer, status, code, handle);
        let mut browser = Browser::new(site);
        let answer = browser.start(handle).await?;
        assert_eq!(answer.status, status, "{handle}");
        let body = String::from_utf8_lossy(&answer.body);
        assert!(body.contains("id=\"message\""), "{handle}: {body}");
    }
    Ok(())
}

async fn another_account_than_was_asked_for_is_refused(site: &Site) -> Result {
    let (fan, mut browser, there) = begun(site).await?;
    let other = site.network().account("other").await?;
    // The server's page asks for one of them, and somebody else signs in.
    match other.consent(&there).await {
        Ok(back) => {
            let answer = browser.come_back(&back).await?;
            assert!(answer.status.is_client_error(), "{answer:?}");
        }
        // The reference server does not go along with it itself.
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    assert_nobody(&mut browser).await?;
    browser.sign_in(&fan).await
}
