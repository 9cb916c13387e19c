//! See `gatefold_fuzz::source`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::source(data));
