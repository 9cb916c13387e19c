//! How artists show themselves.

use gatefold_e2e::Result;

use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn one_becomes_an_artist_and_shows_oneself_otherwise() -> Result {
    let stage = Stage::set().await?;
    let artist = &stage.artist;
    for arguments in [&["profile"][..], &["profile", "--bio", "of trams"]] {
        let none = artist.run(arguments)?;
        assert_eq!(none.status, 4, "{none:?}");
        assert!(
            none.said.contains("gatefold profile --name NAME"),
            "{none:?}"
        );
    }
    let made = artist.run(&[
        "profile",
        "--name",
        "The Tram",
        "--downloads",
        "listeners",
        "--json",
    ])?;
    let made = made.json()?;
    assert_eq!(made["display_name"], "The Tram");
    assert_eq!(made["downloads"], "listeners");
    let url = "https://example.com/support";
    let changed = artist.run(&["profile", "--support-url", url, "--bio", "of trams"])?;
    for line in [
        "name       The Tram",
        "support    https://example.com/support",
        "downloads  listeners",
        "bio        of trams",
    ] {
        assert!(changed.output.contains(line), "{changed:?}");
    }
    assert_eq!(artist.run(&["profile"])?.output, changed.output);
    let refused = artist.run(&["profile", "--support-url", "http://example.com"])?;
    assert_eq!(refused.status, 4, "{refused:?}");
    assert!(refused.said.contains("support_url"), "{refused:?}");
    let nobody = stage.listener.run(&["profile", "--downloads", "all"])?;
    assert_eq!(nobody.status, 2, "{nobody:?}");
    // Who has a profile can upload.
    stage.publish("cbr.mp3", &[])?;
    Ok(())
}
