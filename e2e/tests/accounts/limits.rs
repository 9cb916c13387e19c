//! How often may be asked, by one process and by several.

use gatefold_e2e::{
    Result,
    actors::{Browser, Reach},
    http::Answer,
    site::{Setup, Site},
};
use gatefold_testkit::databases::Redis;
use http::Method;
use serde_json::json;
use tokio::time::Instant;

use crate::shared::assert_refused;

/// Steps of signing in, in a minute.
const AUTH: u32 = 10;
/// Seconds after which there is one more.
const BACK: u64 = 6;

fn limited(redis: Option<&Redis>) -> Setup {
    Setup {
        auth: AUTH,
        redis: redis.map(|redis| redis.url.clone()),
        more: "trusted_proxies = [\"127.0.0.1/32\"]",
        ..Setup::small()
    }
}

/// Takes a step of signing in for somebody at this address; one that does not get far.
async fn step(reach: &Reach, address: &str) -> Result<Answer> {
    let headers = [("x-forwarded-for", address)];
    reach
        .ask(Method::GET, "/auth/start", &headers, bytes::Bytes::new())
        .await
}

fn number(answer: &Answer, name: &str) -> Result<u64> {
    let text = answer.header(name);
    text.parse()
        .map_err(|_| format!("{name} is {text:?}").into())
}

/// Takes steps at one after the other of these until one is refused: how many were taken, and that.
async fn until_refused(reaches: &[Reach], address: &str) -> Result<(u64, Answer)> {
    let begun = Instant::now();
    let mut taken = 0;
    for reach in reaches.iter().cycle() {
        let answer = step(reach, address).await?;
        if answer.status == 429 {
            break;
        }
        assert_refused(&answer, 400, "no_handle", "a step");
        taken += 1;
        // However slow this machine is: some come back meanwhile.
        let most = u64::from(AUTH) + begun.elapsed().as_secs() / BACK + 1;
        assert!(taken <= most, "{taken} of {most}");
    }
    Ok((taken, step(&reaches[0], address).await?))
}

#[tokio::test]
async fn ten_steps_of_signing_in_a_minute_and_no_more() -> Result {
    let site = Site::start(limited(None)).await?;
    let reach = site.reach();
    let first = step(&reach, "192.0.2.1").await?;
    assert_eq!(number(&first, "ratelimit-limit")?, 10);
    assert_eq!(number(&first, "ratelimit-remaining")?, 9);
    assert!((1..=60).contains(&number(&first, "ratelimit-reset")?));
    let (taken, refused) = until_refused(std::slice::from_ref(&reach), "192.0.2.1").await?;
    assert!(taken >= 9, "{taken}");
    assert_refused(&refused, 429, "rate_limited", "one too many");
    assert_eq!(number(&refused, "ratelimit-remaining")?, 0);
    assert!((1..=60).contains(&number(&refused, "retry-after")?));

    // Others go on, and so does who is not signing in.
    assert_eq!(step(&reach, "192.0.2.2").await?.status, 400);
    let headers = [("x-forwarded-for", "192.0.2.1")];
    let page = reach
        .ask(Method::GET, "/sign-in", &headers, bytes::Bytes::new())
        .await?;
    assert_eq!(page.status, 200, "{page:?}");

    // A person has a whole network of addresses of IPv6.
    let (_, refused) = until_refused(std::slice::from_ref(&reach), "2001:db8:1:2::1").await?;
    assert_eq!(refused.status, 429);
    assert_eq!(step(&reach, "2001:db8:1:2:ffff::1").await?.status, 429);
    assert_eq!(step(&reach, "2001:db8:1:3::1").await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn a_person_is_one_wherever_they_come_from() -> Result {
    let site = Site::start(limited(None)).await?;
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(&site);
    browser.sign_in(&fan).await?;
    let origin = browser.reach.origin.clone();
    let body = json!({"name": ""}).to_string();
    let mut last = 0;
    for number in 1..=60 {
        let address = format!("198.51.100.{number}");
        let headers = vec![
            ("x-forwarded-for", address.as_str()),
            ("origin", origin.as_str()),
            ("content-type", "application/json"),
        ];
        let path = "/auth/developer-token/start";
        let answer = browser
            .send(Method::POST, path, headers, body.clone().into())
            .await?;
        last = answer.status.as_u16();
        if last == 429 {
            assert_refused(&answer, 429, "rate_limited", "one person");
            break;
        }
        assert_refused(&answer, 422, "invalid_name", &address);
    }
    assert_eq!(last, 429);
    Ok(())
}

#[tokio::test]
async fn processes_count_together_and_by_themselves_when_nobody_counts_for_them() -> Result {
    let redis = Redis::start()?;
    let site = Site::start(limited(Some(&redis))).await?;
    let another = site.another()?;
    let both = [site.reach(), site.at(&another)];
    let (taken, _) = until_refused(&both, "192.0.2.1").await?;
    assert!(taken >= 10, "{taken}");
    for reach in &both {
        let refused = step(reach, "192.0.2.1").await?;
        assert_refused(&refused, 429, "rate_limited", "here and there");
    }
    assert!(!redis.dump()?.is_empty());

    redis.kill()?;
    for reach in &both {
        let (taken, refused) = until_refused(std::slice::from_ref(reach), "192.0.2.2").await?;
        assert!(taken >= 10, "{taken}");
        assert_refused(&refused, 429, "rate_limited", "each by itself");
    }
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(&site);
    browser.sign_in(&fan).await
}
