//! See `gatefold_fuzz::sealed_column`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::sealed_column(data));
