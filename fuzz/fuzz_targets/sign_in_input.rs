//! See `gatefold_fuzz::sign_in_input`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::sign_in_input(data));
