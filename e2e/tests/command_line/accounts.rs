//! Signing in and out, and what is kept of it.

use std::{fs, os::unix::fs::PermissionsExt};

use gatefold_e2e::{
    Result,
    actors::{Browser, Program},
    links::parameter,
    process::eventually,
    site::{Setup, Site},
    terminal::{Terminal, bring, bring_to},
};
use serde_json::json;

#[tokio::test]
async fn a_person_signs_in_through_their_browser_and_out_again() -> Result {
    let site = Site::start(Setup::small()).await?;
    let artist = site.network().account("artist").await?;
    let terminal = Terminal::new()?;
    let login = terminal.begin_login(&[&artist.handle, "--server", &site.origin])?;
    let landing = login.land(&site, &artist).await?;
    let address = login.address.clone();
    assert_eq!(eventually(|| terminal.opened()).await?, address);
    let brought = bring(&landing).await?;
    assert_eq!(brought.status, 200, "{brought:?}");
    assert!(String::from_utf8_lossy(&brought.body).contains("You are signed in"));
    assert_eq!(brought.header("referrer-policy"), "no-referrer");
    let ran = login.end()?;
    assert_eq!(ran.status, 0, "{ran:?}");
    let start = format!(
        "You are signed in to {} as {}, until 20",
        site.origin, artist.handle
    );
    assert!(ran.output.starts_with(&start), "{ran:?}");

    let kept = fs::read_to_string(terminal.credentials())?;
    let mode = fs::metadata(terminal.credentials())?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let kept: serde_json::Value = serde_json::from_str(&kept)?;
    let secret = kept["servers"][&site.origin]["token"]
        .as_str()
        .ok_or("no token")?;
    let shown = Program::bearer(&site, secret);
    assert_eq!(shown.get("/auth/me").await?.status, 200);

    let me = terminal.run(["whoami", "--json"])?;
    let told = me.json()?;
    assert_eq!(
        (
            &told["did"],
            &told["handle"],
            &told["server"],
            &told["shown"]
        ),
        (
            &json!(artist.did),
            &json!(artist.handle),
            &json!(site.origin),
            &json!("gatefold login")
        )
    );
    let text = terminal.run(["whoami"])?.output;
    assert!(
        text.contains(&format!("handle  {}\n", artist.handle)),
        "{text}"
    );
    for ran in [&me.output, &text, &ran.output, &ran.said] {
        assert!(!ran.contains(secret), "{ran}");
    }

    let out = terminal.run(["logout"])?;
    assert_eq!(
        out.output,
        format!("You are signed out of {}.\n", site.origin)
    );
    assert_eq!(shown.get("/auth/me").await?.status, 401);
    let kept = fs::read_to_string(terminal.credentials())?;
    assert!(!kept.contains(secret), "{kept}");
    let nobody = terminal.run(["whoami", "--server", &site.origin])?;
    assert_eq!((nobody.status, nobody.output.as_str()), (3, ""));
    assert_eq!(
        nobody.said,
        format!(
            "gatefold: you are not signed in at {0}: run `gatefold login --server {0}`\n",
            site.origin
        )
    );
    Ok(())
}

#[tokio::test]
async fn a_code_is_typed_in_where_no_browser_is() -> Result {
    let site = Site::start(Setup::small()).await?;
    let artist = site.network().account("artist").await?;
    let terminal = Terminal::at(&site.origin)?;
    for whole in [true, false] {
        let mut login = terminal.begin_login(&[&artist.handle, "--no-browser", "--json"])?;
        let landing = login.land(&site, &artist).await?;
        assert_eq!(parameter(&landing, "port"), None);
        let code = parameter(&landing, "exchange_token").ok_or("no code")?;
        if whole {
            login.types(&format!("{}{landing}", site.origin))?;
        } else {
            login.types("")?;
            login.types(&format!("  {code} "))?;
        }
        let ran = login.end()?;
        assert_eq!(ran.json()?["did"], artist.did, "{ran:?}");
    }
    assert!(terminal.opened().is_err());
    let login = terminal.begin_login(&[&artist.handle, "--no-browser"])?;
    let ran = login.end()?;
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(
        ran.said.ends_with("type in the code that you are shown\n"),
        "{ran:?}"
    );
    // Who was signed in still is.
    assert_eq!(terminal.run(["whoami"])?.status, 0);
    Ok(())
}

#[tokio::test]
async fn nobody_else_signs_a_program_in() -> Result {
    let site = Site::start(Setup::small()).await?;
    let artist = site.network().account("artist").await?;
    let mallory = site.network().account("mallory").await?;
    let terminal = Terminal::at(&site.origin)?;
    // A sign-in of somebody else's program, whose code is brought here.
    let theirs = terminal.begin_login(&[&mallory.handle, "--no-browser"])?;
    let landing = theirs.land(&site, &mallory).await?;
    let foreign = parameter(&landing, "exchange_token").ok_or("no code")?;

    let login = terminal.begin_login(&[&artist.handle])?;
    let landing = login.land(&site, &artist).await?;
    let port = parameter(&landing, "port").ok_or("no port")?.parse()?;
    for code in [foreign.as_str(), "abc"] {
        let brought = bring_to(port, code).await?;
        assert_eq!(brought.status, 403, "{brought:?}");
    }
    assert_eq!(bring(&landing).await?.status, 200);
    let ran = login.end()?;
    assert!(ran.output.contains(&artist.handle), "{ran:?}");

    // Typed in by the person, it is told what is wrong.
    let mut login = terminal.begin_login(&[&artist.handle, "--no-browser"])?;
    login.types(&foreign)?;
    let ran = login.end()?;
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.said.contains("this code is not good"), "{ran:?}");
    drop(theirs);
    Ok(())
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() -> Result {
    let site = Site::start(Setup::small()).await?;
    let artist = site.network().account("artist").await?;
    let fan = site.network().account("fan").await?;
    let terminal = Terminal::at(&site.origin)?;
    let secret = || -> Result<String> {
        let kept = fs::read_to_string(terminal.credentials())?;
        let kept: serde_json::Value = serde_json::from_str(&kept)?;
        let secret = &kept["servers"][&site.origin]["token"];
        Ok(secret.as_str().ok_or("no token")?.to_owned())
    };
    assert_eq!(terminal.login(&site, &artist).await?.status, 0);
    let before = Program::bearer(&site, &secret()?);
    assert_eq!(terminal.login(&site, &fan).await?.status, 0);
    assert_eq!(before.get("/auth/me").await?.status, 401);
    assert_eq!(terminal.run(["whoami", "--json"])?.json()?["did"], fan.did);

    // A session that ended elsewhere is told apart from none, and forgotten when asked.
    let out = Program::bearer(&site, &secret()?);
    out.ask(http::Method::POST, "/auth/logout", &json!(null))
        .await?;
    let ended = terminal.run(["whoami"])?;
    assert_eq!(ended.status, 3);
    assert!(ended.said.contains("your session at"), "{ended:?}");
    let out = terminal.run(["logout", "--json"])?.json()?;
    assert_eq!(out, json!({"server": site.origin, "was_signed_in": false}));
    Ok(())
}

#[tokio::test]
async fn tokens_are_listed_shown_and_revoked() -> Result {
    let site = Site::start(Setup::small()).await?;
    let artist = site.network().account("artist").await?;
    let terminal = Terminal::at(&site.origin)?;
    terminal.login(&site, &artist).await?;
    let none = terminal.run(["tokens", "list"])?;
    assert!(
        none.output.contains("You have no developer tokens"),
        "{none:?}"
    );
    let mut browser = Browser::new(&site);
    browser.sign_in(&artist).await?;
    let token = browser.make_token(&artist, "夜の nightly upload").await?;
    let (id, _) = token.split_at(8);

    let listed = terminal.run(["tokens", "list"])?.output;
    let mut lines = listed.lines();
    assert!(
        lines.next().is_some_and(|line| line.starts_with("ID ")),
        "{listed}"
    );
    assert!(
        lines
            .next()
            .is_some_and(|line| line.starts_with(id) && line.contains("夜の nightly upload")),
        "{listed}"
    );
    assert!(!listed.contains(&token));
    let listed = terminal.run(["tokens", "list", "--json"])?.json()?;
    assert_eq!(listed["tokens"][0]["id"], id);

    // By another terminal, which shows the token itself.
    let other = Terminal::at(&site.origin)?;
    let path = other.folder().join("token");
    fs::write(&path, format!("{token}\n"))?;
    let file = path.display().to_string();
    let refused = other.run(["whoami", "--token-file", &file])?;
    assert_eq!(refused.status, 1);
    assert!(refused.said.contains("chmod 600"), "{refused:?}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    let me = other
        .run(["whoami", "--json", "--token-file", &file])?
        .json()?;
    assert_eq!(me["did"], artist.did);
    let by_variable = |arguments: &[&str]| -> Result<_> {
        Ok(other
            .command(arguments)?
            .env("GATEFOLD_TOKEN", &token)
            .output()?)
    };
    let me = by_variable(&["whoami"])?;
    assert!(String::from_utf8(me.stdout)?.contains("by      GATEFOLD_TOKEN"));
    let kept = other.type_into(["login", "--with-token"], &format!("{token}\n"))?;
    assert_eq!(kept.status, 0, "{kept:?}");
    assert!(!kept.output.contains(&token) && !kept.said.contains(&token));
    assert_eq!(other.run(["whoami"])?.status, 0);

    let new = terminal.run(["tokens", "new", "--no-browser"])?;
    assert!(
        new.output
            .contains(&format!("{}/settings/tokens", site.origin)),
        "{new:?}"
    );
    let revoked = terminal.run(["tokens", "revoke", id])?;
    assert_eq!(revoked.output, format!("The token {id} has ended.\n"));
    let again = terminal.run(["tokens", "revoke", id])?;
    assert_eq!(again.status, 5, "{again:?}");
    assert_eq!(other.run(["whoami"])?.status, 3);
    let me = by_variable(&["whoami"])?;
    assert_eq!(me.status.code(), Some(3));
    assert!(String::from_utf8(me.stderr)?.contains("does not take the token in GATEFOLD_TOKEN"));
    let bad = other.type_into(["login", "--with-token"], "a b\n")?;
    assert_eq!(bad.status, 1, "{bad:?}");
    Ok(())
}

#[test]
fn what_cannot_be_asked_says_what_to_do() -> Result {
    let terminal = Terminal::new()?;
    for (arguments, status, says) in [
        (
            &["whoami"][..],
            2,
            "no server is known: name one with --server",
        ),
        (
            &["whoami", "--server", "http://music.example.com"],
            2,
            "would go unencrypted",
        ),
        (
            &["whoami", "--server", "https://a.example/b"],
            2,
            "this is no address of a server",
        ),
        (
            &["login", "--server", "http://127.0.0.1:9"],
            2,
            "say who you are",
        ),
        (&["tokens"], 2, "Usage: gatefold tokens"),
        // Nobody listens there.
        (
            &[
                "tokens",
                "list",
                "--server",
                "http://127.0.0.1:9",
                "--token-file",
                "token",
            ],
            6,
            "http://127.0.0.1:9 cannot be reached",
        ),
        (
            &[
                "whoami",
                "--server",
                "http://127.0.0.1:9",
                "--token-file",
                "none",
            ],
            1,
            "there is no token in none",
        ),
    ] {
        let path = terminal.folder().join("token");
        fs::write(&path, "abc")?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        let ran = terminal.run(arguments)?;
        assert_eq!(ran.status, status, "{arguments:?}: {ran:?}");
        assert!(ran.said.contains(says), "{arguments:?}: {ran:?}");
        assert_eq!(ran.output, "");
    }
    Ok(())
}
