//! Server-sent events (the WHATWG's HTML, section 9.2), as far as their data goes.

/// The longest event, in bytes.
const MAX_LEN: usize = 1 << 20;

/// Reads events, in whatever pieces they arrive.
#[derive(Default)]
pub struct Events {
    line: Vec<u8>,
    data: Option<Vec<u8>>,
    /// The last line ended with a carriage return, which a line feed may belong to.
    ends_open: bool,
}

/// An event is longer than any that is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event is too long")]
pub struct TooLong;

impl Events {
    /// The data of all events that end in this piece. What is no UTF-8 becomes a replacement character.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn take(&mut self, piece: &[u8]) -> Result<Vec<String>, TooLong> {
        let mut ended = Vec::new();
        for byte in piece {
            let continues = std::mem::take(&mut self.ends_open);
            match byte {
                b'\n' if continues => {}
                b'\n' | b'\r' => {
                    self.ends_open = *byte == b'\r';
                    ended.extend(self.end_line()?);
                }
                byte => {
                    self.line.push(*byte);
                    bounded(&self.line)?;
                }
            }
        }
        Ok(ended)
    }

    /// Ends a line; an empty one ends an event.
    fn end_line(&mut self) -> Result<Option<String>, TooLong> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let data = self.data.take();
            return Ok(data.map(|data| String::from_utf8_lossy(&data).into_owned()));
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = match colon.and_then(|colon| line.split_at_checked(colon)) {
            Some((name, value)) => (name, value.get(1..).unwrap_or_default()),
            None => (line.as_slice(), &[][..]),
        };
        if name == b"data" {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            let mut data = self.data.take();
            match &mut data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => data = Some(value.to_vec()),
            }
            self.data = data;
            bounded(self.data.as_deref().unwrap_or_default())?;
        }
        Ok(None)
    }
}

fn bounded(bytes: &[u8]) -> Result<(), TooLong> {
    (bytes.len() <= MAX_LEN).then_some(()).ok_or(TooLong)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn data_is_read_whatever_is_around_it() {
        for (text, events) in [
            ("data: a\n\n", &["a"][..]),
            ("data: a\r\n\r\n", &["a"]),
            ("data: a\r\rdata:b\n\n", &["a", "b"]),
            ("data:  a\n\n", &[" a"]),
            ("data: a\ndata: b\n\n", &["a\nb"]),
            ("data\n\n", &[""]),
            (
                ": a comment\n\nevent: x\nid: 1\nretry: 5\ndata: {\"a\":\"b: c\"}\n\n",
                &["{\"a\":\"b: c\"}"],
            ),
            ("event: x\n\n", &[]),
            ("\n\n\n", &[]),
            ("database: a\n\n", &[]),
            // One that has not ended is none.
            ("data: a\n", &[]),
            ("data: a", &[]),
        ] {
            let found = Events::default().take(text.as_bytes()).unwrap();
            assert_eq!(found, events, "{text:?}");
        }
    }

    #[test]
    fn nobody_makes_it_hold_more_than_an_event_has() {
        let long = vec![b'a'; MAX_LEN + 1];
        assert_eq!(Events::default().take(&long), Err(TooLong));
        let mut events = Events::default();
        let line = [&b"data: "[..], &long[..MAX_LEN / 2], b"\n"].concat();
        assert_eq!(events.take(&line), Ok(Vec::new()));
        assert_eq!(events.take(&line), Err(TooLong));
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(text in "(data|d|:|\\r|\\n| |é|a){0,40}", cuts in prop::collection::vec(0..40_usize, 0..6)) {
            let whole = Events::default().take(text.as_bytes()).unwrap();
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let mut events = Events::default();
            let mut found = Vec::new();
            for ends in cuts.windows(2) {
                found.extend(events.take(&text.as_bytes()[ends[0]..ends[1]]).unwrap());
            }
            prop_assert_eq!(found, whole);
        }
    }
}
