//! The words of gatefold as types: pure, without I/O.
