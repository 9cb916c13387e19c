//! See `gatefold_fuzz::grant`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::grant(data));
