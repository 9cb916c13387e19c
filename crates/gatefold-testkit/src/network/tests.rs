//! The network, seen by a client that has just enough of OAuth.

mod oauth;

use std::{collections::BTreeSet, error::Error, net::Ipv4Addr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use oauth::{Login, SCOPES, push};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// The value of a parameter of a URL, as it stands there.
fn parameter<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

#[tokio::test]
async fn an_account_has_a_document_a_handle_and_a_server() -> Result {
    let network = Network::start().await?;
    let artist = network.account("artist").await?;
    let fan = network.account("fan").await?;
    assert_ne!(artist.did, fan.did);
    assert!(artist.handle.starts_with("artist-"), "{}", artist.handle);

    let document = client::get(&format!("{}/{}", network.plc_url, artist.did), &[]).await?;
    let document = document.json()?;
    assert_eq!(
        document["alsoKnownAs"][0],
        format!("at://{}", artist.handle)
    );
    assert_eq!(document["service"][0]["serviceEndpoint"], network.pds_url);

    let resolve = "xrpc/com.atproto.identity.resolveHandle?handle";
    let url = format!("{}/{resolve}={}", network.pds_url, artist.handle);
    assert_eq!(client::get(&url, &[]).await?.json()?["did"], artist.did);

    for (path, field) in [
        ("oauth-protected-resource", "resource"),
        ("oauth-authorization-server", "issuer"),
    ] {
        let url = format!("{}/.well-known/{path}", network.pds_url);
        let metadata = client::get(&url, &[]).await?.json()?;
        assert_eq!(metadata[field], network.pds_url);
    }
    Ok(())
}

#[tokio::test]
async fn a_person_agrees_or_does_not() -> Result {
    let network = Network::start().await?;
    let fan = network.account("fan").await?;
    let mut client = Login::new(&network.pds())?;

    let agreed = fan.consent(&client.authorize().await?).await?;
    assert!(agreed.starts_with(client.redirect_uri()), "{agreed}");
    assert!(parameter(&agreed, "code").is_some(), "{agreed}");
    assert_eq!(parameter(&agreed, "state"), Some("a-state"), "{agreed}");

    let denied = fan.deny(&client.authorize().await?).await?;
    assert_eq!(parameter(&denied, "code"), None, "{denied}");
    assert_eq!(parameter(&denied, "error"), Some("access_denied"));
    Ok(())
}

#[tokio::test]
async fn tokens_end_when_the_test_says_so() -> Result {
    let network = Network::start().await?;
    let pds = network.pds();
    let (artist, fan) = (
        network.account("artist").await?,
        network.account("fan").await?,
    );
    let mut client = Login::new(&pds)?;
    let mut other = Login::new(&pds)?;
    client.sign_in(&artist).await?;
    other.sign_in(&fan).await?;
    assert_eq!(client.session().await?.json()?["did"], artist.did);

    assert_eq!(artist.expire().await?, 1);
    let refused = client.session().await?;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()?["error"], "invalid_token");
    assert_eq!(
        other.session().await?.status,
        200,
        "the other is not touched"
    );
    assert_eq!(client.refresh().await?.status, 200);
    assert_eq!(client.session().await?.status, 200);

    fan.token_age(Some(-1)).await?;
    assert_eq!(other.refresh().await?.status, 200);
    assert_eq!(other.session().await?.status, 401, "over when it was given");
    fan.token_age(None).await?;
    assert_eq!(other.refresh().await?.status, 200);
    assert_eq!(other.session().await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn what_a_client_asked_for_is_known() -> Result {
    let network = Network::start().await?;
    let pds = network.pds();
    let artist = network.account("artist").await?;
    let mut client = Login::new(&pds)?;
    client.sign_in(&artist).await?;
    let first = client.refresh_token.clone();
    client.refresh().await?;
    let second = std::mem::replace(&mut client.refresh_token, first.clone());
    // A replayed token ends the session.
    assert_eq!(client.refresh().await?.status, 400);

    let grants = pds.grants(&client.client_id).await?;
    let kinds: Vec<_> = grants.iter().map(|grant| grant.grant.as_str()).collect();
    assert_eq!(
        kinds,
        ["authorization_code", "refresh_token", "refresh_token"]
    );
    assert_eq!(grants[0].sub.as_ref(), Some(&artist.did));
    assert_eq!(grants[0].refresh_token.as_ref(), Some(&first));
    assert_eq!(grants[1].spent.as_ref(), Some(&first));
    assert_eq!(grants[1].refresh_token.as_ref(), Some(&second));
    assert_eq!(grants[2].error.as_deref(), Some("invalid_grant"));
    assert!(grants[2].access_token.is_none());
    assert_eq!(pds.grants("http://localhost?nobody").await?.len(), 0);
    Ok(())
}

/// What a client says of itself, at its id.
fn metadata(client_id: &str, redirect: &str) -> Value {
    json!({
        "client_id": client_id,
        "redirect_uris": [redirect],
        "scope": SCOPES,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "application_type": "web",
        "token_endpoint_auth_method": "none",
        "dpop_bound_access_tokens": true,
    })
}

/// Answers every request with this; where it listens.
async fn web_server(body: &Value) -> Result<String> {
    let body = body.to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    Ok(format!("http://{address}"))
}

#[tokio::test]
async fn a_public_name_can_lead_to_a_server_under_test() -> Result {
    let network = Network::start().await?;
    let pds = network.another_pds().await?;
    let host = "known.gatefoldtest.fm";
    let client_id = format!("https://{host}/client.json");
    let redirect = format!("https://{CLIENT_DOMAIN}/back");
    let push = || push(&pds, &client_id, &redirect, "no code is asked for", &[]);
    assert_eq!(push().await?.json()?["error"], "invalid_client_metadata");

    let server = web_server(&metadata(&client_id, &redirect)).await?;
    network.client(host, Some(&server)).await?;
    assert_eq!(push().await?.status, 201);

    network.client(host, None).await?;
    assert_eq!(push().await?.status, 400, "nothing of it is remembered");
    Ok(())
}

#[tokio::test]
async fn a_confidential_client_is_known_by_its_keys() -> Result {
    let network = Network::start().await?;
    let pds = network.pds();
    let artist = network.account("artist").await?;
    let host = format!("confidential.{CLIENT_DOMAIN}");
    let client_id = format!("https://{host}/client.json");
    let redirect = format!("https://{host}/back");
    let mut client = Login::known_as(&pds, client_id.clone(), redirect.clone())?;
    let first = client.sign_with("first")?;
    let mut metadata = metadata(&client_id, &redirect);
    metadata["token_endpoint_auth_method"] = "private_key_jwt".into();
    metadata["token_endpoint_auth_signing_alg"] = "ES256".into();
    metadata["jwks"] = json!({"keys": [first]});
    network
        .client(&host, Some(&web_server(&metadata).await?))
        .await?;
    client.sign_in(&artist).await?;
    assert_eq!(client.refresh().await?.status, 200);

    // The session is the first key's, even once there is a second one.
    let second = client.sign_with("second")?;
    metadata["jwks"] = json!({"keys": [first, second]});
    network
        .client(&host, Some(&web_server(&metadata).await?))
        .await?;
    assert_eq!(client.refresh().await?.status, 400);
    let grants = pds.grants(&client_id).await?;
    let keys: Vec<_> = grants.iter().map(|grant| grant.kid.as_deref()).collect();
    assert_eq!(keys, [Some("first"), Some("first"), Some("second")]);
    assert_eq!(grants[2].error.as_deref(), Some("invalid_grant"));
    network.client(&host, None).await?;
    Ok(())
}

#[tokio::test]
async fn each_fault_is_seen_where_it_is() -> Result {
    let network = Network::start().await?;
    let pds = network.another_pds().await?;
    let metadata = format!("{}/.well-known/oauth-authorization-server", pds.url);
    let resource = format!("{}/.well-known/oauth-protected-resource", pds.url);
    let honest = client::get(&metadata, &[]).await?;
    assert_eq!(honest.json()?["issuer"], pds.url);

    for kind in [Kind::Down, Kind::Lost] {
        pds.faults(&[kind.clone().into()]).await?;
        assert!(client::get(&metadata, &[]).await.is_err(), "{kind:?}");
    }
    pds.faults(&[Kind::Html.into()]).await?;
    let page = client::get(&metadata, &[]).await?;
    assert_eq!(page.status, 502);
    assert_eq!(page.header(http::header::CONTENT_TYPE), "text/html");

    let liar = Kind::Replace("issuer".to_owned(), "https://elsewhere.example".into());
    let once = Kind::Status(503)
        .at("/.well-known/oauth-authorization")
        .times(1);
    pds.faults(&[once, liar.into()]).await?;
    assert_eq!(client::get(&metadata, &[]).await?.status, 503);
    let lied = client::get(&metadata, &[]).await?;
    assert_eq!(lied.status, 200);
    assert_eq!(lied.json()?["issuer"], "https://elsewhere.example");
    let keys = |answer: &Value| -> BTreeSet<String> {
        let fields = answer.as_object().into_iter().flatten();
        fields.map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(keys(&lied.json()?), keys(&honest.json()?));

    pds.faults(&[Kind::Down.at("/.well-known/oauth-authorization")])
        .await?;
    assert_eq!(client::get(&resource, &[]).await?.status, 200);
    let slow = Kind::Slow(std::time::Duration::from_millis(1));
    pds.faults(&[slow.into()]).await?;
    assert_eq!(client::get(&metadata, &[]).await?.json()?, honest.json()?);

    pds.faults(&[Kind::Hang.into()]).await?;
    let asked = pds.requests().await?.len();
    let hanging = tokio::spawn({
        let metadata = metadata.clone();
        async move { client::get(&metadata, &[]).await.is_err() }
    });
    // It hangs from when the PDS has seen it; the end of the fault is its end.
    while pds.requests().await?.len() == asked {
        tokio::task::yield_now().await;
    }
    pds.faults(&[]).await?;
    assert!(hanging.await?);
    assert_eq!(client::get(&metadata, &[]).await?.json()?, honest.json()?);
    Ok(())
}

#[tokio::test]
async fn tokens_can_be_answered_wrongly() -> Result {
    let network = Network::start().await?;
    let pds = network.another_pds().await?;
    let artist = pds.account("artist").await?;
    let mut client = Login::new(&pds)?;
    client.sign_in(&artist).await?;

    let answers = "/oauth/token";
    pds.faults(&[Kind::Replace("sub".to_owned(), "did:plc:other".into()).at(answers)])
        .await?;
    assert_eq!(client.refresh().await?.json()?["sub"], "did:plc:other");
    pds.faults(&[Kind::DropScope("blob:audio/*".to_owned()).at(answers)])
        .await?;
    let scopes = client.refresh().await?.json()?["scope"].clone();
    assert_eq!(scopes, SCOPES.replace(" blob:audio/*", ""));

    pds.faults(&[Kind::Lost.at(answers).times(1)]).await?;
    assert!(client.refresh().await.is_err());
    let grants = pds.grants(&client.client_id).await?;
    assert!(
        grants.last().is_some_and(|grant| grant.error.is_none()),
        "the server has carried it out"
    );
    assert_eq!(client.refresh().await?.status, 400, "so this is a replay");
    Ok(())
}

#[tokio::test]
async fn nonces_can_be_good_once_or_never() -> Result {
    let network = Network::start().await?;
    let pds = network.another_pds().await?;
    let artist = pds.account("artist").await?;
    let mut client = Login::new(&pds)?;
    client.sign_in(&artist).await?;
    let proofs = client.proofs();
    assert_eq!(client.session().await?.status, 200);
    assert_eq!(client.proofs(), proofs + 1, "a nonce is good for a while");

    pds.faults(&[Kind::NonceOnce.into()]).await?;
    client.session().await?;
    let proofs = client.proofs();
    client.forget_nonces_of_answers();
    for _ in 0..3 {
        assert_eq!(client.session().await?.status, 200);
    }
    assert_eq!(client.proofs(), proofs + 6, "each was sent twice");

    pds.faults(&[Kind::NonceNever.into()]).await?;
    let refused = client.session().await?;
    assert_eq!(refused.json()?["error"], "use_dpop_nonce");
    Ok(())
}
