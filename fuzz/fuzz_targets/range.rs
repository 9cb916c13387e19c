//! See `gatefold_fuzz::range`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::range(data));
