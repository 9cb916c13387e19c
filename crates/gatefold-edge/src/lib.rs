//! The edge as a server: opens sealed URLs and streams what they name.
