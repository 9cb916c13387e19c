//! The database from outside: every test runs on SQLite and on PostgreSQL.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "what these tests share may panic as they may"
)]

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod artists;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod crypter;
#[cfg(test)]
mod database;
#[cfg(test)]
mod exchange_tokens;
#[cfg(test)]
mod gone;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod installation;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod pending;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod publishing;
#[cfg(test)]
mod random;
#[cfg(test)]
mod reencrypt;
#[cfg(test)]
mod runtimes;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod tracks;
#[cfg(test)]
mod upgrades;
#[cfg(test)]
mod uploads;
#[cfg(test)]
mod vectors;

/// Runs each of these functions, which take a `&Database`, on both databases.
#[cfg(test)]
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(&crate::database::Database::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name(&crate::database::Database::postgres()).await;
            }
        })+
    };
}
#[cfg(test)]
pub(crate) use on_both;
