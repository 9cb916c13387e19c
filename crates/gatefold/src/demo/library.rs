//! The demonstration's music: composed on first start, one WAV file a piece.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
};

use gatefold_synth::{Composition, catalogue};

use super::DemoError;

/// Writes every piece that is not there yet, or not whole.
pub(super) fn compose(folder: &Path, say: impl Fn(&str)) -> Result<(), DemoError> {
    let failed = |path: &Path, cause| DemoError::Music {
        path: path.to_owned(),
        cause,
    };
    fs::create_dir_all(folder).map_err(|cause| failed(folder, cause))?;
    for piece in catalogue() {
        let path = folder.join(file_name(piece));
        let is_whole = fs::metadata(&path).is_ok_and(|facts| facts.len() == piece.wav_len());
        if !is_whole {
            say(&format!("Composing “{}” …", piece.title()));
            write(piece, &path).map_err(|cause| failed(&path, cause))?;
        }
    }
    Ok(())
}

/// The name of a piece's file.
pub(super) fn file_name(piece: &Composition) -> String {
    format!("{}.wav", piece.slug())
}

/// Appears under its name only when it is whole.
fn write(piece: &Composition, path: &Path) -> io::Result<()> {
    let half = path.with_extension(format!("{}.half", std::process::id()));
    let written = (|| {
        let mut out = BufWriter::with_capacity(1 << 16, File::create(&half)?);
        piece.write_wav(&mut out)?;
        out.flush()?;
        fs::rename(&half, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&half);
    }
    written
}
