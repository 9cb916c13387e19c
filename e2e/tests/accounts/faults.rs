//! What becomes of a sign-in when the person's server is not well. Each test has a PDS of its own.

use gatefold_e2e::{
    Result,
    actors::Browser,
    http::Answer,
    site::{SCOPES, Setup, Site},
};
use gatefold_testkit::network::{Account, Fault, Kind, Network, Pds};
use http::Method;
use serde_json::{Value, json};
use tokio::time::Duration;

use crate::shared::{assert_given_back_to, assert_is, assert_nobody, assert_told, of_pds, page};

/// What is found again where the authorization server is asked.
const PAR: &str = "/oauth/par";
const TOKEN: &str = "/oauth/token";
const REVOKE: &str = "/oauth/revoke";

/// A site, and a person whose server is theirs alone.
struct Stand {
    site: Site,
    pds: Pds,
    fan: Account,
    browser: Browser,
}

impl Stand {
    async fn start() -> Result<Self> {
        let pds = Network::start().await?.another_pds().await?;
        let setup = Setup {
            pds: Some(pds.clone()),
            ..Setup::small()
        };
        let site = Site::start(setup).await?;
        Ok(Self {
            browser: Browser::new(&site),
            fan: pds.account("fan").await?,
            site,
            pds,
        })
    }

    async fn is_wrong(&self, faults: &[Fault]) -> Result {
        Ok(self.pds.faults(faults).await?)
    }

    /// Comes back from a server with which this is wrong from then on.
    async fn come_back_to(&mut self, fault: Fault) -> Result<Answer> {
        let there = self.browser.begin(&self.fan.handle).await?;
        let back = self.fan.consent(&there).await?;
        self.is_wrong(&[fault]).await?;
        self.browser.come_back(&back).await
    }

    /// All is well again, and so is the person.
    async fn signs_in_again(&mut self) -> Result {
        self.is_wrong(&[]).await?;
        assert_nobody(&mut self.browser).await?;
        self.browser.sign_in(&self.fan).await?;
        assert_is(&mut self.browser, &self.fan).await
    }

    /// So many times tokens were given, and given back.
    async fn assert_given(&self, times: usize) -> Result {
        assert_given_back_to(&self.pds, &self.site, &self.fan, times).await?;
        let grants = of_pds(&self.pds, &self.site, &self.fan).await?;
        let given = grants.iter().filter(|grant| grant.access_token.is_some());
        assert_eq!(given.count(), times, "given");
        Ok(())
    }
}

/// A sentence that says whose fault it is and what to do, under a status that is no defect's.
fn assert_theirs(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 424, "{what}: {answer:?}");
    let page = page(answer);
    let words = ["server of this account", "looked up", "begin again"];
    assert!(
        words.iter().any(|words| page.contains(words)),
        "{what}: {page}"
    );
    assert!(page.contains("role=\"alert\""), "{what}: {page}");
}

#[tokio::test]
async fn a_server_that_is_down_is_said_to_be() -> Result {
    let mut stand = Stand::start().await?;
    stand.is_wrong(&[Kind::Down.into()]).await?;
    for typed in [stand.fan.did.clone(), stand.fan.handle.clone()] {
        let answer = stand.browser.start(&typed).await?;
        assert_theirs(&answer, &typed);
        assert!(page(&answer).contains("again"), "{}", page(&answer));
        // What was typed is still there.
        assert!(page(&answer).contains(&typed), "{}", page(&answer));
    }
    stand.is_wrong(&[Kind::Down.at(PAR)]).await?;
    let answer = stand.browser.start(&stand.fan.handle).await?;
    assert_theirs(&answer, "down when asked");
    stand.is_wrong(&[]).await?;
    let answer = stand.come_back_to(Kind::Down.at(TOKEN)).await?;
    assert_told(&answer, 424, "could not finish", "down at the end");
    stand.signs_in_again().await
}

#[tokio::test]
async fn a_server_that_answers_pages_is_not_understood() -> Result {
    let mut stand = Stand::start().await?;
    stand.is_wrong(&[Kind::Html.into()]).await?;
    for typed in [stand.fan.did.clone(), stand.fan.handle.clone()] {
        let answer = stand.browser.start(&typed).await?;
        assert_theirs(&answer, &typed);
        assert!(!page(&answer).contains("Nobody is at home"), "{typed}");
    }
    for status in [400, 403, 500, 503] {
        for path in ["/.well-known/oauth", PAR] {
            stand.is_wrong(&[Kind::Status(status).at(path)]).await?;
            let answer = stand.browser.start(&stand.fan.did).await?;
            assert_theirs(&answer, &format!("{status} at {path}"));
        }
    }
    stand.is_wrong(&[]).await?;
    let answer = stand.come_back_to(Kind::Html.at(TOKEN)).await?;
    assert_told(&answer, 424, "could not finish", "HTML at the end");
    stand.is_wrong(&[]).await?;
    let answer = stand.come_back_to(Kind::Status(500).at(TOKEN)).await?;
    assert_told(&answer, 424, "could not finish", "500 at the end");
    stand.signs_in_again().await
}

#[tokio::test]
async fn a_slow_server_is_waited_for_and_others_are_not_kept() -> Result {
    let mut stand = Stand::start().await?;
    stand
        .is_wrong(&[Kind::Slow(Duration::from_millis(300)).into()])
        .await?;
    stand.browser.sign_in(&stand.fan).await?;
    assert_is(&mut stand.browser, &stand.fan).await
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() -> Result {
    let mut stand = Stand::start().await?;
    stand.is_wrong(&[Kind::Hang.at(PAR)]).await?;
    let mut other = Browser::new(&stand.site);
    let artist = stand.site.network().account("artist").await?;
    let typed = artist.did.clone();
    let (waited, meanwhile) = tokio::join!(stand.browser.start(&stand.fan.did), async {
        let there = other.begin(&typed).await?;
        other.finish(&artist, &there).await
    });
    meanwhile?;
    assert_theirs(&waited?, "silent");
    stand.signs_in_again().await
}

#[tokio::test]
async fn nonces_that_change_all_the_time_are_followed() -> Result {
    let mut stand = Stand::start().await?;
    stand.is_wrong(&[Kind::NonceOnce.into()]).await?;
    stand.browser.sign_in(&stand.fan).await?;
    let out = stand
        .browser
        .fetch(Method::POST, "/auth/logout", &Value::Null)
        .await?;
    assert_eq!(out.status, 200, "{out:?}");
    stand.assert_given(1).await?;

    // One that never takes any is given up.
    stand.is_wrong(&[Kind::NonceNever.into()]).await?;
    let answer = stand.browser.start(&stand.fan.did).await?;
    assert_theirs(&answer, "no nonce is good");
    stand.signs_in_again().await
}

#[tokio::test]
async fn less_than_was_asked_for_is_given_back() -> Result {
    let mut stand = Stand::start().await?;
    let dropped = Kind::DropScope("repo:fm.plyr.track".to_owned()).at(TOKEN);
    let answer = stand.come_back_to(dropped).await?;
    assert_told(&answer, 403, "granted less", "a scope is missing");
    stand.assert_given(1).await?;
    stand.is_wrong(&[]).await?;

    // The person may leave something out, too.
    let there = stand.browser.begin(&stand.fan.handle).await?;
    let back = stand.fan.consent_to(&there, "atproto").await?;
    let answer = stand.browser.come_back(&back).await?;
    assert_told(&answer, 403, "granted less", "the person left it out");
    stand.assert_given(2).await?;

    let dropped = Kind::DropScope("atproto".to_owned()).at(TOKEN);
    let answer = stand.come_back_to(dropped).await?;
    assert_told(&answer, 403, "granted less", "no atproto at all");
    assert!(SCOPES.starts_with("atproto "));
    stand.signs_in_again().await
}

#[tokio::test]
async fn a_server_that_lies_is_not_believed() -> Result {
    let mut stand = Stand::start().await?;
    let issuer = "issuer".to_owned();
    let metadata = "/.well-known/oauth-authorization-server";
    stand
        .is_wrong(&[Kind::Replace(issuer, json!("https://evil.example")).at(metadata)])
        .await?;
    let answer = stand.browser.start(&stand.fan.did).await?;
    assert_theirs(&answer, "another issuer");
    let resource = "/.well-known/oauth-protected-resource";
    for (field, value) in [
        ("resource", json!("https://evil.example")),
        ("authorization_servers", json!([])),
        ("authorization_servers", json!("nonsense")),
    ] {
        stand
            .is_wrong(&[Kind::Replace(field.to_owned(), value).at(resource)])
            .await?;
        let answer = stand.browser.start(&stand.fan.did).await?;
        assert_theirs(&answer, field);
    }
    stand.is_wrong(&[]).await?;

    // Nobody becomes somebody else by their own server's word.
    let victim = stand.site.network().account("victim").await?;
    let sub = Kind::Replace("sub".to_owned(), json!(victim.did)).at(TOKEN);
    let answer = stand.come_back_to(sub).await?;
    assert!(answer.status.is_client_error(), "{answer:?}");
    assert_nobody(&mut stand.browser).await?;
    stand.assert_given(1).await?;
    stand.signs_in_again().await
}

#[tokio::test]
async fn an_answer_that_is_lost_costs_a_new_beginning() -> Result {
    let mut stand = Stand::start().await?;
    for fault in [Kind::Lost, Kind::Down] {
        let answer = stand.come_back_to(fault.at(TOKEN).times(1)).await?;
        assert_told(&answer, 424, "could not finish", "lost");
        stand.is_wrong(&[]).await?;
    }
    stand.signs_in_again().await
}

#[tokio::test]
async fn who_signs_out_is_signed_out_whatever_their_server_does() -> Result {
    let mut stand = Stand::start().await?;
    for fault in [
        Kind::Down.into(),
        Kind::Html.at(REVOKE),
        Kind::Status(500).at(REVOKE),
    ] {
        stand.browser.sign_in(&stand.fan).await?;
        let mut kept = stand.browser.clone();
        stand.is_wrong(&[fault]).await?;
        let out = stand
            .browser
            .fetch(Method::POST, "/auth/logout", &Value::Null)
            .await?;
        assert_eq!(out.status, 200, "{out:?}");
        assert_nobody(&mut kept).await?;
        stand.is_wrong(&[]).await?;
    }
    Ok(())
}
