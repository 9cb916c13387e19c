//! Reads the head of an answer, as far as the bench checks it.

/// The head of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head<'a> {
    pub(crate) status: u16,
    pub(crate) content_length: u64,
    pub(crate) content_range: Option<&'a [u8]>,
    /// How many bytes the head takes, its empty line included.
    pub(crate) len: usize,
}

const END: &[u8] = b"\r\n\r\n";

/// Reads a head; `None` while it is not whole.
///
/// # Errors
/// When it is not the head of an answer of known length on a connection that stays open.
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<Head<'_>>, &'static str> {
    let Some(end) = bytes.windows(END.len()).position(|window| window == END) else {
        return Ok(None);
    };
    let (head, _) = bytes.split_at_checked(end).ok_or("no head")?;
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let status = lines.next().and_then(status).ok_or("no status line")?;
    let (mut content_length, mut content_range) = (None, None);
    for line in lines {
        let (name, value) = field(line).ok_or("a header without a colon")?;
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = number(value).ok_or("an unreadable length")?;
            if content_length.replace(length).is_some() {
                return Err("two lengths");
            }
        } else if name.eq_ignore_ascii_case(b"content-range") {
            content_range = Some(value);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return Err("a body without a length");
        } else if name.eq_ignore_ascii_case(b"connection") && value.eq_ignore_ascii_case(b"close") {
            return Err("an answer that ends its connection");
        }
    }
    Ok(Some(Head {
        status,
        content_length: content_length.ok_or("a body without a length")?,
        content_range,
        len: end.saturating_add(END.len()),
    }))
}

fn status(line: &[u8]) -> Option<u16> {
    let code = line.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    std::str::from_utf8(code).ok()?.parse().ok()
}

fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at_checked(colon)?;
    Some((name, value.get(1..)?.trim_ascii()))
}

fn number(digits: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(digits).ok()?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"HTTP/1.1 206 Partial Content\r\nServer: x\r\ncontent-length: 5\r\n\
        Content-Range:  bytes 0-4/9 \r\n\r\n";

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        for end in 0..WHOLE.len() {
            assert_eq!(parse(&WHOLE[..end]), Ok(None), "{end}");
        }
        let with_body = [WHOLE, b"body!\r\n\r\n"].concat();
        for bytes in [WHOLE, &with_body] {
            let head = Head {
                status: 206,
                content_length: 5,
                content_range: Some(b"bytes 0-4/9"),
                len: WHOLE.len(),
            };
            assert_eq!(parse(bytes), Ok(Some(head)));
        }
    }

    #[test]
    fn what_cannot_be_counted_is_refused() {
        for head in [
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n",
            "HTTP/1.1 20\r\nContent-Length: 1\r\n\r\n",
            "HTTP/1.1 OK!\r\nContent-Length: 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: Close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nwords\r\n\r\n",
            "\r\n\r\n",
        ] {
            assert!(parse(head.as_bytes()).is_err(), "{head:?}");
        }
    }
}
