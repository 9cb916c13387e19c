//! The decisions of a media edge, pure: facts of a request in, a plan or a refusal out.
