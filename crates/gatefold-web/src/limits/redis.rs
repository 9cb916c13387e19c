//! Counts requests in a server that speaks the Redis protocol, for several instances together.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, ErrorKind, RedisError, Script, aio::MultiplexedConnection,
};

use super::{Deciding, Decision, Key, Memory, Quotas, RateLimiter, SinceStart, Ticks};

/// For how long a server is waited for. It stands beside this one, and somebody waits.
const ANSWER_TIME: Duration = Duration::from_millis(250);
/// For how long a server that did not answer is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// Counts in a server that several instances share. While it cannot be asked, this process counts
/// for itself: nobody is let through uncounted, and nobody is kept out.
pub struct Redis {
    client: Client,
    script: Script,
    quotas: Quotas,
    prefix: Box<str>,
    /// The time to count by; `None` for the server's.
    time: Option<Arc<dyn Ticks>>,
    link: Mutex<Link>,
    /// Held by who connects.
    connecting: tokio::sync::Mutex<()>,
    alone: Memory,
    /// The time by which the server is left alone.
    ticks: Arc<dyn Ticks>,
}

/// What is known of the server.
enum Link {
    /// It answered.
    Up(MultiplexedConnection),
    /// It is not to be asked before that time.
    Down(Duration),
}

/// Where and how to count. The address may hold a password, so this does not print.
#[derive(Clone)]
pub struct RedisOptions {
    /// `redis://[user:password@]host[:port][/database]`.
    pub url: String,
    /// What names of ours begin with, where others share the database.
    pub prefix: String,
}

/// The server's address is none, or the server cannot be asked. The address, which may hold a
/// password, is not in the text.
#[derive(Debug, thiserror::Error)]
#[error("the server that counts requests cannot be asked: {0}")]
pub struct RedisUnavailable(Box<str>);

impl From<RedisError> for RedisUnavailable {
    fn from(error: RedisError) -> Self {
        Self(error.category().into())
    }
}

impl Redis {
    /// Counts in that server, by its own time. It is asked first when the first request comes.
    ///
    /// # Errors
    /// When its address is none.
    pub fn new(options: &RedisOptions, quotas: Quotas) -> Result<Self, RedisUnavailable> {
        Ok(Self {
            client: Client::open(options.url.as_str())?,
            script: Script::new(include_str!("gcra.lua")),
            quotas,
            prefix: options.prefix.as_str().into(),
            time: None,
            link: Mutex::new(Link::Down(Duration::ZERO)),
            connecting: tokio::sync::Mutex::default(),
            alone: Memory::new(quotas),
            ticks: Arc::new(SinceStart::default()),
        })
    }

    /// The same, by another time than the server's. Instances that share a server and no time
    /// would not agree.
    #[must_use]
    pub fn with_ticks(mut self, ticks: Arc<dyn Ticks>) -> Self {
        self.alone = Memory::with_ticks(self.quotas, Arc::clone(&ticks));
        self.ticks = Arc::clone(&ticks);
        self.time = Some(ticks);
        self
    }

    /// Asks the server to decide.
    ///
    /// # Errors
    /// When it does not answer in time, or not as it should.
    pub async fn ask(&self, key: &Key, cost: NonZeroU32) -> Result<Decision, RedisUnavailable> {
        let mut connection = self.connection().await?;
        let answer = self.run(&mut connection, key, cost).await;
        if answer.is_err() {
            self.put_down();
        }
        answer
    }

    async fn run(
        &self,
        connection: &mut MultiplexedConnection,
        key: &Key,
        cost: NonZeroU32,
    ) -> Result<Decision, RedisUnavailable> {
        let quota = self.quotas.of(key.class);
        let now = self.time.as_ref().map(|ticks| ticks.now().as_micros());
        let mut call = self.script.key(format!("{}limit:{key}", self.prefix));
        call.arg(u64::try_from(quota.interval().as_micros()).unwrap_or(u64::MAX))
            .arg(quota.limit.get())
            .arg(cost.min(quota.limit).get())
            .arg(now.map(|now| now.to_string()).unwrap_or_default());
        let answer: (u8, u32, u64) = call.invoke_async(connection).await?;
        Ok(match answer {
            (0, _, wait) => Decision::refused(quota, Duration::from_micros(wait)),
            (_, remaining, _) => Decision::allowed(quota, remaining),
        })
    }

    /// The connection, or a new one. Of all who find none, one connects.
    async fn connection(&self) -> Result<MultiplexedConnection, RedisUnavailable> {
        match &*self.link() {
            Link::Up(connection) => return Ok(connection.clone()),
            Link::Down(until) if self.ticks.now() < *until => return Err(away()),
            Link::Down(_) => {}
        }
        let Ok(_connecting) = self.connecting.try_lock() else {
            return Err(away());
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(ANSWER_TIME))
            .set_response_timeout(Some(ANSWER_TIME));
        let connecting = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        match connecting.await {
            Ok(connection) => {
                tracing::info!("requests are counted together with the other instances");
                *self.link() = Link::Up(connection.clone());
                Ok(connection)
            }
            Err(error) => {
                self.put_down();
                Err(error.into())
            }
        }
    }

    fn put_down(&self) {
        let until = self.ticks.now().saturating_add(PAUSE);
        let before = std::mem::replace(&mut *self.link(), Link::Down(until));
        if matches!(before, Link::Up(_)) {
            tracing::warn!("the server that counts requests is away: each instance counts alone");
        }
    }

    fn link(&self) -> std::sync::MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// It is known to be away.
fn away() -> RedisUnavailable {
    RedisError::from((ErrorKind::Io, "it is away")).into()
}

impl RateLimiter for Redis {
    fn check<'a>(&'a self, key: &'a Key, cost: NonZeroU32) -> Deciding<'a> {
        Box::pin(async move {
            match self.ask(key, cost).await {
                Ok(decision) => decision,
                Err(error) => {
                    tracing::debug!(%error, "this process counts alone");
                    self.alone.decide(key, cost)
                }
            }
        })
    }
}
