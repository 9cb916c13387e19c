//! The end of sessions: at the authorization server, and in every process.

use gatefold_e2e::{
    Result,
    actors::{Browser, Program},
    links::location,
    sign_in::program,
    site::Site,
};
use http::Method;
use serde_json::Value;
use tokio::time::{Duration, Instant};

use crate::{
    over_both,
    shared::{assert_given_back, assert_is, assert_nobody, assert_refused, page, theirs},
};

over_both!(
    who_signs_out_is_forgotten_here_and_there,
    a_page_signs_out_and_goes_home,
    what_ends_in_one_process_ends_in_all,
    a_session_is_ended_from_another,
);

async fn who_signs_out_is_forgotten_here_and_there(site: &Site) -> Result {
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    browser.sign_in(&fan).await?;
    let kept = browser.clone();
    let out = browser
        .fetch(Method::POST, "/auth/logout", &Value::Null)
        .await?;
    assert_eq!(out.status, 200, "{out:?}");
    assert_eq!(out.header("clear-site-data"), "\"cache\", \"storage\"");
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
    assert_nobody(&mut kept.clone()).await?;
    let again = kept
        .clone()
        .fetch(Method::POST, "/auth/logout", &Value::Null)
        .await?;
    assert_refused(&again, 401, "not_signed_in", "signed out already");

    // The very tokens that were given are given back.
    assert_given_back(site, &fan, 1).await?;
    let theirs = theirs(site, &fan).await?;
    let kinds: Vec<_> = theirs.iter().map(|grant| grant.grant.as_str()).collect();
    assert_eq!(kinds, ["authorization_code", "revocation"]);
    assert!(theirs[1].error.is_none());
    let is_confidential = site.origin.starts_with("https:");
    assert!(
        theirs
            .iter()
            .all(|grant| grant.kid.is_some() == is_confidential)
    );

    browser.sign_in(&fan).await?;
    assert_is(&mut browser, &fan).await
}

async fn a_page_signs_out_and_goes_home(site: &Site) -> Result {
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    browser.sign_in(&fan).await?;
    let kept = browser.clone();
    let out = browser.submit("/sign-out", &[]).await?;
    assert_eq!(location(&out)?, "/");
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
    assert_nobody(&mut kept.clone()).await?;
    assert_given_back(site, &fan, 1).await?;
    Ok(())
}

async fn what_ends_in_one_process_ends_in_all(site: &Site) -> Result {
    let fan = site.network().account("fan").await?;
    let another = site.another()?;
    let mut browser = Browser::new(site);
    browser.sign_in(&fan).await?;
    let token = browser.make_token(&fan, "mine").await?;
    let here = Program::bearer(site, &token);
    let there = here.at(site.at(&another));
    let mut elsewhere = browser.clone();
    elsewhere.reach = site.at(&another);
    // Both know both.
    assert_is(&mut elsewhere, &fan).await?;
    for program in [&here, &there] {
        assert_eq!(program.get("/auth/me").await?.status, 200);
    }

    let path = format!("/auth/developer-tokens/{}", &token[..8]);
    let revoked = browser.fetch(Method::DELETE, &path, &Value::Null).await?;
    assert_eq!(revoked.status, 200, "{revoked:?}");
    let ended = Instant::now();
    let answer = here.get("/auth/me").await?;
    assert_refused(&answer, 401, "not_signed_in", "here, at once");
    while there.get("/auth/me").await?.status != 401 {
        let since = ended.elapsed();
        assert!(since < BUSY, "still known elsewhere after {since:?}");
    }

    let mut kept = browser.clone();
    let out = elsewhere
        .fetch(Method::POST, "/auth/logout", &Value::Null)
        .await?;
    assert_eq!(out.status, 200, "{out:?}");
    let ended = Instant::now();
    while kept.me().await?.status != 401 {
        let since = ended.elapsed();
        assert!(since < BUSY, "still known here after {since:?}");
    }
    Ok(())
}

/// A second is what is promised; a machine that is busy with other tests is given more before this is
/// a failure, though never what a session would live without being ended.
const BUSY: Duration = Duration::from_secs(20);

async fn a_session_is_ended_from_another(site: &Site) -> Result {
    let fan = site.network().account("fan").await?;
    let other = site.network().account("other").await?;
    let (mut phone, mut laptop) = (Browser::new(site), Browser::new(site));
    phone.sign_in(&fan).await?;
    let session = program(site, &mut phone, &fan).await?;
    laptop.sign_in(&fan).await?;
    let mut foreign = Browser::new(site);
    foreign.sign_in(&other).await?;

    let sessions = page(&laptop.open("/settings/sessions").await?);
    let ids: Vec<_> = sessions
        .split("name=\"id\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect();
    assert_eq!(ids.len(), 3, "{sessions}");
    for id in &ids {
        let answer = foreign
            .submit("/settings/sessions/end", &[("id", id)])
            .await?;
        assert_eq!(answer.status, 404, "{answer:?}");
    }
    for id in &ids {
        let answer = laptop
            .submit("/settings/sessions/end", &[("id", id)])
            .await?;
        let there = location(&answer)?;
        if there == "/" {
            // It was its own.
            assert_nobody(&mut laptop).await?;
            laptop.sign_in(&fan).await?;
        } else {
            assert_eq!(there, "/settings/sessions");
        }
    }
    assert_nobody(&mut phone).await?;
    let answer = Program::bearer(site, &session).get("/auth/me").await?;
    assert_refused(&answer, 401, "not_signed_in", "ended elsewhere");
    assert_is(&mut laptop, &fan).await?;
    assert_given_back(site, &fan, 3).await?;
    Ok(())
}
