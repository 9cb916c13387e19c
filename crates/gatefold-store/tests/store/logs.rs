//! What is logged, at the finest level, says nothing of what is kept.

use std::{
    io,
    sync::{Arc, Mutex},
};

use gatefold_store::{Options, Store};
use tracing_subscriber::fmt::{MakeWriter, format::FmtSpan};

use crate::{
    database::{Database, SignIn, at, crypter, hash},
    on_both,
};

on_both!(no_value_of_a_statement_is_logged);

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

async fn no_value_of_a_statement_is_logged(database: &Database) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let opened = {
        let _guard = tracing::subscriber::set_default(subscriber);
        let store = database.store().await;
        let sign_in = SignIn::browser('a', 1, 101);
        sign_in.begin(&store).await;
        let wrong = store
            .pending()
            .put(&hash(1), b"in plain sight", at(600))
            .await;
        wrong.unwrap();
        sign_in.finish(&store).await.unwrap();
        store.sessions().by_secret(&hash(1), at(1)).await.unwrap();
        let url = "postgres://gatefold:hunter2@127.0.0.1:1/gatefold"
            .parse()
            .unwrap();
        Store::open(&url, crypter(&[1]), Options::default(), at(0)).await
    };
    assert!(opened.is_err());
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        text.contains("sea_orm") || text.contains("sqlx"),
        "nothing was logged: {text}"
    );
    let numbers = "1, 1, 1, 1";
    let hex = "01010101";
    for secret in [
        "hunter2",
        "gatefold:gatefold",
        "plain sight",
        "INSERT",
        numbers,
        hex,
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
