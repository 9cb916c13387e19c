//! Keeping files.

use std::{fs, os::unix::fs::PermissionsExt};

use gatefold_e2e::{Result, terminal::Terminal};

use crate::stage::{Person, Stage};

/// Whether a path of a person's folder has the bytes of a file of the corpus.
fn is_whole(person: &Person, path: &str, name: &str) -> Result<bool> {
    let kept = fs::read(person.terminal.folder().join(path))?;
    let sent = format!("{}/../testdata/audio/{name}", env!("CARGO_MANIFEST_DIR"));
    Ok(kept == fs::read(sent)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_kept_by_whom_its_artist_lets() -> Result {
    let stage = Stage::with_artist().await?;
    let fan = Person::sign_in(&stage.site, "fan").await?;
    stage
        .registry
        .add(&fan.account.did, &stage.artist.account.did);
    let keep = ["--downloads", "listeners", "--gate"];
    let of = |title, gate| [&["--title", title][..], &keep, &[gate]].concat();
    let gated = stage.publish("cbr.mp3", &of("夜 Tram", "supporters"))?;
    let open = stage.publish("tagged.flac", &of("Harbour", "open"))?;
    let off = stage.publish("vbr.mp3", &["--title", "Mine", "--downloads", "off"])?;

    let nobody = Terminal::at(&stage.site.origin)?;
    let ran = nobody.run(["download", &gated])?;
    assert_eq!(ran.status, 3, "{ran:?}");
    let ran = stage.listener.run(&["download", &gated])?;
    assert_eq!(ran.status, 4, "{ran:?}");
    assert!(
        ran.said.contains("for those who support 佐藤 Tram"),
        "{ran:?}"
    );
    for person in [&fan, &stage.listener] {
        let ran = person.run(&["download", &off])?;
        assert_eq!(ran.status, 4, "{ran:?}");
        assert!(ran.said.contains("lets nobody keep"), "{ran:?}");
    }

    let ran = fan.run(&["download", &gated, &open])?;
    assert_eq!((ran.status, ran.said.as_str()), (0, ""), "{ran:?}");
    let mut lines = ran.output.lines();
    let (first, second) = ("佐藤 Tram - 夜 Tram.mp3", "佐藤 Tram - Harbour.flac");
    assert!(
        lines
            .next()
            .is_some_and(|line| line.starts_with(&format!("{first} ("))),
        "{ran:?}"
    );
    assert!(
        lines
            .next()
            .is_some_and(|line| line.starts_with(&format!("{second} ("))),
        "{ran:?}"
    );
    assert!(is_whole(&fan, first, "cbr.mp3")? && is_whole(&fan, second, "tagged.flac")?);
    // As any file that they make.
    let made = fs::metadata(fan.terminal.folder().join(first))?.permissions();
    fs::write(fan.terminal.folder().join("other"), "")?;
    let other = fs::metadata(fan.terminal.folder().join("other"))?.permissions();
    assert_eq!(made.mode(), other.mode());
    // The artist keeps what is theirs, whoever else may.
    assert_eq!(stage.artist.run(&["download", &off])?.status, 0);
    let ran = nobody.run(["download", &open])?;
    assert_eq!(ran.status, 0, "{ran:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_where_it_is_wanted_and_over_nothing() -> Result {
    let stage = Stage::with_artist().await?;
    let artist = &stage.artist;
    let id = stage.publish("cbr.mp3", &["--title", "../a/.b", "--gate", "signed-in"])?;
    let folder = artist.terminal.folder();
    let ran = artist.run(&["download", &id, "--json"])?;
    let told = ran.json()?;
    let name = told["path"].as_str().ok_or("no path")?.to_owned();
    assert!(!name.contains('/'), "{name}");
    assert!(is_whole(artist, &name, "cbr.mp3")?);
    assert_eq!(told["bytes"], fs::metadata(folder.join(&name))?.len());

    fs::write(folder.join(&name), "before")?;
    let ran = artist.run(&["download", &id])?;
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.said.contains("is there already"), "{ran:?}");
    assert_eq!(fs::read(folder.join(&name))?, b"before");
    assert_eq!(artist.run(&["download", &id, "--force"])?.status, 0);
    assert!(is_whole(artist, &name, "cbr.mp3")?);

    fs::create_dir(folder.join("music"))?;
    assert_eq!(artist.run(&["download", &id, "-o", "music"])?.status, 0);
    assert!(is_whole(artist, &format!("music/{name}"), "cbr.mp3")?);
    assert_eq!(
        artist.run(&["download", &id, "-o", "music/b.mp3"])?.status,
        0
    );
    assert!(is_whole(artist, "music/b.mp3", "cbr.mp3")?);
    // A link is something that is there, wherever it leads.
    std::os::unix::fs::symlink("nowhere", folder.join("link"))?;
    for (arguments, status, says) in [
        (
            &["download", &id, "-o", "link"][..],
            1,
            "link is there already",
        ),
        (
            &["download", &id, "-o", "none/b.mp3"],
            1,
            "none/b.mp3: No such file",
        ),
        (&["download", &id, &id, "-o", "c.mp3"], 2, "need a folder"),
        (&["download", "99999"], 5, "there is no such track"),
        (&["download", "x"], 2, "a track is named by its number"),
    ] {
        let ran = artist.run(arguments)?;
        assert_eq!(ran.status, status, "{ran:?}");
        assert!(ran.said.contains(says), "{ran:?}");
    }
    let left = fs::read_dir(folder)?.chain(fs::read_dir(folder.join("music"))?);
    for entry in left {
        let name = entry?.file_name().to_string_lossy().into_owned();
        assert!(!name.starts_with(".gatefold-"), "{name}");
    }
    Ok(())
}
