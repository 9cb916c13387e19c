//! See `gatefold_fuzz::media_flac`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::media_flac(data));
