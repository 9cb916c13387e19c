//! Every cell of the table, by every way to ask.

use gatefold_domain::{Gate, Visibility};
use gatefold_e2e::{Result, http::Answer};
use gatefold_testkit::registry::Mood;
use http::Method;

use crate::{
    deliveries::by_every_delivery,
    stage::{Listener, SUPPORT, Stage, Track},
};

by_every_delivery!(every_cell, what_cannot_be_told_is_no_no);

/// What is to come of a wish to hear something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comes {
    Public,
    Private,
    SignIn,
    Support,
    Absent,
}

impl Comes {
    fn refusal(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Public | Self::Private => None,
            Self::SignIn => Some((401, "not_signed_in")),
            Self::Support => Some((402, "support_required")),
            Self::Absent => Some((404, "not_found")),
        }
    }
}

async fn every_cell(stage: Stage) -> Result {
    use Comes::{Absent, Private, Public, SignIn, Support};
    use Gate::{Open, SignedIn, Supporters};
    let table = [
        (Open, Visibility::Public, [Public, Public, Public, Public]),
        (Open, Visibility::Unlisted, [Public, Public, Public, Public]),
        (Open, Visibility::Draft, [Absent, Absent, Absent, Private]),
        (
            SignedIn,
            Visibility::Public,
            [SignIn, Private, Private, Private],
        ),
        (
            SignedIn,
            Visibility::Unlisted,
            [SignIn, Private, Private, Private],
        ),
        (
            SignedIn,
            Visibility::Draft,
            [Absent, Absent, Absent, Private],
        ),
        (
            Supporters,
            Visibility::Public,
            [SignIn, Support, Private, Private],
        ),
        (
            Supporters,
            Visibility::Unlisted,
            [SignIn, Support, Private, Private],
        ),
        (
            Supporters,
            Visibility::Draft,
            [Absent, Absent, Absent, Private],
        ),
    ];
    for (gate, visibility, [nobody, stranger, fan, artist]) in table {
        let track = stage.publish_to_keep(gate, visibility).await?;
        for (listeners, comes) in [
            (vec![stage.nobody()], nobody),
            (stage.both(&stage.stranger).to_vec(), stranger),
            (stage.both(&stage.fan).to_vec(), fan),
            (stage.both(&stage.artist).to_vec(), artist),
        ] {
            for listener in listeners {
                let cell = format!("{gate:?} {visibility:?} {}", listener.name);
                assert_comes(&stage, (&listener, &track), comes, &cell).await?;
            }
        }
    }
    Ok(())
}

async fn assert_comes(
    stage: &Stage,
    (listener, track): (&Listener, &Track),
    comes: Comes,
    cell: &str,
) -> Result {
    let path = track.path();
    let went = listener.get(&path).await?;
    let told = listener.get(&format!("{path}/url")).await?;
    let saved = listener.get(&format!("{path}/download")).await?;
    let asked = listener.ask(Method::HEAD, &path, &[]).await?;
    for answer in [&went, &told, &saved, &asked] {
        assert_eq!(
            answer.header("cache-control"),
            "private, no-store",
            "{cell}"
        );
        assert!(
            answer.header("vary").contains("Cookie, Authorization"),
            "{cell}"
        );
        assert!(answer.header("x-request-id").len() > 5, "{cell}");
    }
    assert_eq!(asked.header("location"), "", "{cell}");
    assert!(asked.body.is_empty(), "{cell}");
    if let Some((status, code)) = comes.refusal() {
        for answer in [&went, &told, &saved] {
            assert_refused(answer, status, code, cell)?;
        }
        assert_eq!(asked.status, status, "{cell}");
        return Ok(());
    }
    assert_eq!(asked.status, 200, "{cell}");
    assert_eq!(
        (went.status.as_u16(), told.status.as_u16()),
        (307, 200),
        "{cell}"
    );
    let told = told.json()?;
    let url = told["url"].as_str().ok_or("no url")?;
    assert_eq!(went.header("location"), url, "{cell}");
    assert_eq!(told["file_id"], track.published.file.as_str(), "{cell}");
    assert_eq!(told["file_type"], "mp3", "{cell}");
    let is_private = comes == Comes::Private;
    let delivery = if is_private {
        stage.site.delivery()
    } else {
        "public"
    };
    assert_eq!(told["delivery"], delivery, "{cell}");
    assert_eq!(told.get("valid_until").is_some(), is_private, "{cell}");
    let start = if is_private {
        private_start(stage, track)
    } else {
        stage.site.public_base()
    };
    assert!(url.starts_with(&start), "{cell}: {url} and not {start}");
    let heard = listener.get(url).await?;
    assert_eq!(heard.status, 200, "{cell}: {heard:?}");
    assert!(heard.body == track.bytes, "{cell}");
    assert_eq!(heard.header("content-type"), "audio/mpeg", "{cell}");
    assert_eq!(saved.status, 307, "{cell}");
    let kept = listener.get(&saved.header("location")).await?;
    assert_eq!(kept.status, 200, "{cell}: {kept:?}");
    assert!(kept.body == track.bytes, "{cell}");
    let rest = [("range", "bytes=700000-")];
    let rest = listener
        .ask(Method::GET, &saved.header("location"), &rest)
        .await?;
    assert_eq!((rest.status.as_u16(), rest.body.len()), (206, 1), "{cell}");
    let name = "attachment; filename=\"The Tram - A song of this test.mp3\"";
    assert!(
        kept.header("content-disposition").starts_with(name),
        "{cell}: {kept:?}"
    );
    Ok(())
}

/// What the address begins with of something that is not for everybody.
fn private_start(stage: &Stage, track: &Track) -> String {
    let site = &stage.site;
    match (site.delivery(), site.s3()) {
        ("sealed", _) => format!("{}/securev1/EC", site.origin),
        ("token", _) => format!("{}{}/stream?token=", site.origin, track.path()),
        (_, None) => format!("{}/objects/audio/", site.origin),
        (_, Some(s3)) => format!("{s3}/private/audio/"),
    }
}

fn assert_refused(answer: &Answer, status: u16, code: &str, cell: &str) -> Result {
    assert_eq!(answer.status, status, "{cell}: {answer:?}");
    let said = answer.json()?;
    assert_eq!(said["code"], code, "{cell}");
    assert_eq!(answer.header("location"), "", "{cell}");
    let must_support = status == 402;
    let required = if must_support { "true" } else { "" };
    assert_eq!(answer.header("x-support-required"), required, "{cell}");
    if must_support {
        assert_eq!(said["artist"], "The Tram", "{cell}");
        assert_eq!(said["support_url"], SUPPORT, "{cell}");
    }
    Ok(())
}

/// A registry that does not tell: 503, and never 402. Who does not depend on it hears what they may.
async fn what_cannot_be_told_is_no_no(stage: Stage) -> Result {
    let track = stage.publish(Gate::Supporters, Visibility::Public).await?;
    stage.registry.set(Mood::Says(500, "", "{\"valid\":false}"));
    let path = track.path();
    for person in [&stage.stranger, &stage.fan] {
        let listener = stage.by_cookie(person);
        for answer in [
            listener.get(&path).await?,
            listener.get(&format!("{path}/url")).await?,
        ] {
            assert_refused(&answer, 503, "support_unknown", &listener.name)?;
            let wait: u32 = answer.header("retry-after").parse()?;
            assert!((1..=60).contains(&wait), "{wait}");
        }
        let asked = listener.ask(Method::HEAD, &path, &[]).await?;
        assert_eq!(asked.status, 503);
    }
    assert_eq!(stage.nobody().get(&path).await?.status, 401);
    assert_eq!(stage.by_token(&stage.artist).get(&path).await?.status, 307);
    Ok(())
}
