//! A database for a test, and people in it.

use gatefold_domain::{Did, SessionId, SessionKind, Timestamp};
use gatefold_store::{
    Crypter, DatabaseUrl, GrantKey, Hash, KeyFile, NewExchangeToken, NewGrant, NewSecret,
    OpenError, Options, Redeemed, Shown, Store, TokenFor,
};
use gatefold_testkit::databases::{Database as Fresh, Postgres};
use sqlx::{ConnectOptions, Connection, Row, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use crate::random::Seeded;

/// An empty database.
pub(crate) struct Database {
    pub(crate) url: DatabaseUrl,
    pub(crate) place: Place,
}

pub(crate) enum Place {
    Sqlite(TempDir),
    Postgres(Fresh),
}

/// The moment at which tests begin, in milliseconds.
const BEGIN: i64 = 1_790_000_000_000;

/// So many seconds after the beginning.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(BEGIN + seconds * 1000)
}

/// A person: each letter is another one.
pub(crate) fn person(letter: char) -> Did {
    let id = letter.to_string().repeat(24);
    format!("did:plc:{id}").parse().unwrap()
}

pub(crate) fn id(number: u8) -> SessionId {
    SessionId::from_bytes([number; 16])
}

pub(crate) fn grant(number: u8) -> GrantKey {
    [number; 16]
}

pub(crate) fn hash(number: u8) -> Hash {
    [number; 32]
}

/// A key file with keys of these seeds, the first one encrypts.
pub(crate) fn keys(seeds: &[u64]) -> KeyFile {
    let made = |seed: &u64| KeyFile::generate(&mut Seeded(*seed), at(0));
    let texts: Vec<serde_json::Value> = seeds
        .iter()
        .map(|seed| serde_json::from_slice(&made(seed).to_json()).unwrap())
        .map(|file: serde_json::Value| file["keys"][0].clone())
        .collect();
    let file = serde_json::json!({ "version": 1, "keys": texts });
    KeyFile::parse(file.to_string().as_bytes()).unwrap()
}

pub(crate) fn crypter(seeds: &[u64]) -> Crypter {
    Crypter::new(&keys(seeds), Box::new(Seeded(99))).unwrap()
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/gatefold.db", folder.path().display());
        Self {
            url: url.parse().unwrap(),
            place: Place::Sqlite(folder),
        }
    }

    pub(crate) fn postgres() -> Self {
        let fresh = Postgres::start().unwrap().database().unwrap();
        Self {
            url: fresh.url.parse().unwrap(),
            place: Place::Postgres(fresh),
        }
    }

    /// The store, with the usual key. Each call is another process as far as the database can tell.
    pub(crate) async fn store(&self) -> Store {
        self.open(&[1]).await.unwrap()
    }

    pub(crate) async fn open(&self, seeds: &[u64]) -> Result<Store, OpenError> {
        self.open_with(seeds, Options::default()).await
    }

    pub(crate) async fn open_with(
        &self,
        seeds: &[u64],
        options: Options,
    ) -> Result<Store, OpenError> {
        Store::open(&self.url, crypter(seeds), options, at(0)).await
    }

    /// The steps in which SQLite answers a statement.
    pub(crate) async fn plan(&self, statement: &str) -> Vec<String> {
        let Place::Sqlite(folder) = &self.place else {
            return Vec::new();
        };
        let mut connection = SqliteConnectOptions::new()
            .filename(folder.path().join("gatefold.db"))
            .connect()
            .await
            .unwrap();
        let explain = format!("EXPLAIN QUERY PLAN {statement}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(explain))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        rows.iter().map(|row| row.get("detail")).collect()
    }

    /// Runs SQL behind the store's back: the first column of every row, as text.
    pub(crate) async fn sql(&self, sql: &str) -> Vec<String> {
        match &self.place {
            Place::Postgres(fresh) => {
                let said = fresh.query(sql).unwrap();
                said.lines().map(str::to_owned).collect()
            }
            Place::Sqlite(folder) => {
                let mut connection = SqliteConnectOptions::new()
                    .filename(folder.path().join("gatefold.db"))
                    .connect()
                    .await
                    .unwrap();
                let rows = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()))
                    .fetch_all(&mut connection)
                    .await
                    .unwrap();
                connection.close().await.unwrap();
                rows.iter()
                    .map(|row| {
                        row.try_get::<String, _>(0)
                            .or_else(|_| row.try_get::<i64, _>(0).map(|number| number.to_string()))
                            .unwrap()
                    })
                    .collect()
            }
        }
    }
}

/// Somebody who signs in.
pub(crate) struct SignIn {
    pub(crate) who: Did,
    /// Names token, grant, session and secret.
    pub(crate) number: u8,
    pub(crate) kind: SessionKind,
    /// Of a browser session: the browser. Of a developer token: the session that asks.
    pub(crate) beside: SessionId,
    pub(crate) at: i64,
    pub(crate) lasts: i64,
}

impl SignIn {
    pub(crate) fn browser(letter: char, number: u8, browser: u8) -> Self {
        Self {
            who: person(letter),
            number,
            kind: SessionKind::Browser,
            beside: id(browser),
            at: 0,
            lasts: 3600,
        }
    }

    pub(crate) fn command_line(letter: char, number: u8) -> Self {
        Self {
            kind: SessionKind::CommandLine,
            ..Self::browser(letter, number, 0)
        }
    }

    pub(crate) fn developer(letter: char, number: u8, asking: u8) -> Self {
        Self {
            kind: SessionKind::Developer,
            ..Self::browser(letter, number, asking)
        }
    }

    pub(crate) fn public_id(&self) -> String {
        format!("token{:03}", self.number)
    }

    /// Keeps grant and exchange token.
    pub(crate) async fn begin(&self, store: &Store) {
        let now = at(self.at);
        store.accounts().seen(&self.who, None, now).await.unwrap();
        let grant = grant(self.number);
        let new = NewGrant {
            key: &grant,
            did: &self.who,
            bytes: b"a grant",
            expires: None,
            created: now,
        };
        store.grants().put(new).await.unwrap();
        let proof = hash(self.number);
        let what = match self.kind {
            SessionKind::Browser => TokenFor::Browser {
                browser: self.beside,
                binding: &proof,
            },
            SessionKind::CommandLine => TokenFor::CommandLine { verifier: &proof },
            SessionKind::Developer => TokenFor::Developer {
                name: "my program",
                asking: self.beside,
            },
        };
        let token = NewExchangeToken {
            hash: &hash(self.number),
            did: &self.who,
            grant: &grant,
            what,
            session_expires: at(self.at + self.lasts),
            expires: at(self.at + 60),
        };
        store.exchange_tokens().put(token).await.unwrap();
    }

    /// What the right person shows.
    pub(crate) fn shown<'a>(&self, proof: &'a Hash) -> Shown<'a> {
        match self.kind {
            SessionKind::Browser => Shown {
                binding: Some(proof),
                ..Shown::default()
            },
            SessionKind::CommandLine => Shown {
                verifier: Some(proof),
                ..Shown::default()
            },
            SessionKind::Developer => Shown {
                session: Some(self.beside),
                ..Shown::default()
            },
        }
    }

    pub(crate) fn secret(&self) -> NewSecret {
        NewSecret {
            id: id(self.number),
            hash: hash(self.number),
            public_id: (self.kind == SessionKind::Developer).then(|| self.public_id()),
        }
    }

    /// Redeems what was kept.
    pub(crate) async fn finish(&self, store: &Store) -> Option<Redeemed> {
        let proof = hash(self.number);
        store
            .exchange_tokens()
            .redeem(
                &hash(self.number),
                self.shown(&proof),
                Some("192.0.2.0/24"),
                at(self.at),
                |_| self.secret(),
            )
            .await
            .unwrap()
    }

    /// Both.
    pub(crate) async fn complete(&self, store: &Store) -> Redeemed {
        self.begin(store).await;
        self.finish(store).await.unwrap()
    }
}
