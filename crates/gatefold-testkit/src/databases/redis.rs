//! A Redis of the test's own, that stores nothing on disk.

use std::{
    fmt::Write as _,
    io::{self, BufRead, BufReader, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{ChildStdout, Command, Stdio},
    sync::Mutex,
};

use tempfile::TempDir;

use crate::child::{self, Ended};

/// How to get what is missing.
const INSTALL: &str = "this test needs Redis: install it, for example with `apt-get install \
                       redis-server`; no server of the system is used";

/// How often somebody else may be faster in taking a port.
const ATTEMPTS: usize = 5;

/// A running Redis; it ends when this is dropped.
pub struct Redis {
    /// Where it listens: over TCP, without a password.
    pub url: String,
    address: SocketAddr,
    process: Mutex<Ended>,
    /// The server says there what it does; it must be able to.
    _output: BufReader<ChildStdout>,
    _scratch: TempDir,
}

/// What Redis answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A word that is no data: `OK`.
    Status(String),
    /// A refusal.
    Error(String),
    /// A number.
    Number(i64),
    /// Data, or that there is none.
    Bytes(Option<Vec<u8>>),
    /// Several answers, or that there are none.
    List(Vec<Reply>),
}

impl Redis {
    /// A Redis that holds nothing. Blocks until it takes connections.
    ///
    /// # Errors
    /// When Redis is missing or does not start.
    pub fn start() -> io::Result<Self> {
        let mut reason = String::new();
        for _ in 0..ATTEMPTS {
            // Redis cannot ask the system for a port: this one was free a moment ago.
            let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
            let scratch = tempfile::tempdir()?;
            let mut command = Command::new("redis-server");
            command
                .args(["--bind", "127.0.0.1", "--port", &address.port().to_string()])
                .args(["--save", "", "--appendonly", "no", "--daemonize", "no"])
                .current_dir(scratch.path())
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null());
            let mut process = child::spawn(&mut command, INSTALL)?;
            let output = process.0.stdout.take();
            let mut output = BufReader::new(output.ok_or_else(|| io::Error::other("no output"))?);
            match announced(&mut output)? {
                Ok(()) => {
                    return Ok(Self {
                        url: format!("redis://{address}"),
                        address,
                        process: Mutex::new(process),
                        _output: output,
                        _scratch: scratch,
                    });
                }
                Err(said) => reason = said,
            }
        }
        Err(io::Error::other(format!("redis-server ended: {reason}")))
    }

    /// Carries out one command.
    ///
    /// # Errors
    /// When there is no answer. A refusal is an answer.
    pub fn command(&self, words: &[&[u8]]) -> io::Result<Reply> {
        let mut stream = TcpStream::connect(self.address)?;
        let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            bytes.extend_from_slice(word);
            bytes.extend_from_slice(b"\r\n");
        }
        stream.write_all(&bytes)?;
        reply(&mut BufReader::new(stream))
    }

    /// Every key and what is kept under it, as text: a line for each, bytes that are no text escaped.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn dump(&self) -> io::Result<String> {
        let mut text = String::new();
        let Reply::List(keys) = self.command(&[b"KEYS", b"*"])? else {
            return Err(io::Error::other("no list of keys"));
        };
        for key in keys {
            let Reply::Bytes(Some(key)) = key else {
                continue;
            };
            let value = match self.command(&[b"TYPE", &key])? {
                Reply::Status(kind) => match kind.as_str() {
                    "string" => self.command(&[b"GET", &key])?,
                    "hash" => self.command(&[b"HGETALL", &key])?,
                    "list" => self.command(&[b"LRANGE", &key, b"0", b"-1"])?,
                    "set" => self.command(&[b"SMEMBERS", &key])?,
                    "zset" => self.command(&[b"ZRANGE", &key, b"0", b"-1", b"WITHSCORES"])?,
                    "stream" => self.command(&[b"XRANGE", &key, b"-", b"+"])?,
                    // It ended meanwhile.
                    "none" => continue,
                    other => return Err(io::Error::other(format!("a {other} is not known"))),
                },
                other => return Err(io::Error::other(format!("no type: {other:?}"))),
            };
            let _ = writeln!(text, "{}: {value}", key.escape_ascii());
        }
        Ok(text)
    }

    /// Ends the server before its time, as when it crashes.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn kill(&self) -> io::Result<()> {
        let mut process = self
            .process
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        process.0.kill()?;
        process.0.wait().map(|_| ())
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(text) | Self::Error(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Bytes(None) => f.write_str("nothing"),
            Self::Bytes(Some(bytes)) => write!(f, "{}", bytes.escape_ascii()),
            Self::List(replies) => {
                for reply in replies {
                    write!(f, "{reply} ")?;
                }
                Ok(())
            }
        }
    }
}

/// Reads until the server is ready, or else has ended; what it said last then.
fn announced(output: &mut impl BufRead) -> io::Result<Result<(), String>> {
    let mut last = String::new();
    let mut line = String::new();
    while output.read_line(&mut line)? > 0 {
        if line.contains("Ready to accept connections") {
            return Ok(Ok(()));
        }
        last = std::mem::take(&mut line);
    }
    Ok(Err(last))
}

/// Reads one answer (RESP, version 2).
fn reply(input: &mut impl BufRead) -> io::Result<Reply> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let line = line.trim_end();
    let kind = line.chars().next();
    let rest = line.get(1..).unwrap_or_default();
    let number = || rest.parse::<i64>().map_err(io::Error::other);
    match kind {
        Some('+') => Ok(Reply::Status(rest.to_owned())),
        Some('-') => Ok(Reply::Error(rest.to_owned())),
        Some(':') => Ok(Reply::Number(number()?)),
        Some('$') => match usize::try_from(number()?) {
            Err(_) => Ok(Reply::Bytes(None)),
            Ok(length) => {
                let mut bytes = vec![0; length];
                input.read_exact(&mut bytes)?;
                input.read_exact(&mut [0; 2])?;
                Ok(Reply::Bytes(Some(bytes)))
            }
        },
        Some('*') => {
            let length = usize::try_from(number()?).unwrap_or(0);
            let replies = (0..length).map(|_| reply(input));
            Ok(Reply::List(replies.collect::<io::Result<_>>()?))
        }
        _ => Err(io::Error::other("the server ended")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_redis_answers_and_holds_what_it_is_given() -> io::Result<()> {
        let redis = Redis::start()?;
        assert_eq!(redis.command(&[b"PING"])?, Reply::Status("PONG".to_owned()));
        assert_eq!(redis.dump()?, "");
        redis.command(&[b"SET", b"limit:fan", b"in plain sight\x00"])?;
        redis.command(&[b"HSET", b"limit:artist", b"left", b"9"])?;
        redis.command(&[b"ZADD", b"scores", b"3", b"one"])?;
        let dump = redis.dump()?;
        let mut lines: Vec<_> = dump.lines().collect();
        lines.sort_unstable();
        assert_eq!(
            lines,
            [
                "limit:artist: left 9 ",
                r"limit:fan: in plain sight\x00",
                "scores: one 3 "
            ]
        );
        let refused = redis.command(&[b"NONSENSE"])?;
        assert!(matches!(refused, Reply::Error(_)), "{refused:?}");
        Ok(())
    }

    #[test]
    fn a_redis_that_is_killed_answers_nobody() -> io::Result<()> {
        let redis = Redis::start()?;
        redis.kill()?;
        assert!(redis.command(&[b"PING"]).is_err());
        let other = Redis::start()?;
        assert_eq!(other.dump()?, "");
        Ok(())
    }
}
