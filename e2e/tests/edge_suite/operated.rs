//! What needs more of an edge than its address: its configuration, process, files and the address for
//! those who run it.

mod counts;
mod ended;
mod keys;
mod limits;
mod purge;
mod stop;

use gatefold_e2e::{
    Result,
    edge::{Setup, Stand},
    subject::Kind,
};
use gatefold_testkit::origins::{Object, noise};

/// More bytes than the buffers between an edge and a client hold.
const LARGE: usize = 24 << 20;

/// An edge over a folder that holds one large object, with these limits.
fn with_large_object(limits: &'static str) -> Result<Stand> {
    let setup = Setup {
        limits,
        ..Setup::default()
    };
    let large = Object {
        name: "large.mp3",
        media_type: "audio/mpeg",
        bytes: noise("large", LARGE),
    };
    Stand::start_with(Kind::Folder, setup, vec![large])
}
