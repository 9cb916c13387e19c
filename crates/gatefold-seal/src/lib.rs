//! Sealed URLs: media URLs that are encrypted and bound to a client and to a time window.
