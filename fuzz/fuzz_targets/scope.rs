//! See `gatefold_fuzz::scope`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::scope(data));
