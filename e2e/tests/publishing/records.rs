//! The record of a track in its artist's repository.

use std::net::SocketAddr;

use bytes::Bytes;
use gatefold_e2e::{Result, actors::Reach, process::eventually_so, sign_in::whole};
use http::Method;
use serde_json::{Value, json};

use crate::{over_both, stage::Stage};

over_both!(
    a_record_follows_its_track,
    what_others_put_into_a_record_stays_but_for_gated_audio,
);

async fn a_record_follows_its_track(stage: Stage) -> Result {
    let fields = [
        ("title", "Night Tram"),
        ("album", "Lines"),
        ("tags", r#"["ambient","Night"]"#),
        ("description", "of trams"),
    ];
    let id = stage.publish(&fields, "vbr.mp3").await?;
    let track = stage.settled(id).await?;
    assert_eq!(track["album"]["title"], "Lines", "{track}");
    assert_eq!(track["tags"], json!(["ambient", "night"]));
    let record = stage.record(&track).await?.ok_or("no record")?;
    let value = &record["value"];
    assert_eq!(record["cid"], track["atproto_record_cid"]);
    assert_eq!(value["$type"], "fm.plyr.track");
    assert_eq!(value["title"], "Night Tram");
    assert_eq!(value["artist"], "The Tram");
    assert_eq!(value["audioUrl"], track["r2_url"]);
    assert_eq!(value["fileType"], "mp3");
    assert_eq!(value["album"], "Lines");
    assert_eq!(value["description"], "of trams");
    assert_eq!(value["createdAt"], track["created_at"]);
    assert!(value.get("supportGate").is_none(), "{value}");

    let changed = stage
        .change(
            id,
            &[("title", "Day Tram"), ("album", ""), ("description", "")],
        )
        .await?;
    assert_eq!(whole(&changed)?["title"], "Day Tram");
    let record = changed_record(&stage, id, |value| value["title"] == "Day Tram").await?;
    assert!(record["value"].get("album").is_none(), "{record}");
    assert!(record["value"].get("description").is_none(), "{record}");
    let by_uri = format!(
        "/tracks/by-uri?uri={}",
        track["atproto_record_uri"].as_str().ok_or("no record")?
    );
    assert_eq!(whole(&stage.nobody().get(&by_uri).await?)?["id"], id);
    Ok(())
}

/// The record of a track, once it says what it should.
pub(crate) async fn changed_record(
    stage: &Stage,
    id: i64,
    is_so: impl Fn(&Value) -> bool,
) -> Result<Value> {
    eventually_so(async || {
        let track = stage.track(id).await?;
        let record = stage.record(&track).await?;
        let record = record.filter(|record| is_so(&record["value"]));
        record.ok_or("the record does not follow".into())
    })
    .await
}

/// Another program of the artist's keeps the audio in the repository, beside a field of its own.
async fn what_others_put_into_a_record_stays_but_for_gated_audio(stage: Stage) -> Result {
    let id = stage.publish(&[("title", "Night Tram")], "cbr.mp3").await?;
    let track = stage.settled(id).await?;
    let other = Other::sign_in(&stage).await?;
    let blob = other.upload(b"the audio, again").await?;
    let record = stage.record(&track).await?.ok_or("no record")?;
    let mut value = record["value"].clone();
    value["audioBlob"] = blob.clone();
    value["mood"] = json!("blue");
    other.put(&record, &value).await?;

    assert_eq!(
        stage.change(id, &[("title", "Day Tram")]).await?.status,
        200
    );
    let record = changed_record(&stage, id, |value| value["title"] == "Day Tram").await?;
    let value = &record["value"];
    assert_eq!(
        (&value["audioBlob"], &value["mood"]),
        (&blob, &json!("blue"))
    );

    let gate = [("support_gate", r#"{"type":"any"}"#)];
    assert_eq!(stage.change(id, &gate).await?.status, 200);
    let gated = stage.settled(id).await?;
    let record = stage.record(&gated).await?.ok_or("no record")?;
    let value = &record["value"];
    assert!(value.get("audioBlob").is_none(), "{value}");
    assert_eq!(value["mood"], "blue");
    assert_eq!(value["supportGate"], json!({ "type": "any" }));
    Ok(())
}

/// Another program, which has the artist's password for their server.
struct Other {
    server: Reach,
    token: String,
    did: String,
}

impl Other {
    async fn sign_in(stage: &Stage) -> Result<Self> {
        let url = &stage.site.network().pds_url;
        let (_, port) = url.rsplit_once(':').ok_or("no port")?;
        let address = SocketAddr::from(([127, 0, 0, 1], port.parse()?));
        let server = Reach::new(address, url);
        let account = &stage.artist.account;
        let shown = json!({ "identifier": account.did, "password": account.password });
        let path = "/xrpc/com.atproto.server.createSession";
        let headers = [("content-type", "application/json")];
        let body = Bytes::from(shown.to_string());
        let session = whole(&server.ask(Method::POST, path, &headers, body).await?)?;
        let token = session["accessJwt"].as_str().ok_or("no session")?;
        Ok(Self {
            server,
            token: token.to_owned(),
            did: account.did.clone(),
        })
    }

    async fn ask(&self, name: &str, kind: &'static str, body: Bytes) -> Result<Value> {
        let token = format!("Bearer {}", self.token);
        let headers = [("content-type", kind), ("authorization", &*token)];
        let path = format!("/xrpc/{name}");
        whole(&self.server.ask(Method::POST, &path, &headers, body).await?)
    }

    async fn upload(&self, bytes: &'static [u8]) -> Result<Value> {
        let name = "com.atproto.repo.uploadBlob";
        let answer = self
            .ask(name, "audio/mpeg", Bytes::from_static(bytes))
            .await?;
        Ok(answer["blob"].clone())
    }

    /// Writes a record anew.
    async fn put(&self, record: &Value, value: &Value) -> Result {
        let uri = record["uri"].as_str().ok_or("no record")?;
        let key = uri.rsplit('/').next().ok_or("no key")?;
        let body = json!({
            "repo": self.did,
            "collection": value["$type"],
            "rkey": key,
            "record": value,
        });
        let body = Bytes::from(body.to_string());
        let name = "com.atproto.repo.putRecord";
        self.ask(name, "application/json", body).await?;
        Ok(())
    }
}
