//! Renders the catalogue as WAV files into the directory that is given: `render /tmp`.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

fn main() -> io::Result<()> {
    let directory = std::env::args_os()
        .nth(1)
        .map_or_else(PathBuf::new, PathBuf::from);
    for piece in gatefold_synth::catalogue() {
        let path = directory.join(piece.slug()).with_extension("wav");
        let mut out = BufWriter::new(File::create(path)?);
        piece.write_wav(&mut out)?;
        out.flush()?;
    }
    Ok(())
}
