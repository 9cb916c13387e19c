//! A name for each request, by which its answer and its log lines are found together.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use http::HeaderValue;

/// Numbers requests. The first half of an id is the process's own, so that two instances, or two
/// lives of one, do not name different requests alike.
pub(crate) struct RequestIds {
    instance: u32,
    next: AtomicU32,
}

/// The name of one request: 16 hexadecimal digits. What a client sends under this name is not
/// believed.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(Box<str>);

impl RequestIds {
    /// `instance` is to be random.
    pub(crate) fn new(instance: u32) -> Self {
        Self {
            instance,
            next: AtomicU32::new(0),
        }
    }

    pub(crate) fn next(&self) -> RequestId {
        let number = self.next.fetch_add(1, Relaxed);
        RequestId(format!("{:08x}{number:08x}", self.instance).into())
    }
}

impl RequestId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ() {
        let (one, other) = (RequestIds::new(1), RequestIds::new(2));
        assert_eq!(one.next().as_str(), "0000000100000000");
        assert_eq!(one.next().as_str(), "0000000100000001");
        assert_eq!(other.next().as_str(), "0000000200000000");
    }
}
