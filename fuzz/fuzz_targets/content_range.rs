//! See `gatefold_fuzz::content_range`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::content_range(data));
