//! Keys of records.

use std::time::UNIX_EPOCH;

use gatefold_domain::{Clock, tid};

use crate::ids::Ids;

/// A key that no other record in the same repository has: a TID of now.
pub(crate) fn new(clock: &dyn Clock, ids: &Ids) -> String {
    let since = clock.now().duration_since(UNIX_EPOCH);
    let micros = since.map_or(0, |since| since.as_micros());
    let [high, low, ..] = ids.next();
    tid(
        u64::try_from(micros).unwrap_or(u64::MAX),
        u16::from_be_bytes([high, low]),
    )
}
