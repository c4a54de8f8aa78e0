//! Runs every property on mutated files of the corpus, a million of them in one process, and measures memory: `just soak`.
//!
//! Arguments: how many files, and the seed. What breaks a property is written to `fuzz/artifacts/soak/`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool tells what it did")]

use peftspec::fuzzing::{Mutator, Seed, TARGETS, Target, seeds, words};
use std::{
    env, fs, io,
    panic::{self, AssertUnwindSafe},
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

/// No mutated file is longer.
const LONGEST: usize = 64 << 10;

/// What a file may cost in memory: eight times its size, and this.
const OWN_SHARE: u64 = 64 << 20;

/// A target with its seeds, and what its runs took.
struct Track {
    target: &'static Target,
    seeds: Vec<Seed>,
    mutator: Mutator,
    files: u64,
    broken: u64,
    time: Duration,
    slowest: Duration,
    /// The most memory that the process held at any time of a run, and by how much that was too much.
    peak: u64,
    over: u64,
}

fn main() -> io::Result<ExitCode> {
    let mut arguments = env::args().skip(1).map(|argument| argument.parse::<u64>());
    let mut number = |default| arguments.next().transpose().map(|given| given.unwrap_or(default));
    let (Ok(files), Ok(seed)) = (number(1_000_000), number(1)) else {
        eprintln!("usage: soak [FILES] [SEED]");
        return Ok(ExitCode::from(2));
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let artifacts = root.join("fuzz/artifacts/soak");
    fs::create_dir_all(&artifacts)?;
    // Symbols for a backtrace would take more memory than all files.
    panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
    let started = Instant::now();
    let (mut broken, mut over) = (0, 0);
    // One target after the other, so that only its own seeds are in memory.
    for (number, target) in (0_u64..).zip(TARGETS) {
        let mut track = Track::new(target, seed, root)?;
        for _ in (number..files).step_by(TARGETS.len()) {
            track.run(&artifacts)?;
        }
        track.tell();
        broken += track.broken;
        over += track.over;
    }
    println!("{files} files, seed {seed}, {broken} broken properties, {:.0?}", started.elapsed());
    if peak_memory().is_none() {
        println!("memory was not measured: this system does not tell the peak of a process");
    }
    Ok(if broken > 0 || over > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Track {
    fn new(target: &'static Target, seed: u64, root: &Path) -> io::Result<Self> {
        let words = words(target.input).into_iter().map(String::into_bytes);
        Ok(Self {
            target,
            seeds: seeds(target.input, &root.join("tests/corpus"))?,
            mutator: Mutator::new(seed, words, LONGEST),
            files: 0,
            broken: 0,
            time: Duration::ZERO,
            slowest: Duration::ZERO,
            peak: 0,
            over: 0,
        })
    }

    /// One mutated file.
    fn run(&mut self, artifacts: &Path) -> io::Result<()> {
        let (one, other) = (self.mutator.roll(self.seeds.len()), self.mutator.roll(self.seeds.len()));
        let (Some(one), Some(other)) = (self.seeds.get(one), self.seeds.get(other)) else { return Ok(()) };
        let mut bytes = one.bytes.clone();
        self.mutator.mutate(&mut bytes, &other.bytes);
        forget_peak();
        let started = Instant::now();
        let result = panic::catch_unwind(AssertUnwindSafe(|| (self.target.run)(&bytes)));
        let took = started.elapsed();
        self.files += 1;
        self.time += took;
        self.slowest = self.slowest.max(took);
        let peak = peak_memory().unwrap_or_default();
        self.peak = self.peak.max(peak);
        let allowed = u64::try_from(bytes.len()).unwrap_or_default() * 8 + OWN_SHARE;
        let is_over = peak > allowed;
        self.over += u64::from(is_over);
        if result.is_err() || is_over {
            self.broken += u64::from(result.is_err());
            let path = artifacts.join(format!("{}-{}", self.target.name, self.files));
            eprintln!("{} in {took:.0?} with {peak} bytes: {}", self.target.name, path.display());
            fs::write(path, &bytes)?;
        }
        Ok(())
    }

    fn tell(&self) {
        let Self { target, files, broken, time, slowest, peak, over, .. } = self;
        let width = TARGETS.iter().map(|target| target.name.len()).max().unwrap_or_default();
        let each = time.checked_div(u32::try_from(*files).unwrap_or(u32::MAX)).unwrap_or_default();
        println!(
            "{:width$} {files:7} files, {each:8.0?} each, {slowest:8.0?} at most; peak {:6} KiB, {over} over; {broken} broken",
            target.name,
            peak >> 10,
        );
    }
}

/// The most memory that the process held since the peak was forgotten; `None` where the system does not tell.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kibibytes| kibibytes << 10)
}

/// Makes the peak the memory that the process holds now.
fn forget_peak() {
    // Where there is no such file, nothing is measured.
    let _ = fs::write("/proc/self/clear_refs", "5");
}
