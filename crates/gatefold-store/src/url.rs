//! Where the database is.

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
    str::FromStr,
};

use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};

/// The address of a database. It may hold a password: it has no `Debug`, and shows itself without
/// password and parameters.
///
/// - `sqlite:FILE`, a path that begins at the working folder unless it begins with `/`;
/// - `postgres://USER:PASSWORD@HOST:PORT/NAME?sslmode=…`, with the parameters `sslmode`,
///   `sslrootcert`, `sslcert`, `sslkey`, `application_name` and `host` (the folder of a socket, which
///   is used instead of the host before the name).
///
/// `sslmode` is `disable`, `prefer`, `require`, `verify-ca` or `verify-full`. Without it the server's
/// certificate and name are checked (`verify-full`), except for a server on this machine, where TLS is
/// used as it comes (`prefer`). Authorities are those of the operating system, and those in
/// `sslrootcert`.
#[derive(Clone)]
pub struct DatabaseUrl(Place);

#[derive(Clone)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

/// Why text is no address of a database. None quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDatabaseUrl {
    /// It begins with something else.
    #[error("a database is `sqlite:FILE`, or `postgres://USER:PASSWORD@HOST/NAME`")]
    Scheme,
    /// An SQLite database without a file of its own.
    #[error("`sqlite:` is followed by the path of a file, and by no parameters")]
    File,
    /// Not a URL, or without a host, user or name.
    #[error(
        "`postgres://` is followed by user, password, host and name: \
         postgres://USER:PASSWORD@HOST/NAME, with `%` and two digits for what is no letter or digit \
         in a password"
    )]
    Parts,
    /// A parameter that is not known, or twice there.
    #[error(
        "parameters of a database are sslmode, sslrootcert, sslcert, sslkey, application_name and \
         host, each of them once"
    )]
    Parameter,
    /// `sslmode` says something else.
    #[error("sslmode is disable, prefer, require, verify-ca or verify-full")]
    SslMode,
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let good = !path.is_empty()
                && !path.contains(['?', '#', '%', '\0'])
                && path != ":memory:"
                && !path.ends_with('/');
            return good
                .then(|| Self(Place::Sqlite(path.into())))
                .ok_or(InvalidDatabaseUrl::File);
        }
        let rest = text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"))
            .ok_or(InvalidDatabaseUrl::Scheme)?;
        postgres(text, rest).map(|options| Self(Place::Postgres(Box::new(options))))
    }
}

/// What is known to mean something, so that nothing is passed over, and nothing is logged by the
/// driver because it does not know it.
const PARAMETERS: [&str; 6] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "application_name",
    // Of a socket, which no URL can name otherwise.
    "host",
];

fn postgres(text: &str, rest: &str) -> Result<PgConnectOptions, InvalidDatabaseUrl> {
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    if place.contains('#') || query.contains('#') {
        return Err(InvalidDatabaseUrl::Parts);
    }
    let mut seen = Vec::new();
    let mut mode = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if !PARAMETERS.contains(&name) || seen.contains(&name) || value.is_empty() {
            return Err(InvalidDatabaseUrl::Parameter);
        }
        seen.push(name);
        if name == "sslmode" {
            mode = Some(match value {
                "disable" => PgSslMode::Disable,
                "prefer" => PgSslMode::Prefer,
                "require" => PgSslMode::Require,
                "verify-ca" => PgSslMode::VerifyCa,
                "verify-full" => PgSslMode::VerifyFull,
                // `allow` would never use TLS: the driver does not know it.
                _ => return Err(InvalidDatabaseUrl::SslMode),
            });
        }
    }
    // What the driver says of a wrong address may quote it.
    let options: PgConnectOptions = text.parse().map_err(|_| InvalidDatabaseUrl::Parts)?;
    let (authority, name) = place.split_once('/').ok_or(InvalidDatabaseUrl::Parts)?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let is_whole = !name.is_empty()
        && authority.contains('@')
        && !authority.starts_with(['@', ':'])
        && !host.is_empty();
    if !is_whole {
        return Err(InvalidDatabaseUrl::Parts);
    }
    // Said in any case, so that variables of the environment do not say it.
    let mode = mode.unwrap_or_else(|| {
        if is_here(&options) {
            PgSslMode::Prefer
        } else {
            PgSslMode::VerifyFull
        }
    });
    let options = if options.get_application_name().is_none() {
        options.application_name("gatefold")
    } else {
        options
    };
    // A statement's values could be logged along with it.
    Ok(options.ssl_mode(mode).disable_statement_logging())
}

/// Whether the server is on this machine.
fn is_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host().trim_matches(['[', ']']);
    options.get_socket().is_some()
        || host == "localhost"
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl DatabaseUrl {
    /// The file of an SQLite database.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.0 {
            Place::Sqlite(path) => Some(path),
            Place::Postgres(_) => None,
        }
    }

    /// Of a PostgreSQL database: whether its server has to show a certificate for its name.
    #[must_use]
    pub fn is_verified(&self) -> Option<bool> {
        match &self.0 {
            Place::Sqlite(_) => None,
            Place::Postgres(options) => {
                Some(matches!(options.get_ssl_mode(), PgSslMode::VerifyFull))
            }
        }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.0
    }
}

/// The address without password and parameters.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Sqlite(path) => write!(out, "sqlite:{}", path.display()),
            Place::Postgres(options) => {
                let name = options.get_database().unwrap_or_default();
                write!(out, "postgres://{}@", options.get_username())?;
                match options.get_socket() {
                    Some(folder) => write!(out, "/{name}?host={}", folder.display()),
                    None => write!(out, "{}:{}/{name}", options.get_host(), options.get_port()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (text, shown) in [
            ("sqlite:data/gatefold.db", "sqlite:data/gatefold.db"),
            ("sqlite:///var/lib/a.db", "sqlite:/var/lib/a.db"),
            (
                "postgres://us%40er:s%3Acret@db.example.com/name",
                "postgres://us@er@db.example.com:5432/name",
            ),
            (
                "postgresql://user@db.example.com:6543/name?sslmode=require",
                "postgres://user@db.example.com:6543/name",
            ),
            (
                "postgres://user:secret@localhost/name?host=/run/postgresql",
                "postgres://user@/name?host=/run/postgresql",
            ),
        ] {
            let url: DatabaseUrl = text
                .parse()
                .unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(url.to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_quoting_it() {
        use InvalidDatabaseUrl::{File, Parameter, Parts, Scheme, SslMode};
        for (text, expected) in [
            ("", Scheme),
            ("data/gatefold.db", Scheme),
            ("mysql://user:secret@host/name", Scheme),
            ("sqlite:", File),
            ("sqlite::memory:", File),
            ("sqlite:data/", File),
            ("sqlite:a.db?mode=rwc", File),
            ("postgres://", Parts),
            ("postgres://host/name", Parts),
            ("postgres://user:secret@host", Parts),
            ("postgres://user:secret@host/", Parts),
            ("postgres://user:sec/ret@host/name", Parts),
            ("postgres://user:secret@host:no/name", Parts),
            ("postgres://user:secret@/name", Parts),
            ("postgres://user:secret@host/name#secret", Parts),
            ("postgres://user@host/name?pasword=secret", Parameter),
            ("postgres://user@host/name?password=secret", Parameter),
            ("postgres://user@host/name?sslmode", Parameter),
            (
                "postgres://user@host/name?sslmode=prefer&sslmode=disable",
                Parameter,
            ),
            ("postgres://user@host/name?sslmode=allow", SslMode),
            ("postgres://user@host/name?sslmode=secret", SslMode),
        ] {
            let error = text.parse::<DatabaseUrl>().err();
            assert_eq!(error, Some(expected), "{text}");
            assert!(!expected.to_string().contains("secret"));
        }
    }

    #[test]
    fn a_server_elsewhere_shows_its_certificate_unless_it_is_said() {
        for (text, verified) in [
            ("postgres://user@db.example.com/name", true),
            ("postgres://user@10.0.0.7/name", true),
            ("postgres://user@db.example.com/name?sslmode=require", false),
            ("postgres://user@db.example.com/name?sslmode=disable", false),
            ("postgres://user@localhost/name", false),
            ("postgres://user@127.0.0.1/name", false),
            ("postgres://user@[::1]/name", false),
            ("postgres://user@localhost/name?host=/run/postgresql", false),
            ("postgres://user@127.0.0.1/name?sslmode=verify-full", true),
        ] {
            let url: DatabaseUrl = text.parse().unwrap();
            assert_eq!(url.is_verified(), Some(verified), "{text}");
        }
        let file: DatabaseUrl = "sqlite:a.db".parse().unwrap();
        assert_eq!(file.is_verified(), None);
        assert_eq!(file.file(), Some(Path::new("a.db")));
    }
}
