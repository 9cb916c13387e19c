//! See `gatefold_fuzz::keyring`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::keyring(data));
