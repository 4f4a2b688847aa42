//! `validate` of invented colleges of 1,000, 10,000 and 100,000 learners, beside the bare YAML parser on the same bytes:
//! the same cores, files in the page cache, the best of several runs. `cargo bench --bench validate`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench speaks, and stops where something is wrong")]

use std::path::Path;
use std::process::Command;

use granit_parser::Parser;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use rosterctl::sandbox::{College, write_college};

const SIZES: &[usize] = &[1_000, 10_000, 100_000];
/// How much a step of ten times as many users may cost beyond ten times the time.
const LINEAR: f64 = 1.15;
/// The best of so many runs.
const RUNS: usize = 5;

fn main() {
    let nothing = tempfile::tempdir().unwrap();
    std::fs::write(nothing.path().join("rosterctl.yaml"), "organisation: 1\n").unwrap();
    std::fs::create_dir(nothing.path().join("users")).unwrap();
    let start = best(|| validate(nothing.path(), Some(3)));
    println!("start of the program: {:.1} ms", start * 1e3);
    println!("users    files  MB    validate s  bare parser s  ratio  µs a user  step");
    let mut before: Option<f64> = None;
    for size in SIZES {
        let folder = tempfile::tempdir().unwrap();
        let college = College { learners: *size, seed: 1, drift: 0, absent: 0, shared_names: 0, without_mis: 0 };
        write_college(&college, folder.path()).unwrap();
        let texts = texts(&folder.path().join("users"));
        let bytes: usize = texts.iter().map(String::len).sum();
        let whole = best(|| validate(folder.path(), Some(0))) - start;
        let bare = best(|| texts.par_iter().for_each(|text| parse(text)));
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let a_user = whole / *size as f64;
        let step = before.map_or_else(String::new, |before| format!("{:.2} of {LINEAR}", a_user / before));
        println!(
            "{size:<8} {:<6} {:<5} {whole:<11.3} {bare:<14.3} {:<6.2} {:<10.2} {step}",
            texts.len(),
            bytes >> 20,
            whole / bare,
            a_user * 1e6
        );
        before = Some(a_user);
    }
}

fn validate(folder: &Path, exit: Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rosterctl"));
    let output = command.env_clear().arg("validate").arg("-C").arg(folder).output().unwrap();
    assert_eq!(output.status.code(), exit, "{}", String::from_utf8_lossy(&output.stdout));
}

/// Every event of a text, made and dropped.
fn parse(text: &str) {
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        std::hint::black_box(event.unwrap());
    }
}

fn texts(folder: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|entry| entry.path().is_file());
    files.map(|entry| std::fs::read_to_string(entry.path()).unwrap()).collect()
}

/// The seconds of the fastest run.
fn best(mut work: impl FnMut()) -> f64 {
    (0..RUNS).map(|_| timed(&mut work)).fold(f64::INFINITY, f64::min)
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn timed(work: &mut impl FnMut()) -> f64 {
    let start = std::time::Instant::now();
    work();
    start.elapsed().as_secs_f64()
}
