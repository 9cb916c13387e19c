//! Artists say how they show themselves, and it stands beside their tracks at once.

use gatefold_domain::{Gate, Visibility};
use gatefold_e2e::{Result, actors::Program};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    over_both,
    stage::{SUPPORT, Stage, program},
};

over_both!(a_profile_is_changed_and_shown);

async fn a_profile_is_changed_and_shown(stage: Stage) -> Result {
    let nobody = program(&stage);
    let artist = Program::bearer(&stage.site, &stage.artist.token);
    let track = stage.publish(Gate::Supporters, Visibility::Public).await?;
    let stranger = stage.by_cookie(&stage.stranger);
    assert_eq!(
        stranger.get(&track.path()).await?.json()?["artist"],
        "The Tram"
    );

    let change = json!({"display_name": "Night Buses", "bio": "We left the rails."});
    let put = artist.ask(Method::PUT, "/artists/me", &change).await?;
    assert_eq!(put.status, 200, "{put:?}");
    for path in [
        "/artists/me".to_owned(),
        format!("/artists/{}", stage.artist.account.did),
        format!("/artists/by-handle/{}", stage.artist.account.handle),
    ] {
        let told = artist.get(&path).await?.json()?;
        assert_eq!(told["display_name"], "Night Buses", "{path}");
        assert_eq!(told["bio"], "We left the rails.", "{path}");
        assert_eq!(told["support_url"], SUPPORT, "what was not named stays");
        assert_eq!(told["handle"], stage.artist.account.handle.as_str());
    }
    // Whoever is refused is told of them under their new name, and where to support them no more.
    let change = json!({"support_url": null});
    assert_eq!(
        artist
            .ask(Method::PUT, "/artists/me", &change)
            .await?
            .status,
        200
    );
    let refused = stranger.get(&track.path()).await?;
    assert_eq!(refused.status, 402);
    let refused = refused.json()?;
    assert_eq!(refused["artist"], "Night Buses");
    assert_eq!(refused["support_url"], Value::Null);

    // Somebody else becomes one, once.
    let fan = Program::bearer(&stage.site, &stage.fan.token);
    let absent = fan.get("/artists/me").await?;
    assert_eq!(absent.status, 404);
    let profile = json!({"display_name": "A fan with a guitar", "bio": null, "avatar_url": null});
    for status in [StatusCode::CREATED, StatusCode::CONFLICT] {
        let made = fan.ask(Method::POST, "/artists/", &profile).await?;
        assert_eq!(made.status, status, "{made:?}");
    }
    let path = format!("/artists/{}", stage.fan.account.did);
    let told = nobody.get(&path).await?.json()?;
    assert_eq!(told["display_name"], "A fan with a guitar");
    for (method, path) in [(Method::POST, "/artists/"), (Method::PUT, "/artists/me")] {
        let refused = nobody.ask(method, path, &profile).await?;
        assert_eq!(refused.status, 401);
    }
    Ok(())
}
