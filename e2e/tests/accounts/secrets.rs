//! After all of it, no secret stands where it must not: not in the database, not in Redis, not in the
//! logs at their most talkative, and not in what is counted.

use std::{fs, time::Duration};

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_domain::{Clock as _, Timestamp};
use gatefold_e2e::{
    Result,
    actors::{Browser, Program},
    http::{get, send},
    links::{location, parameter, with_parameter},
    sign_in::{VERIFIER, program},
    site::{Setup, Site},
};
use gatefold_ops::{SystemClock, system_random};
use gatefold_store::{Crypter, KeyFile, Options, Store};
use gatefold_testkit::databases::Redis;
use http::Method;
use serde_json::Value;

use crate::shared::{assert_nobody, theirs};

/// Steps of signing in that are counted last: at 200 a minute they are remembered for 6 seconds.
const JUST_NOW: u32 = 20;

#[tokio::test]
async fn nothing_is_told_on_sqlite() -> Result {
    nothing_is_told(Setup::small()).await
}

#[tokio::test]
async fn nothing_is_told_on_postgresql() -> Result {
    nothing_is_told(Setup::large()).await
}

async fn nothing_is_told(setup: Setup) -> Result {
    let redis = Redis::start()?;
    let site = Site::start(Setup {
        redis: Some(redis.url.clone()),
        // So few that it is remembered for some time what has been counted.
        auth: 200,
        log: "trace",
        ..setup
    })
    .await?;
    let another = site.another()?;
    let mut secrets = live(&site, &another).await?;
    secrets.extend(files(&site)?);
    secrets.extend(sealed(&site).await?);
    secrets.sort_unstable();
    secrets.dedup();

    let database = match site.database() {
        Some(database) => database.dump()?.into_bytes(),
        None => site.database_files()?,
    };
    let logs = [site.first.log()?, another.log()?].concat();
    // What is counted is forgotten with time: some of it was a moment ago.
    for _ in 0..JUST_NOW {
        Browser::new(&site).exchange("nonsense").await?;
    }
    let redis = redis.dump()?;
    let mut counts = String::new();
    for instance in [&site.first, &another] {
        let answer = send(instance.admin, get("/metrics")).await?;
        counts += std::str::from_utf8(&answer.body)?;
    }
    // They were looked for in what really holds something.
    assert!(
        logs.contains("answered") && logs.contains("DEBUG"),
        "{logs}"
    );
    assert!(redis.contains(": "), "{redis}");
    assert!(holds(&database, b"did:plc:"), "an empty database");
    assert!(counts.contains("gatefold_"), "{counts}");
    for (place, bytes) in [
        ("the database", &database),
        ("the logs", &logs.into_bytes()),
        ("Redis", &redis.into_bytes()),
        ("what is counted", &counts.into_bytes()),
    ] {
        for secret in &secrets {
            assert!(!tells(bytes, &secret.text), "{place} tells {}", secret.what);
        }
    }
    Ok(())
}

/// Something that nobody but its holder may learn.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Secret {
    what: &'static str,
    text: String,
}

fn all(what: &'static str, texts: impl IntoIterator<Item = String>) -> Vec<Secret> {
    let secret = |text| Secret { what, text };
    texts.into_iter().map(secret).collect()
}

/// A day in the life of a site: all kinds of sessions, some that are over, some sign-ins that fail.
async fn live(site: &Site, another: &gatefold_e2e::site::Instance) -> Result<Vec<Secret>> {
    let artist = site.network().account("artist").await?;
    let fan = site.network().account("fan").await?;
    let mut secrets = Vec::new();
    let mut studio = Browser::new(site);
    studio.sign_in(&artist).await?;
    let token = studio.make_token(&artist, "nightly upload").await?;
    let session = program(site, &mut studio, &artist).await?;
    for shown in [&token, &session] {
        let program = Program::bearer(site, shown).at(site.at(another));
        assert_eq!(program.get("/auth/me").await?.status, 200);
    }
    secrets.extend(all("a developer token", [token[8..].to_owned(), token]));
    secrets.extend(all("a program's session", [session]));
    secrets.extend(all("a program's verifier", [VERIFIER.to_owned()]));

    // One that is over, one that never comes to its end, and some that are forged.
    let mut phone = Browser::new(site);
    let there = phone.begin(&fan.handle).await?;
    let back = fan.consent(&there).await?;
    for name in ["state", "code"] {
        let value = parameter(&back, name).ok_or("incomplete")?;
        secrets.extend(all("what a server sends back", [value]));
    }
    phone
        .visit(gatefold_e2e::actors::By::Person, "/auth/callback?code=x")
        .await?;
    let used = phone.land(&back).await?;
    phone.come_back(&back).await?;
    Browser::new(site).exchange(&used).await?;
    phone.exchange(&used).await?;
    phone.exchange(&used).await?;
    let there = phone.begin(&fan.handle).await?;
    let forged = with_parameter(
        &fan.consent(&there).await?,
        "iss",
        Some("https://evil.example"),
    );
    phone.come_back(&forged).await?;
    phone.begin(&fan.handle).await?;
    let there = location(
        &phone
            .submit("/settings/accounts/add", &[("handle", &artist.handle)])
            .await?,
    )?;
    phone.finish(&artist, &there).await?;
    phone
        .submit("/settings/accounts/switch", &[("did", &fan.did)])
        .await?;
    phone
        .fetch(Method::POST, "/auth/logout", &Value::Null)
        .await?;
    assert_nobody(&mut phone).await?;

    for browser in [studio, phone] {
        secrets.extend(all("a cookie or an exchange token", browser.secrets));
    }
    for person in [&artist, &fan] {
        for grant in theirs(site, person).await? {
            let tokens = [grant.access_token, grant.refresh_token, grant.spent];
            secrets.extend(all("a server's token", tokens.into_iter().flatten()));
        }
        secrets.extend(all("a password", [person.password.clone()]));
    }
    Ok(secrets)
}

/// The keys in the files of the site.
fn files(site: &Site) -> Result<Vec<Secret>> {
    let mut secrets = Vec::new();
    for path in [site.column_keys(), site.client_keys()] {
        if path.exists() {
            let file = serde_json::from_slice(&fs::read(path)?)?;
            secrets.extend(all("a key of a file", long_texts(&file)));
        }
    }
    assert!(!secrets.is_empty());
    Ok(secrets)
}

/// What is encrypted in the database: the keys of proofs, and tokens.
async fn sealed(site: &Site) -> Result<Vec<Secret>> {
    let keys = KeyFile::parse(&fs::read(site.column_keys())?)?;
    let crypter = Crypter::new(&keys, Box::new(system_random()))?;
    let options = Options {
        connections: 2,
        migrate: false,
    };
    let now = Timestamp::from(SystemClock.now());
    let store = Store::open(&site.database_url().parse()?, crypter, options, now).await?;
    let mut secrets = Vec::new();
    let later = now.after(Duration::from_hours(1));
    for row in store.grants().stale(later, None, 100, now).await? {
        let grant = store.grants().get(&row.key).await?.ok_or("no grant")?;
        let grant = serde_json::from_slice(&grant)?;
        let texts = long_texts(&grant);
        // Two tokens and a key at least.
        assert!(texts.len() >= 3);
        secrets.extend(all("what is sealed of a grant", texts));
    }
    store.close().await;
    // The browser's, the program's and the developer token's.
    assert!(secrets.len() >= 9, "{}", secrets.len());
    Ok(secrets)
}

/// Every text in JSON that could be a secret: an address is none, nor is a name.
fn long_texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => {
            let could_be = text.len() >= 43 && !text.contains([':', '/', ' ']);
            could_be.then(|| text.clone()).into_iter().collect()
        }
        Value::Array(values) => values.iter().flat_map(long_texts).collect(),
        Value::Object(fields) => fields.values().flat_map(long_texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// Whether these bytes tell a secret: as it is written, as the bytes that it stands for, or either in
/// hexadecimal.
fn tells(place: &[u8], secret: &str) -> bool {
    let mut forms = vec![secret.as_bytes().to_vec()];
    forms.extend(Base64UrlUnpadded::decode_vec(secret));
    // Of a token the signature alone would tell enough.
    if let Some((_, signature)) = secret.rsplit_once('.') {
        forms.push(signature.as_bytes().to_vec());
    }
    forms
        .iter()
        .any(|form| holds(place, form) || holds(place, hexadecimal(form).as_bytes()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn holds(place: &[u8], wanted: &[u8]) -> bool {
    place.windows(wanted.len()).any(|window| window == wanted)
}

#[test]
fn a_secret_is_found_in_every_form() {
    let secret = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let bytes = Base64UrlUnpadded::decode_vec(secret).unwrap();
    for place in [
        format!("cookie: session_id={secret};").into_bytes(),
        [b"..".as_slice(), &bytes, b".."].concat(),
        format!("'\\x{}'", hexadecimal(secret.as_bytes())).into_bytes(),
        format!("'\\x{}'", hexadecimal(&bytes)).into_bytes(),
    ] {
        assert!(tells(&place, secret));
        assert!(!tells(&place[20..], secret));
    }
    assert!(tells(
        b"x aGVhZA.signature-of-it x",
        "b3RoZXI.signature-of-it"
    ));
}
