//! Addresses, with what stands in their queries, and where answers send their clients.

use http::StatusCode;

use crate::{Result, http::Answer};

/// The fields of a form, as they are sent.
#[must_use]
pub fn form(fields: &[(&str, &str)]) -> String {
    let escaped = |text: &str| {
        text.bytes().fold(String::new(), |done, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                done + char::from(byte).encode_utf8(&mut [0; 4])
            } else {
                done + &format!("%{byte:02X}")
            }
        })
    };
    let pairs = fields.iter();
    let pairs: Vec<_> = pairs
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    pairs.join("&")
}

/// A parameter of an address.
#[must_use]
pub fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(found, _)| *found == name)?;
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

/// An address with another value for a parameter; without one, when there is none.
#[must_use]
pub fn with_parameter(url: &str, name: &str, value: Option<&str>) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let others = query
        .split('&')
        .filter(|pair| pair.split_once('=').is_none_or(|(found, _)| found != name));
    let own = value.map(|value| form(&[(name, value)]));
    let pairs: Vec<_> = others.map(str::to_owned).chain(own).collect();
    format!("{path}?{}", pairs.join("&"))
}

/// Where an answer sends its client.
///
/// # Errors
/// When it does not send it anywhere; with what it says instead.
pub fn location(answer: &Answer) -> Result<String> {
    let is_sent = answer.status == StatusCode::SEE_OTHER;
    let there = answer.header("location");
    if is_sent && !there.is_empty() {
        return Ok(there);
    }
    let body = String::from_utf8_lossy(&answer.body);
    Err(format!("not sent on, but {}: {body}", answer.status).into())
}
