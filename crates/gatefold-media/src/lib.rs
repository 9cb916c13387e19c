//! Bytes: where they are kept, and what is in them.
