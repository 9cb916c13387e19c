//! A process as `gatefold read-media` is one, and what may become of it when a file makes it go wrong.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::panic,
    clippy::unwrap_used,
    reason = "it goes wrong on purpose"
)]

use std::{env, fs::File, hint::black_box, io, os::fd::AsFd, process::ExitCode};

use gatefold_media::{
    audio,
    isolated::{FLAC_FILE, confine, serve_child},
};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let mode = arguments.next().unwrap();
    let job = arguments.next().unwrap_or_default();
    if mode == "honest" {
        serve_child(&job).unwrap();
        return ExitCode::SUCCESS;
    }
    if mode == "measure" {
        return measure();
    }
    confine(&job).unwrap();
    match mode.as_str() {
        "abort" => {
            // Half of its work is done.
            File::create(FLAC_FILE).unwrap();
            std::process::abort()
        }
        "panic" => panic!("with words of a stranger\nand a line that looks like another"),
        "loop" => loop {
            black_box(0);
        },
        "allocate" => {
            let mut taken = Vec::new();
            loop {
                taken.push(vec![1_u8; 1 << 20]);
                black_box(&taken);
            }
        }
        "fill" => {
            let mut file = File::create(FLAC_FILE).unwrap();
            loop {
                io::copy(&mut io::repeat(1), &mut file).unwrap();
            }
        }
        "open" => {
            let mut open = Vec::new();
            loop {
                open.push(File::open("/dev/null").unwrap());
            }
        }
        "garbage" => println!("{{\"track\":{{}}}}\u{0} nonsense"),
        "another" => println!(
            "{{\"picture\":{{\"large\":{{\"width\":1,\"height\":1,\"bytes\":1}},\"small\":{{\"width\":1,\"height\":1,\"bytes\":1}}}}}}"
        ),
        "silent" => {}
        "flood" => loop {
            println!("{}", "a".repeat(4096));
            eprintln!("{}", "b".repeat(4096));
        },
        // What it knows of the process that started it.
        "environment" => {
            let known = env::vars_os().count();
            println!("{{\"refused\":{{\"too_long\":{{\"limit_ms\":{known}}}}}}}");
        }
        mode => panic!("{mode}?"),
    }
    ExitCode::SUCCESS
}

/// Reads standard input, and makes FLAC of it where a file for that is named, without limits of memory.
/// Says how many bytes more it held at most than before.
fn measure() -> ExitCode {
    let input = File::from(io::stdin().as_fd().try_clone_to_owned().unwrap());
    let before = most_resident();
    let limits = audio::Limits::default();
    let read = audio::read(&input, &limits).unwrap();
    if let Some(path) = env::args().nth(2) {
        let mut output = File::options();
        let output = output.read(true).write(true).create_new(true);
        audio::to_flac(&input, &read, &limits, output.open(path).unwrap()).unwrap();
    }
    println!(
        "{} {}",
        most_resident().saturating_sub(before),
        read.duration_ms
    );
    ExitCode::SUCCESS
}

/// The most bytes of memory that this process has held.
fn most_resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kilobytes.parse::<u64>().unwrap().saturating_mul(1024)
}
