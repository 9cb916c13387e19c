//! A small synthesiser: composes and renders the music that the demo plays.
