//! The person's browser.

use std::{
    process::{Command, Stdio},
    thread,
};

/// What opens an address in the browser that the person has chosen.
const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else {
    "xdg-open"
};

/// Opens an address, if there is something that opens addresses.
pub(in crate::commands) fn open(url: &str) -> bool {
    let opening = Command::new(OPENER)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match opening {
        Ok(mut opening) => {
            // Whether it succeeds is nobody's concern; that it is waited for, the system's.
            thread::spawn(move || opening.wait());
            true
        }
        Err(_) => false,
    }
}
