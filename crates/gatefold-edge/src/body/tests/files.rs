//! What is on disk, over a socket that sends files.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::outlet::FileSocket;

#[tokio::test]
async fn long_runs_on_disk_are_sent_as_files_and_short_ones_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let options = CacheOptions {
        memory: 0,
        folder: Some(folder.path().to_owned()),
        slice: 200_000,
        ..CacheOptions::default()
    };
    let bench = Bench::with(Scripted::new(500_000), &options);
    // Once fetched, once checked.
    for _ in 0..2 {
        bench.read(0, 499_999).await.unwrap();
        bench.settle().await;
    }
    for (first, last, files) in [
        // The last is a half slice.
        (0, 499_999, 2),
        (1, 399_998, 2),
        (100_000, 399_998, 1),
        (199_999, 400_000, 1),
        (100, 60_000, 0),
        (0, 0, 0),
    ] {
        let found = sent(&bench, first, last).await;
        assert_eq!(found, files, "{first}-{last}");
    }
}

/// How many parts of files are sent over a socket for a part of the object, all of whose bytes are
/// compared.
async fn sent(bench: &Bench, first: u64, last: u64) -> usize {
    let outlet = Outlet::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (client, server) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (mut client, server) = (client.unwrap(), server.unwrap().0);
    let mut body = bench.body_for(first, last, Some(outlet.clone())).await;
    let body = body.as_mut().unwrap();
    let sending = async move {
        let mut socket = FileSocket::new(server, outlet);
        let mut files = 0_usize;
        while let Some(frame) = body.frame().await {
            let mut piece = frame.unwrap().into_data().ok().unwrap();
            files = files.saturating_add(piece.is_file().into());
            socket.write_all_buf(&mut piece).await.unwrap();
        }
        files
    };
    let mut read = Vec::new();
    let (files, taken) = tokio::join!(sending, client.read_to_end(&mut read));
    taken.unwrap();
    let (first, last) = (
        usize::try_from(first).unwrap(),
        usize::try_from(last).unwrap(),
    );
    assert!(read == content(500_000, 1)[first..=last], "{first}-{last}");
    files
}
