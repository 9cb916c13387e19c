//! What a body gives at a time.

use bytes::{Buf, Bytes};

use crate::outlet::StandIn;

/// Some of a body: bytes, or what stands for a part of a file on its way through a connection.
pub struct Piece(Kind);

enum Kind {
    Memory(Bytes),
    File(StandIn),
}

#[cfg(test)]
impl Piece {
    pub(super) fn is_file(&self) -> bool {
        matches!(self.0, Kind::File(_))
    }
}

impl From<Bytes> for Piece {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Memory(bytes))
    }
}

impl From<StandIn> for Piece {
    fn from(stand_in: StandIn) -> Self {
        Self(Kind::File(stand_in))
    }
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        match &self.0 {
            Kind::Memory(bytes) => bytes.remaining(),
            Kind::File(stand_in) => stand_in.remaining(),
        }
    }

    fn chunk(&self) -> &[u8] {
        match &self.0 {
            Kind::Memory(bytes) => bytes.chunk(),
            Kind::File(stand_in) => stand_in.chunk(),
        }
    }

    fn advance(&mut self, bytes: usize) {
        match &mut self.0 {
            Kind::Memory(memory) => memory.advance(bytes),
            Kind::File(stand_in) => stand_in.advance(bytes),
        }
    }

    fn copy_to_bytes(&mut self, len: usize) -> Bytes {
        match &mut self.0 {
            // Nothing is copied.
            Kind::Memory(memory) => memory.copy_to_bytes(len),
            Kind::File(stand_in) => stand_in.copy_to_bytes(len),
        }
    }
}
