//! A demonstration and a site have nothing to do with each other.

use std::process::{Command, Stdio};

use gatefold_e2e::{
    Result, command,
    demonstration::Demonstration,
    http::{get, send},
    site::{Setup, Site},
};
use http::Method;

/// What a command says when it refuses.
fn refusal(command: &mut Command) -> Result<String> {
    let output = command.stdout(Stdio::null()).output()?;
    assert!(!output.status.success());
    Ok(String::from_utf8(output.stderr)?)
}

#[tokio::test]
async fn nobody_is_somebody_else_at_a_site() -> Result {
    let site = Site::start(Setup::small()).await?;
    let reach = site.reach();
    let form = "persona=supporter";
    let answer = reach
        .ask(
            Method::POST,
            "/demo/persona",
            &[
                ("origin", &site.origin),
                ("content-type", "application/x-www-form-urlencoded"),
            ],
            form.into(),
        )
        .await?;
    assert_eq!(answer.status, 404, "{answer:?}");
    assert_eq!(answer.header("set-cookie"), "");

    // Nor is its database a demonstration's.
    let folder = tempfile::tempdir()?;
    let name = site.database_url().replace("sqlite:", "");
    let (keys, database) = (
        folder.path().join("secrets"),
        folder.path().join("gatefold.db"),
    );
    std::fs::create_dir(&keys)?;
    std::fs::copy(site.column_keys(), keys.join("columns.json"))?;
    for suffix in ["", "-wal", "-shm"] {
        std::fs::copy(
            format!("{name}{suffix}"),
            format!("{}{suffix}", database.display()),
        )?;
    }
    let said = refusal(
        command::gatefold()?
            .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path()),
    )?;
    assert!(said.contains("--data"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_demonstrations_people_are_nobody_at_a_site() -> Result {
    let demonstration = Demonstration::start()?;
    let folder = demonstration.folder().display().to_string();
    let config = tempfile::NamedTempFile::new()?;
    std::fs::write(
        config.path(),
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\nsecrets = \"{folder}/secrets\"\n\
             [server.database]\nurl = \"sqlite:{folder}/gatefold.db\"\nkeys = \"{folder}/secrets/columns.json\"\n"
        ),
    )?;
    let said = refusal(
        command::gatefold()?
            .args(["serve", "--config"])
            .arg(config.path()),
    )?;
    assert!(said.contains("serve --demo"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_demonstration_is_for_this_machine_alone() -> Result {
    let folder = tempfile::tempdir()?;
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let said = refusal(
            command::gatefold()?
                .args(["serve", "--demo", "--listen", address, "--data"])
                .arg(folder.path()),
        )?;
        assert!(said.contains("loopback"), "{said}");
    }
    assert_eq!(
        std::fs::read_dir(folder.path())?.count(),
        0,
        "nothing is made"
    );
    let demonstration = Demonstration::start()?;
    let address = demonstration.origin.trim_start_matches("http://").parse()?;
    let mut elsewhere = get("/");
    elsewhere
        .headers_mut()
        .insert("host", "music.example".parse()?);
    assert_eq!(send(address, elsewhere).await?.status, 421);
    Ok(())
}
