//! A PostgreSQL of the run's own: one server for all its tests, and a fresh database for each of them.

use std::{
    fs, io,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{self, Command, Output},
    sync::atomic::{AtomicU32, Ordering},
};

use crate::shared::{Start, shared};

/// How to get what is missing.
const INSTALL: &str = "this test needs PostgreSQL: install it, for example with \
                       `apt-get install postgresql`; no server of the system is used";

/// Makes a cluster, starts it on the first of the ports that is free, says where, and ends it when
/// standard input ends. It refuses to run as root; where that is who tests, it is the user that the
/// package has made.
const SERVER: &str = r#"
set -e
programs=$1 folder=$2
shift 2
as() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then
  as() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
fi
mkdir "$folder/cluster"
[ "$(id -u)" -ne 0 ] || chown postgres "$folder/cluster"
cd "$folder/cluster"
as "$programs/initdb" --pgdata=data --username=postgres --auth-local=trust \
  --auth-host=scram-sha-256 --encoding=UTF8 --locale=C --no-sync >&2
cat >>data/postgresql.conf <<CONFIGURATION
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder/cluster'
max_connections = 300
shared_buffers = '32MB'
fsync = off
synchronous_commit = off
full_page_writes = off
jit = off
CONFIGURATION
for port; do
  if as "$programs/pg_ctl" --pgdata=data --wait --silent --log=server.log \
    --options="-p $port" start >&2; then
    "$programs/psql" --quiet --host="$folder/cluster" --port="$port" --username=postgres \
      --command="CREATE ROLE gatefold LOGIN PASSWORD 'gatefold'" >&2
    echo "$folder/cluster $port"
    cat >/dev/null
    as "$programs/pg_ctl" --pgdata=data --mode=immediate --silent stop >&2
    exit
  fi
  cat server.log >&2
done
exit 1
"#;

/// A server, which ends with the run.
#[derive(Clone)]
pub struct Postgres {
    programs: PathBuf,
    /// Where its socket is.
    folder: PathBuf,
    port: String,
}

/// A database that is empty when it is made, and is dropped with this.
pub struct Database {
    /// How its owner, who is nothing more than that, connects: over TCP, with a password.
    pub url: String,
    server: Postgres,
    name: String,
}

impl Postgres {
    /// The server of this run, which the first to ask for it starts; that takes about two seconds.
    /// Blocks until then.
    ///
    /// # Errors
    /// When PostgreSQL is missing or does not start.
    pub fn start() -> io::Result<Self> {
        let programs = programs()?;
        let said = shared("postgres", |own| {
            let mut arguments = vec!["-c".to_owned(), SERVER.to_owned(), "sh".to_owned()];
            let paths = [programs.as_path(), own];
            arguments.extend(paths.map(|path| path.to_string_lossy().into_owned()));
            arguments.extend(free_ports()?);
            Ok(Start {
                program: "sh".into(),
                arguments,
            })
        })?;
        let (folder, port) = said
            .rsplit_once(' ')
            .ok_or_else(|| io::Error::other("no port was said"))?;
        Ok(Self {
            programs,
            folder: folder.into(),
            port: port.to_owned(),
        })
    }

    /// A fresh database. Blocks until it is there, some tenths of a second.
    ///
    /// # Errors
    /// When the server does not make one.
    pub fn database(&self) -> io::Result<Database> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", process::id());
        self.administer(&format!(
            "CREATE DATABASE {name} OWNER gatefold TEMPLATE template0"
        ))?;
        Ok(Database {
            url: format!(
                "postgres://gatefold:gatefold@{}:{}/{name}",
                Ipv4Addr::LOCALHOST,
                self.port
            ),
            server: self.clone(),
            name,
        })
    }

    fn administer(&self, statement: &str) -> io::Result<String> {
        self.run("psql", "postgres", &psql("postgres", statement))
    }

    /// Runs a program of PostgreSQL's as `user`; what it said.
    fn run(&self, program: &str, user: &str, arguments: &[&str]) -> io::Result<String> {
        let output = Command::new(self.programs.join(program))
            .arg("--host")
            .arg(&self.folder)
            .args(["--port", &self.port, "--username", user, "--no-password"])
            .args(arguments)
            .output()?;
        said(program, output)
    }
}

impl Database {
    /// Runs SQL as the owner. Rows are lines, their fields are separated by `|`.
    ///
    /// # Errors
    /// What PostgreSQL has to say against it.
    pub fn query(&self, sql: &str) -> io::Result<String> {
        self.server.run("psql", "gatefold", &psql(&self.name, sql))
    }

    /// All that is in the database, as SQL.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn dump(&self) -> io::Result<String> {
        let arguments = ["--inserts", "--dbname", &self.name];
        self.server.run("pg_dump", "postgres", &arguments)
    }

    /// Ends every connection that there is to it, as a server does that goes down. New ones are taken.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn hang_up(&self) -> io::Result<()> {
        let statement = format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{}'",
            self.name
        );
        self.server.administer(&statement).map(|_| ())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Otherwise it goes with the server.
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let _ = self.server.administer(&statement);
    }
}

/// What psql is told, besides where the server is.
fn psql<'a>(database: &'a str, statement: &'a str) -> [&'a str; 10] {
    [
        "--no-psqlrc",
        "--quiet",
        "--no-align",
        "--tuples-only",
        "--set",
        "ON_ERROR_STOP=1",
        "--dbname",
        database,
        "--command",
        statement,
    ]
}

fn said(program: &str, output: Output) -> io::Result<String> {
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(io::Error::other)
    } else {
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(io::Error::other(format!("{program}: {why}")))
    }
}

/// Where `initdb` is and what belongs to it: Debian keeps several versions beside each other, and none
/// on the PATH.
fn programs() -> io::Result<PathBuf> {
    let mut newest = None;
    for version in fs::read_dir("/usr/lib/postgresql").into_iter().flatten() {
        let folder = version?.path();
        let name = folder.file_name().and_then(|name| name.to_str());
        let number: u32 = name.and_then(|name| name.parse().ok()).unwrap_or(0);
        let programs = folder.join("bin");
        if programs.join("initdb").exists() {
            newest = newest.max(Some((number, programs)));
        }
    }
    if let Some((_, programs)) = newest {
        return Ok(programs);
    }
    let output = Command::new("pg_config").arg("--bindir").output();
    let output = output.map_err(|error| io::Error::new(error.kind(), INSTALL))?;
    let programs = said("pg_config", output)?;
    let programs = Path::new(programs.trim_end());
    if programs.join("initdb").exists() {
        Ok(programs.to_owned())
    } else {
        Err(io::Error::new(io::ErrorKind::NotFound, INSTALL))
    }
}

/// Ports that were free a moment ago: PostgreSQL cannot ask the system for one. Several, because somebody
/// may be faster.
fn free_ports() -> io::Result<Vec<String>> {
    let take = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    // All at once, so that they are different ones.
    let listeners = (0..5).map(take).collect::<io::Result<Vec<_>>>()?;
    let ports = listeners.iter().map(TcpListener::local_addr);
    ports
        .map(|address| address.map(|address| address.port().to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_is_fresh_and_goes_away() -> io::Result<()> {
        let server = Postgres::start()?;
        let (one, other) = (server.database()?, server.database()?);
        one.query("CREATE TABLE songs (title text)")?;
        one.query("INSERT INTO songs VALUES ('Harbour Lights'), ('Night Tram')")?;
        let rows = one.query("SELECT title, length(title) FROM songs ORDER BY title")?;
        assert_eq!(rows, "Harbour Lights|14\nNight Tram|10\n");
        let error = other.query("SELECT * FROM songs").expect_err("no table");
        assert!(error.to_string().contains("does not exist"), "{error}");

        let name = one.name.clone();
        let known = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
        assert_eq!(server.administer(&known)?, "1\n");
        drop(one);
        assert_eq!(server.administer(&known)?, "0\n");
        Ok(())
    }

    #[test]
    fn a_dump_holds_what_was_stored() -> io::Result<()> {
        let database = Postgres::start()?.database()?;
        database.query("CREATE TABLE secrets (plain text, bytes bytea)")?;
        database.query(r"INSERT INTO secrets VALUES ('in plain sight', '\x00ff10')")?;
        let dump = database.dump()?;
        assert!(dump.contains("in plain sight"), "{dump}");
        assert!(dump.contains("00ff10"), "{dump}");
        Ok(())
    }

    #[test]
    fn the_owner_connects_by_url_and_is_no_administrator() -> io::Result<()> {
        let server = Postgres::start()?;
        let database = server.database()?;
        let by_url = |sql: &str| {
            let mut psql = Command::new(server.programs.join("psql"));
            psql.args(["--no-psqlrc", "-At", "-c", sql, &database.url]);
            said("psql", psql.output()?)
        };
        let who = "SELECT current_user, usesuper FROM pg_user WHERE usename = current_user";
        assert_eq!(by_url(who)?, "gatefold|f\n");
        let wrong = database.url.replace(":gatefold@", ":guess@");
        let mut psql = Command::new(server.programs.join("psql"));
        psql.args(["--no-psqlrc", "-c", "SELECT 1", &wrong]);
        assert!(said("psql", psql.output()?).is_err());
        database.hang_up()?;
        assert_eq!(by_url("SELECT 1")?, "1\n");
        Ok(())
    }
}
