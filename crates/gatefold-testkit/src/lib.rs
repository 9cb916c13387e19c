//! For tests: a clock that tests move.
