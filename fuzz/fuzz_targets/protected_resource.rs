//! See `gatefold_fuzz::protected_resource`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::protected_resource(data));
