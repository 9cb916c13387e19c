//! Forms from the other side.

use std::collections::HashMap;

pub(crate) fn encode(pairs: &[(&str, &str)]) -> String {
    let part = |text: &str| {
        let bytes: Vec<_> = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        format!("%{}", bytes.join("%"))
    };
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", part(value)))
        .collect();
    pairs.join("&")
}

pub(crate) fn decode(text: &str) -> HashMap<String, String> {
    let part = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(if byte == b'%' {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            } else {
                byte
            });
        }
        String::from_utf8(bytes).unwrap()
    };
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (part(name), part(value)))
        .collect()
}
