//! Writes the vectors of `testdata/sealed-url/v1`: `cargo run -p gatefold-seal --example make-vectors`.

#[path = "../tests/generate/mod.rs"]
mod generate;
#[path = "../tests/support/vector.rs"]
mod vector;

use std::{fs, io};

fn main() -> io::Result<()> {
    let folder = vector::folder();
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for (name, text) in generate::files() {
        fs::write(folder.join(name).with_extension("json"), text)?;
    }
    Ok(())
}
