//! See `gatefold_fuzz::pending`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::pending(data));
