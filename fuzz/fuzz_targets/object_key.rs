//! See `gatefold_fuzz::object_key`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::object_key(data));
