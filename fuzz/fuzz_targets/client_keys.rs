//! See `gatefold_fuzz::client_keys`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::client_keys(data));
