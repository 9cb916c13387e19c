//! See `gatefold_fuzz::authorization_server`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::authorization_server(data));
