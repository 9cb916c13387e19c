//! See `gatefold_fuzz::minter_file`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::minter_file(data));
