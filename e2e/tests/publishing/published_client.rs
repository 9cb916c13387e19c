//! The published client, unmodified.

use std::process::{Command, Stdio};

use gatefold_e2e::{
    Result,
    site::{Client, Keeping, Setup},
};

use crate::stage::Stage;

#[tokio::test]
async fn it_works_on_sqlite() -> Result {
    it_works_as_it_does_elsewhere(Stage::set(Setup::small()).await?).await
}

/// It knows no other name of the site than where it listens.
#[tokio::test]
async fn it_works_on_postgresql() -> Result {
    let setup = Setup::new(Keeping::Postgres, Client::Public);
    it_works_as_it_does_elsewhere(Stage::set(setup).await?).await
}

async fn it_works_as_it_does_elsewhere(stage: Stage) -> Result {
    let here = env!("CARGO_MANIFEST_DIR");
    let python = format!("{here}/plyrfm/venv/bin/python");
    if !std::path::Path::new(&python).exists() {
        return Err("the environment e2e/plyrfm/venv is not there: `./test` makes it".into());
    }
    let folder = tempfile::tempdir()?;
    let url = format!("http://{}", stage.site.first.address);
    let mut command = Command::new(python);
    command
        .arg(format!("{here}/plyrfm/drive.py"))
        .args([&url, &stage.artist.token])
        .arg(format!("{here}/../testdata/audio/vbr.mp3"))
        .arg(format!("{here}/../testdata/audio/tagged.flac"))
        .arg(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let done = tokio::task::spawn_blocking(move || command.output()).await??;
    let (said, wrong) = (
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr),
    );
    assert!(done.status.success(), "{said}{wrong}");
    assert!(said.ends_with("delete\n"), "{said}");
    Ok(())
}
