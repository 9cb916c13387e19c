//! What is known of the person behind a request.

use gatefold_seal::Vouched;

/// The answer of whoever was asked which person sends a request, for one sealed URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A live session of this DID, at a server that every minter of the edge trusts.
    Proven(Box<str>),
    /// The word of one minter, which counts for its own URLs.
    Vouched(Vouched),
    /// The request shows nobody.
    Nobody,
    /// The person whom the URL is for, who may no longer have what it names: the gate has been
    /// tightened, or the support has ended.
    Ended,
    /// Whoever knows cannot be asked at the moment: not a "no".
    Unknown,
}
