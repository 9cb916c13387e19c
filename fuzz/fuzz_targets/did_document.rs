//! See `gatefold_fuzz::did_document`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::did_document(data));
