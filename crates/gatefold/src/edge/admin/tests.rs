//! What those who run an edge are told, and what they are refused.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Body,
    http::{Request, header},
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower_service::Service;

use super::*;
use crate::edge::keys;

const TOKEN: &str = "the operator's own token";
const SHOWN: Option<&str> = Some("Bearer the operator's own token");

/// A clock that stands, and is set.
struct Standing(AtomicU64);

impl Clock for Standing {
    fn now(&self) -> SystemTime {
        let since = Duration::from_secs(self.0.load(Ordering::Relaxed));
        SystemTime::UNIX_EPOCH.checked_add(since).unwrap()
    }
}

struct World {
    folder: TempDir,
    clock: Arc<Standing>,
    stopping: Arc<AtomicBool>,
    purged: Arc<Mutex<Vec<Purge>>>,
    router: Router,
}

impl World {
    fn new(is_open: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        let clock = Arc::new(Standing(AtomicU64::new(1000)));
        keys::make_if_missing(&path, &*clock, |_| {}).unwrap();
        let stopping = Arc::new(AtomicBool::new(false));
        let purged = Arc::new(Mutex::new(Vec::new()));
        let purges = Arc::clone(&purged);
        let admin = Admin {
            token: Secret::new(TOKEN.to_owned()),
            is_open,
            started: clock.now(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            stopping: Arc::clone(&stopping),
            keys: Arc::new(Keys::load(&path, Arc::clone(&clock) as Arc<dyn Clock>).unwrap()),
            hooks: Hooks {
                metrics: Box::new(|| "gatefold_edge_answers_total 7\n".to_owned()),
                fill: Box::new(|| Fill {
                    memory_bytes: 5,
                    disk_bytes: 6,
                }),
                purge: Box::new(move |purge| {
                    let fails =
                        matches!(&purge, Purge::Prefix(prefix) if prefix == "private:full/");
                    purges.lock().unwrap().push(purge);
                    Box::pin(async move {
                        if fails {
                            Err(io::ErrorKind::StorageFull.into())
                        } else {
                            Ok(3)
                        }
                    })
                }),
            },
        };
        Self {
            folder,
            clock,
            stopping,
            purged,
            router: admin.router(),
        }
    }

    async fn ask(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: &str,
    ) -> (u16, String) {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, token);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.router.clone().call(request).await.unwrap();
        assert_eq!(
            response.headers()[header::CACHE_CONTROL],
            "private, no-store"
        );
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn health_tells_how_the_edge_is() {
    let world = World::new(true);
    world.clock.0.store(1090, Ordering::Relaxed);
    let (status, body) = world.ask("GET", "/health", None, "").await;
    let mut health = json(&body);
    let version = health["version"].take();
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    let expected = json!({
        "status": "ok", "version": null, "uptime_seconds": 90, "edge_keys": 1, "minters": 0,
        "cache": { "memory_bytes": 5, "disk_bytes": 6 },
    });
    assert_eq!((status, health), (200, expected));

    world.stopping.store(true, Ordering::Relaxed);
    let (status, body) = world.ask("GET", "/health", None, "").await;
    assert_eq!((status, &json(&body)["status"]), (503, &json!("stopping")));
}

#[tokio::test]
async fn who_may_do_what() {
    let (open, closed) = (World::new(true), World::new(false));
    let body = r#"{"prefix":"private:a/"}"#;
    for (method, path, open_status, shown_status) in [
        ("GET", "/health", 200, 200),
        ("HEAD", "/health", 200, 200),
        ("GET", "/metrics", 200, 200),
        ("GET", "/nothing", 404, 404),
        ("DELETE", "/metrics", 405, 405),
        ("GET", "/purge", 405, 405),
        ("POST", "/purge", 401, 200),
        ("POST", "/reload", 401, 200),
    ] {
        let ask = async |world: &World, token| world.ask(method, path, token, body).await.0;
        assert_eq!(ask(&open, None).await, open_status, "{method} {path}, open");
        assert_eq!(ask(&closed, None).await, 401, "{method} {path}, closed");
        for world in [&open, &closed] {
            assert_eq!(
                ask(world, SHOWN).await,
                shown_status,
                "{method} {path}, shown"
            );
        }
    }
    for wrong in [
        "",
        "Bearer ",
        "Bearer the operator's own tokem",
        TOKEN,
        "Basic the operator's own token",
    ] {
        let (status, said) = open.ask("POST", "/purge", Some(wrong), body).await;
        assert_eq!(status, 401, "{wrong}");
        assert!(!said.contains(TOKEN), "{said}");
    }
    assert_eq!(
        open.purged.lock().unwrap().len(),
        1,
        "only who showed the token purged"
    );
}

#[tokio::test]
async fn metrics_are_the_edges() {
    let (_, body) = World::new(true).ask("GET", "/metrics", None, "").await;
    assert_eq!(body, "gatefold_edge_answers_total 7\n");
}

#[tokio::test]
async fn objects_and_prefixes_are_purged() {
    let world = World::new(true);
    let object = |name: &str| Purge::Object(name.to_owned());
    let prefix = |name: &str| Purge::Prefix(name.to_owned());
    for (body, expected) in [
        (
            json!({"object": "https://cdn.example.com/a.mp3"}),
            object("https://cdn.example.com/a.mp3"),
        ),
        (json!({"object": "private:a/b"}), object("private:a/b")),
        (
            json!({"object": "files:a.mp3", "folder": "demo"}),
            object("files:demo/a.mp3"),
        ),
        (
            json!({"prefix": "https://cdn.example.com/"}),
            prefix("https://cdn.example.com/"),
        ),
        (json!({"prefix": "private:"}), prefix("private:")),
        (json!({"prefix": "files:demo/"}), prefix("files:demo/")),
        (json!({"prefix": "files:demo/a"}), prefix("files:demo/a")),
    ] {
        let (status, said) = world.ask("POST", "/purge", SHOWN, &body.to_string()).await;
        assert_eq!(
            (status, json(&said)),
            (200, json!({"removed": 3})),
            "{body}"
        );
        assert_eq!(world.purged.lock().unwrap().pop(), Some(expected), "{body}");
    }
}

#[tokio::test]
async fn what_means_no_object_purges_nothing_and_is_not_repeated() {
    let world = World::new(true);
    for body in [
        "",
        "[]",
        "{}",
        r#"{"object":"secret-name"}"#,
        r#"{"object":"files:secret-name"}"#,
        r#"{"object":"private:secret-name","folder":"demo"}"#,
        r#"{"object":"private:secret-name","prefix":"private:"}"#,
        r#"{"folder":"secret-name"}"#,
        r#"{"prefix":""}"#,
        r#"{"prefix":"https://secret-name"}"#,
        r#"{"prefix":"https:///secret-name"}"#,
        r#"{"prefix":"files:secret-name"}"#,
        r#"{"prefix":"files:../secret-name"}"#,
        r#"{"prefix":"private:","secret-name":1}"#,
    ] {
        let (status, said) = world.ask("POST", "/purge", SHOWN, body).await;
        assert_eq!(status, 400, "{body}");
        assert!(!said.contains("secret-name"), "{body}: {said}");
    }
    let long = format!(r#"{{"prefix":"private:{}"}}"#, "a".repeat(MAX_BODY));
    assert_eq!(world.ask("POST", "/purge", SHOWN, &long).await.0, 413);
    assert!(world.purged.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_could_not_be_purged_is_said() {
    let world = World::new(true);
    let body = r#"{"prefix":"private:full/"}"#;
    let (status, said) = world.ask("POST", "/purge", SHOWN, body).await;
    assert_eq!((status, &json(&said)["code"]), (500, &json!("not_removed")));
}

#[tokio::test]
async fn a_keyring_that_is_broken_is_not_taken() {
    let world = World::new(true);
    let (status, said) = world.ask("POST", "/reload", SHOWN, "").await;
    assert_eq!(
        (status, json(&said)),
        (200, json!({"edge_keys": 1, "minters": 0}))
    );
    std::fs::write(world.folder.path().join("keyring.json"), "broken").unwrap();
    let (status, said) = world.ask("POST", "/reload", SHOWN, "").await;
    let detail = json(&said)["detail"].as_str().unwrap().to_owned();
    assert!(
        status == 409 && detail.contains("as it was") && detail.contains("line 1"),
        "{said}"
    );
    let (_, body) = world.ask("GET", "/health", None, "").await;
    assert_eq!(json(&body)["edge_keys"], 1);
}

#[test]
fn what_is_meant_is_one_object_or_all_that_begin_alike() {
    let object = Purge::Object("private:a".to_owned());
    assert!(object.means("private:a") && !object.means("private:ab"));
    let prefix = Purge::Prefix("private:a".to_owned());
    assert!(prefix.means("private:a") && prefix.means("private:ab") && !prefix.means("private:b"));
}
