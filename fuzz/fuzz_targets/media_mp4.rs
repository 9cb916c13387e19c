//! See `gatefold_fuzz::media_mp4`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::media_mp4(data));
