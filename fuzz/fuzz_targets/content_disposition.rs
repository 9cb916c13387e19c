//! See `gatefold_fuzz::content_disposition`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::content_disposition(data));
