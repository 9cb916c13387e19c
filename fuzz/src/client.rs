//! What servers say to the command line.

use std::path::{Component, Path};

use gatefold_client::{Events, file_name};

/// Whatever a server calls a file, it is a name in no folder, visible, and no option of a command.
pub fn content_disposition(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let quoted = format!("attachment; filename=\"{text}\"");
    let extended = format!("attachment; filename*=UTF-8''{text}");
    for value in [text.as_ref(), &quoted, &extended] {
        let Some(name) = file_name(value) else {
            continue;
        };
        let mut parts = Path::new(&name).components();
        let first = parts.next();
        assert!(matches!(first, Some(Component::Normal(part)) if part == name.as_str()));
        assert!(parts.next().is_none());
        assert!(!name.starts_with(['.', '-', '~']) && !name.chars().any(char::is_control));
        assert!(name.len() <= 255);
    }
}

/// Events are the same in whatever pieces they arrive; the first byte says how long those are.
pub fn server_sent_events(data: &[u8]) {
    let Some((step, data)) = data.split_first() else {
        return;
    };
    let whole = Events::default().take(data);
    let mut events = Events::default();
    let mut found = Vec::new();
    for piece in data.chunks(usize::from(*step).max(1)) {
        match events.take(piece) {
            Ok(ended) => found.extend(ended),
            Err(_) => {
                assert!(whole.is_err());
                return;
            }
        }
    }
    assert_eq!(Ok(found), whole);
}
