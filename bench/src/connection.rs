//! One connection that stays open: sends a request, checks the answer, throws its body away.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use rustix::{
    io::Errno,
    net::{RecvFlags, recv},
};
use sha2::{Digest, Sha256};

use crate::{
    error::{Doing, Error},
    response,
    workload::Expected,
};

/// How long any answer may keep the bench waiting.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Room for a head, and for the start of the body that comes with it.
const HEAD_ROOM: usize = 4096;

/// Bytes that are sent, and the right answer to them.
pub(crate) struct Request {
    pub(crate) bytes: Vec<u8>,
    pub(crate) expected: Expected,
}

/// A connection with at most one request on its way.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    head: [u8; HEAD_ROOM],
    filled: usize,
    /// How much of the body is still to come, once the head is there.
    left: Option<u64>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Result<Self, Error> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).doing("connect to a peer")?;
        stream.set_nodelay(true).doing("set up a connection")?;
        stream
            .set_read_timeout(Some(PATIENCE))
            .doing("set up a connection")?;
        Ok(Self {
            stream,
            head: [0; HEAD_ROOM],
            filled: 0,
            left: None,
        })
    }

    /// Sends a request. It is far smaller than what an idle connection takes at once.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        (self.filled, self.left) = (0, None);
        self.stream.write_all(bytes).doing("send a request")
    }

    /// Reads what has come by now without waiting; says whether the answer is whole.
    pub(crate) fn advance(
        &mut self,
        expected: &Expected,
        discarded: &mut [u8],
    ) -> Result<bool, Error> {
        let left = match self.left {
            Some(left) => left,
            None => match self.read_head(expected)? {
                Some(left) => left,
                None => return Ok(false),
            },
        };
        self.left = Some(left);
        if left == 0 {
            return Ok(true);
        }
        let room = usize::try_from(left).unwrap_or(usize::MAX);
        let room = room.min(discarded.len());
        let (room, _) = discarded.split_at_mut(room);
        // The kernel drops what TCP has received instead of copying it (tcp(7), MSG_TRUNC).
        let left = match take(&self.stream, room, RecvFlags::TRUNC)? {
            None => left,
            Some(count) => left.saturating_sub(count as u64),
        };
        self.left = Some(left);
        Ok(left == 0)
    }

    /// Reads towards the head; once it is whole, checks it and gives what is left of the body.
    fn read_head(&mut self, expected: &Expected) -> Result<Option<u64>, Error> {
        let (_, room) = self.head.split_at_mut(self.filled);
        let Some(count) = take(&self.stream, room, RecvFlags::empty())? else {
            return Ok(None);
        };
        self.filled = self.filled.saturating_add(count);
        let (bytes, room) = self.head.split_at(self.filled);
        let Some(head) = response::parse(bytes).map_err(Error::wrong)? else {
            return if room.is_empty() {
                Err(Error::wrong("the head of an answer is too large"))
            } else {
                Ok(None)
            };
        };
        check(&head, expected)?;
        let body = bytes.len().saturating_sub(head.len) as u64;
        let left = head.content_length.checked_sub(body);
        left.map(Some)
            .ok_or_else(|| Error::wrong("more came than was announced"))
    }

    /// Asks and waits for the whole answer, and compares its bytes.
    pub(crate) fn verify(&mut self, request: &Request) -> Result<(), Error> {
        let (status, body) = self.fetch(&request.bytes)?;
        let Expected { status: right, .. } = request.expected;
        if status != right {
            return Err(Error::wrong(format_args!("status {status}, not {right}")));
        }
        let digest: [u8; 32] = Sha256::digest(&body).into();
        if digest == request.expected.sha256 {
            Ok(())
        } else {
            Err(Error::wrong("an answer's bytes are not the file's"))
        }
    }

    /// Whether the peer still holds it open.
    pub(crate) fn is_open(&self) -> bool {
        let peek = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        match recv(&self.stream, &mut [0; 1], peek) {
            Ok((_, count)) => count > 0,
            Err(error) => matches!(error, Errno::AGAIN | Errno::INTR),
        }
    }

    /// Asks, takes the head of the answer and not one byte of its body.
    pub(crate) fn stall(&mut self, request: &Request) -> Result<(), Error> {
        const READING: &str = "read the head of an answer";
        self.send(&request.bytes)?;
        loop {
            // Looks without taking anything; a head comes whole or nearly so.
            let seen = self.stream.peek(&mut self.head).doing(READING)?;
            let (bytes, room) = self.head.split_at_checked(seen).unwrap_or_default();
            let len = match response::parse(bytes).map_err(Error::wrong)? {
                Some(head) => {
                    check(&head, &request.expected)?;
                    head.len
                }
                None if seen == 0 => return Err(Error::wrong("a connection was closed")),
                None if room.is_empty() => {
                    return Err(Error::wrong("the head of an answer is too large"));
                }
                None => continue,
            };
            let (head, _) = self.head.split_at_mut(len);
            return self.stream.read_exact(head).doing(READING);
        }
    }

    /// Asks and waits for the whole answer: its status and its body.
    pub(crate) fn fetch(&mut self, request: &[u8]) -> Result<(u16, Vec<u8>), Error> {
        const READING: &str = "read an answer";
        self.send(request)?;
        let mut bytes = Vec::new();
        let mut piece = [0; HEAD_ROOM];
        loop {
            let count = self.stream.read(&mut piece).doing(READING)?;
            if count == 0 {
                return Err(Error::wrong("a connection was closed"));
            }
            bytes.extend(piece.iter().take(count));
            let head = response::parse(&bytes).map_err(Error::wrong)?;
            if let Some(head) = head {
                let (status, len, start) = (head.status, head.content_length, head.len);
                let mut body = bytes.split_off(start);
                let left = len.checked_sub(body.len() as u64);
                let left = left.ok_or_else(|| Error::wrong("more came than was announced"))?;
                let rest = (&self.stream).take(left).read_to_end(&mut body);
                rest.doing(READING)?;
                if body.len() as u64 == len {
                    return Ok((status, body));
                }
                return Err(Error::wrong("an answer is too short"));
            }
        }
    }
}

/// Takes what has come by now: nothing yet, or so many bytes.
fn take(stream: &TcpStream, room: &mut [u8], flags: RecvFlags) -> Result<Option<usize>, Error> {
    match recv(stream, room, flags | RecvFlags::DONTWAIT) {
        Ok((_, 0)) => Err(Error::wrong("a connection was closed")),
        Ok((_, count)) => Ok(Some(count)),
        Err(Errno::AGAIN | Errno::INTR) => Ok(None),
        Err(error) => Err(error).doing("read an answer"),
    }
}

fn check(head: &response::Head<'_>, expected: &Expected) -> Result<(), Error> {
    let range = expected.content_range.as_deref().map(str::as_bytes);
    let right = head.status == expected.status
        && head.content_length == expected.len
        && head.content_range == range;
    if right {
        return Ok(());
    }
    Err(Error::wrong(format_args!(
        "status {} with {} bytes, not {} with {}",
        head.status, head.content_length, expected.status, expected.len
    )))
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    const BODY: &[u8] = b"0123456789";

    fn expected() -> Expected {
        Expected {
            status: 200,
            len: 10,
            content_range: None,
            sha256: Sha256::digest(BODY).into(),
        }
    }

    /// A connection to somebody who answers the first request with `answer`, in two pieces.
    fn answered(answer: &'static str, split: usize) -> Connection {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.read_exact(&mut [0; 1]).unwrap();
            let (first, second) = answer.as_bytes().split_at(split);
            stream.write_all(first).unwrap();
            stream.write_all(second).unwrap();
        });
        Connection::open(address).unwrap()
    }

    fn discard(mut connection: Connection) -> Result<(), Error> {
        connection.send(b"?")?;
        // Waits for bytes without taking any, as epoll does in a round.
        while connection.stream.peek(&mut [0; 1]).is_ok() {
            if connection.advance(&expected(), &mut [0; 4])? {
                return Ok(());
            }
        }
        Err(Error::wrong("cut off"))
    }

    #[test]
    fn a_right_answer_is_taken_however_it_is_cut() {
        const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
        for split in [0, 1, 20, 39, 40, 45] {
            discard(answered(ANSWER, split)).unwrap();
            let request = Request {
                bytes: b"?".to_vec(),
                expected: expected(),
            };
            answered(ANSWER, split).verify(&request).unwrap();
        }
    }

    #[test]
    fn who_stalls_takes_the_head_alone() {
        const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
        let request = Request {
            bytes: b"?".to_vec(),
            expected: expected(),
        };
        for split in [0, 20, 39, 45] {
            let mut connection = answered(ANSWER, split);
            connection.stall(&request).unwrap();
            let mut rest = Vec::new();
            connection.stream.read_to_end(&mut rest).unwrap();
            assert_eq!(rest, BODY, "{split}");
        }
        let wrong = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n012345678";
        assert!(answered(wrong, 0).stall(&request).is_err());
    }

    #[test]
    fn wrong_answers_are_noticed() {
        for answer in [
            "HTTP/1.1 206 OK\r\nContent-Length: 10\r\n\r\n0123456789",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n012345678",
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Range: bytes 0-9/10\r\n\r\n0123456789",
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012345678",
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234567890",
        ] {
            assert!(discard(answered(answer, 0)).is_err(), "{answer}");
        }
        let other = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n9876543210";
        let request = Request {
            bytes: b"?".to_vec(),
            expected: expected(),
        };
        assert!(answered(other, 0).verify(&request).is_err());
    }
}
