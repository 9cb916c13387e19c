//! See `gatefold_fuzz::token_answer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::token_answer(data));
