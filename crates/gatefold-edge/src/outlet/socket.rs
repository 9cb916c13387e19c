//! A socket that sends files for their stand-ins.

use std::{
    fs::File,
    io::{self, IoSlice},
    os::unix::fs::FileExt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
    task::{JoinHandle, spawn_blocking},
};

use super::{FilePart, Outlet, left_of_stand_in};

/// How far apart the bytes of a part are that are looked at to tell whether it is in the system's
/// page cache: the system brings in and lets go many pages at a time.
const STRIDE: usize = 256 * 1024;

/// A connection's socket.
pub(crate) struct FileSocket {
    stream: TcpStream,
    outlet: Outlet,
    /// Brings the next part into the system's page cache, off the runtime's thread.
    warming: Option<JoinHandle<()>>,
    /// Whether the next part was just brought there.
    is_warm: bool,
}

impl FileSocket {
    pub(crate) fn new(stream: TcpStream, outlet: Outlet) -> Self {
        Self {
            stream,
            outlet,
            warming: None,
            is_warm: false,
        }
    }

    /// Sends what it can of the first part of the queue.
    fn poll_send(&mut self, context: &mut Context<'_>, part: &FilePart) -> Poll<io::Result<usize>> {
        loop {
            if let Some(warming) = &mut self.warming {
                // Whether that went well is seen when it is sent.
                let _ = ready!(Pin::new(warming).poll(context));
                self.warming = None;
                self.is_warm = true;
            }
            ready!(self.stream.poll_write_ready(context))?;
            if !self.is_warm && !part.is_at_hand() {
                let part = part.clone();
                self.warming = Some(spawn_blocking(move || part.warm()));
                continue;
            }
            let send = || send_file(&self.stream, part);
            match self.stream.try_io(Interest::WRITABLE, send) {
                // It is shorter than it was.
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
                Ok(bytes) => {
                    self.is_warm = false;
                    self.outlet.sent(bytes);
                    return Poll::Ready(Ok(bytes));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Sends memory that a file will follow, in one packet with it where both fit.
    fn poll_lead(
        &mut self,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(context))?;
            let send = || send_lead(&self.stream, slices);
            match self.stream.try_io(Interest::WRITABLE, send) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                sent => return Poll::Ready(sent),
            }
        }
    }
}

impl AsyncWrite for FileSocket {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    /// Writes memory up to the first stand-in, or sends for a stand-in that comes first.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let is_memory = |slice: &&IoSlice<'_>| left_of_stand_in(slice).is_none();
        let (memory, rest) = slices
            .split_at_checked(slices.iter().take_while(is_memory).count())
            .unwrap_or_default();
        let stand_in = rest.first().map(|slice| &**slice);
        if memory.is_empty()
            && let Some(part) = self.outlet.next(stand_in)?
        {
            return self.poll_send(context, &part);
        }
        self.outlet.next(None)?;
        if stand_in.is_some() {
            self.poll_lead(context, memory)
        } else {
            Pin::new(&mut self.stream).poll_write_vectored(context, memory)
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncRead for FileSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl FilePart {
    /// Whether it can be sent without waiting for the disk, as far as a few of its bytes tell.
    fn is_at_hand(&self) -> bool {
        let last = self.left.saturating_sub(1);
        let mut places = (0..self.left).step_by(STRIDE).chain([last]);
        places.all(|place| {
            let place = self.next.saturating_add(place as u64);
            crate::cache::disk::is_at_hand(&self.file, place)
        })
    }

    /// Reads it, so that the system has it in memory. Blocks.
    fn warm(&self) {
        let mut some = vec![0; STRIDE.min(self.left)];
        for place in (0..self.left).step_by(STRIDE) {
            let place = self.next.saturating_add(place as u64);
            if self.file.read_at(&mut some, place).is_err() {
                return;
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn send_file(stream: &TcpStream, part: &FilePart) -> io::Result<usize> {
    let file: &File = &part.file;
    let mut next = part.next;
    Ok(rustix::fs::sendfile(
        stream,
        file,
        Some(&mut next),
        part.left,
    )?)
}

#[cfg(target_os = "linux")]
fn send_lead(stream: &TcpStream, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};
    let flags = SendFlags::MORE | SendFlags::NOSIGNAL;
    let mut nothing = SendAncillaryBuffer::default();
    Ok(sendmsg(stream, slices, &mut nothing, flags)?)
}

#[cfg(not(target_os = "linux"))]
fn send_file(_: &TcpStream, _: &FilePart) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(target_os = "linux"))]
fn send_lead(_: &TcpStream, _: &[IoSlice<'_>]) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}
