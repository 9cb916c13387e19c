//! Tests of the whole system: they start the command, speak to it as a browser or a player would,
//! and hold the workspace against its own architecture.
