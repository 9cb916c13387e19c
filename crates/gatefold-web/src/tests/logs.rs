//! What whoever runs the site finds in its log, at the level that it has unless told otherwise.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tracing_subscriber::fmt::MakeWriter;

use super::{Actor, Web};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Whoever is told an id finds the cause under it.
#[tokio::test]
async fn a_failure_is_logged_under_the_id_that_its_answer_names() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let web = Web::new();
    for (path, level, cause) in [
        ("/audio/broken", "ERROR", "no such table"),
        ("/audio/unavailable", "WARN", "database is locked"),
        ("/audio/panic", "ERROR", "a panic"),
    ] {
        let told = web.get(Actor::Nobody, path).await;
        let json = told.json();
        let id = json["request_id"].as_str().unwrap();
        assert_eq!(told.header("x-request-id"), Some(id), "{path}");
        assert!(!told.body.contains(cause), "{path}: {}", told.body);
        let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<_> = written.lines().filter(|line| line.contains(id)).collect();
        let [line] = lines[..] else {
            panic!("{path}: {written}");
        };
        assert!(
            line.contains(level) && line.contains(cause),
            "{path}: {line}"
        );
    }
    // What a client can bring about is not worth a line.
    web.get(Actor::Nobody, "/audio/nothing").await;
    let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(written.lines().count(), 3, "{written}");
}
