//! See `gatefold_fuzz::supporter`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::supporter(data));
