//! What breaks off, or is interrupted, in the middle of a file: nothing is left of it under its name.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
};

use gatefold_e2e::{Result, process::eventually, terminal::Terminal};

/// A track, and then its file.
const TRACK: &str = r#"{"id":1,"title":"Night Tram","file_id":"f","file_type":"mp3"}"#;

/// What a server does in the middle of a file.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Ends,
    Waits,
}

/// Answers with a track and with half of its file, or takes half of one; gives its address, and says when
/// it has come to the middle.
fn half(then: Then) -> Result<(String, mpsc::Receiver<TcpStream>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let origin = format!("http://{}", listener.local_addr()?);
    let (middle, reached) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let middle = middle.clone();
            thread::spawn(move || answer(stream, then, &middle));
        }
    });
    Ok((origin, reached))
}

/// What a server says that asks for a pause.
const PAUSE: &str =
    "HTTP/1.1 429 Later\r\nretry-after: 0\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

fn answer(mut stream: TcpStream, then: Then, middle: &mpsc::Sender<TcpStream>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.extend_from_slice(&byte);
    }
    let head = String::from_utf8(head).ok()?;
    let json = |text: &str| {
        let len = text.len();
        format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {len}\r\n\r\n{text}")
    };
    if head.starts_with("GET /audio/f/download ") {
        let half = "x".repeat(100_000);
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\
             content-disposition: attachment; filename=\"night.mp3\"\r\n\r\n{half}"
        );
        stream.write_all(answer.as_bytes()).ok()?;
    } else if head.starts_with("POST /tracks/ ") {
        stream.read_exact(&mut vec![0; 100_000]).ok()?;
    } else {
        return stream.write_all(json(TRACK).as_bytes()).ok();
    }
    if then == Then::Waits {
        middle.send(stream).ok()?;
    }
    Some(())
}

/// What is in a folder, besides what the terminal has there.
fn files(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !["xdg-open", "open", "home", "token"].contains(&name.as_str()) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

#[test]
fn a_download_that_breaks_off_leaves_nothing() -> Result {
    let (server, _) = half(Then::Ends)?;
    let terminal = Terminal::at(&server)?;
    for arguments in [
        &["download", "1"][..],
        &["download", "1", "-o", "b.mp3"],
        &["download", "1", "-o", "."],
    ] {
        let ran = terminal.run(arguments)?;
        assert_eq!(ran.status, 6, "{ran:?}");
        assert!(ran.said.contains("cannot be reached"), "{ran:?}");
        assert_eq!(files(terminal.folder())?, [""; 0]);
    }
    // What was there before stays as it was.
    fs::write(terminal.folder().join("night.mp3"), "before")?;
    let ran = terminal.run(["download", "1", "--force"])?;
    assert_eq!(ran.status, 6, "{ran:?}");
    assert_eq!(files(terminal.folder())?, ["night.mp3"]);
    assert_eq!(fs::read(terminal.folder().join("night.mp3"))?, b"before");
    Ok(())
}

#[tokio::test]
async fn what_is_interrupted_leaves_nothing() -> Result {
    for (arguments, signal) in [
        (&["download", "1"][..], "INT"),
        (&["download", "1"], "TERM"),
        (&["upload", "large.mp3"], "INT"),
    ] {
        let (server, reached) = half(Then::Waits)?;
        let terminal = Terminal::at(&server)?;
        fs::write(terminal.folder().join("large.mp3"), vec![b'x'; 64 << 20])?;
        let mut command = terminal.command(arguments)?;
        let child = command
            .env("GATEFOLD_TOKEN", "abc")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stream = reached.recv()?;
        if arguments[0] == "download" {
            // It has begun to write.
            eventually(|| {
                let files = files(terminal.folder())?;
                let is_there = files.iter().any(|name| name.starts_with(".gatefold-"));
                is_there.then_some(()).ok_or("nothing yet".into())
            })
            .await?;
        }
        let id = child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", signal, &id])
                .status()?
                .success()
        );
        let ended = child.wait_with_output()?;
        assert_eq!(ended.status.code(), Some(130), "{ended:?}");
        assert_eq!(String::from_utf8(ended.stderr)?, "gatefold: interrupted\n");
        assert_eq!(files(terminal.folder())?, ["large.mp3"]);
        drop(stream);
    }
    Ok(())
}

#[test]
fn a_pause_is_made_when_the_server_asks_for_one() -> Result {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let terminal = Terminal::at(&format!("http://{}", listener.local_addr()?))?;
    let asked = thread::spawn(move || {
        let mut lines = Vec::new();
        for said in [PAUSE, PAUSE, TRACK, PAUSE, "bytes"] {
            let Ok((mut stream, _)) = listener.accept() else {
                break;
            };
            let mut head = [0; 4096];
            let len = stream.read(&mut head).unwrap_or_default();
            let head = String::from_utf8_lossy(head.get(..len).unwrap_or_default()).into_owned();
            lines.push(head.lines().next().unwrap_or_default().to_owned());
            let len = said.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {len}\r\n\r\n{said}"
            );
            let answer = if said == PAUSE { said } else { &answer };
            // Whoever goes away is seen by what it does not ask.
            let _ = stream.write_all(answer.as_bytes());
        }
        lines
    });
    let ran = terminal.run(["download", "1"])?;
    assert_eq!(ran.output, "track-1.mp3 (5 bytes)\n", "{ran:?}");
    let asked = asked.join().map_err(|_| "the server failed")?;
    assert_eq!(
        asked
            .iter()
            .filter(|line| line.contains("/tracks/1 "))
            .count(),
        3,
        "{asked:?}"
    );
    assert_eq!(
        asked
            .iter()
            .filter(|line| line.contains("/audio/f/download "))
            .count(),
        2
    );
    Ok(())
}
