//! See `gatefold_fuzz::server_sent_events`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gatefold_fuzz::server_sent_events(data));
