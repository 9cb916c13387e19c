//! See `gatefold_fuzz::column_keys`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::column_keys(data));
