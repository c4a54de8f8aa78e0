//! Writes the seeds of every fuzz target to `fuzz/corpus/`, made of the recorded corpus: `just fuzz-seeds`.

#![expect(clippy::print_stdout, reason = "a tool tells what it did")]

use peftspec::fuzzing::{TARGETS, seeds};
use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for target in TARGETS {
        let folder = root.join("fuzz/corpus").join(target.name);
        fs::create_dir_all(&folder)?;
        let seeds = seeds(target.input, &root.join("tests/corpus"))?;
        for seed in &seeds {
            fs::write(folder.join(&seed.name), &seed.bytes)?;
        }
        println!("{}: {} seeds", target.name, seeds.len());
    }
    Ok(())
}
