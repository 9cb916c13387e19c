//! Nothing tells where bytes are kept, and nothing that is private is at a public address.

use std::fs;

use gatefold_domain::{Gate, Visibility};
use gatefold_e2e::{Result, site::Setup};

use crate::stage::{Stage, program};

#[tokio::test]
async fn nobody_learns_a_private_key() -> Result {
    let setup = Setup {
        log: "trace",
        ..Setup::small()
    };
    let stage = Stage::set(setup).await?;
    let open = stage.publish(Gate::Open, Visibility::Public).await?;
    let gated = stage.publish(Gate::Supporters, Visibility::Public).await?;
    let (fan, nobody) = (stage.by_cookie(&stage.fan), stage.nobody());
    let mut answers = Vec::new();
    for track in [&open, &gated] {
        for listener in [&fan, &nobody, &stage.by_token(&stage.stranger)] {
            for path in [track.path(), format!("{}/url", track.path())] {
                answers.push(listener.get(&path).await?);
            }
        }
        let link = fan.link(track).await?;
        for listener in [&fan, &nobody] {
            let heard = listener.get(&link).await?;
            answers.push(gatefold_e2e::http::Answer {
                body: bytes::Bytes::new(),
                ..heard
            });
        }
    }
    answers.push(nobody.get("/").await?);

    let private = keys(&stage, "private")?;
    let public = keys(&stage, "public")?;
    assert_eq!((private.len(), public.len()), (2, 1));
    assert!(!private.contains(&public[0]), "a copy has a key of its own");
    let told = answers.iter().map(|answer| {
        format!(
            "{:?} {}",
            answer.headers,
            String::from_utf8_lossy(&answer.body)
        )
    });
    let told: String = told.collect();
    assert!(told.contains(&public[0]), "the public one is told");
    let admin = stage.site.first.admin;
    let metrics = gatefold_e2e::http::send(admin, gatefold_e2e::http::get("/metrics")).await?;
    let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
    assert!(metrics.contains("gatefold_edge_public_requests_total"));
    let log = stage.site.first.log()?;
    assert!(log.contains("refused"), "it logs what happens");
    for key in &private {
        for (what, text) in [
            ("an answer", &told),
            ("the log", &log),
            ("a metric", &metrics),
        ] {
            assert!(!text.contains(key), "{what} names a private key");
        }
        // Nor does it help to know one.
        let there = program(&stage)
            .get(&format!("/media/audio/{key}.mp3"))
            .await?;
        assert_eq!(there.status, 404);
        let there = program(&stage)
            .get(&format!("/media/../private/audio/{key}.mp3"))
            .await?;
        assert_eq!(there.status, 404);
    }
    Ok(())
}

/// The random names of a bucket's objects.
fn keys(stage: &Stage, bucket: &str) -> Result<Vec<String>> {
    let folder = stage.site.media().join(bucket).join("audio");
    let names = fs::read_dir(folder)?.map(|entry| {
        let name = entry?.file_name().to_string_lossy().into_owned();
        Ok(name.trim_end_matches(".mp3").to_owned())
    });
    names.collect()
}
