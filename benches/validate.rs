//! `validate` of invented colleges of 100 to 100,000 learners, beside the bare YAML parser on the same bytes: the same cores, files in
//! the page cache, the best of several runs; its memory, where GNU time tells. Then the same files and schema under check-jsonschema, where that is on the path (`pip install check-jsonschema`).
//! `cargo bench --bench validate`; with numbers behind `--`, of so many learners, and nothing else.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench speaks, and stops where something is wrong"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use granit_parser::Parser;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use rosterctl::manifest::schema::{self, ProjectDefaults};
use rosterctl::sandbox::{College, write_college};

const SIZES: &[usize] = &[100, 1_000, 10_000, 100_000];
/// How much a step of ten times as many users may cost beyond ten times the time.
const LINEAR: f64 = 1.15;
/// The best of so many runs.
const RUNS: usize = 9;

fn main() {
    let nothing = tempfile::tempdir().unwrap();
    std::fs::write(nothing.path().join("rosterctl.yaml"), "organisation: 1\n").unwrap();
    std::fs::create_dir(nothing.path().join("users")).unwrap();
    let start = best(|| validate(nothing.path(), Some(3)));
    println!("start of the program: {:.1} ms", start * 1e3);
    println!(
        "users    files  kB      validate s  bare parser s  ratio  µs a user  step          MB of memory"
    );
    let mut before: Option<f64> = None;
    let asked: Vec<usize> = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .collect();
    for size in if asked.is_empty() { SIZES } else { &asked } {
        let folder = college(*size);
        let texts = texts(&folder.path().join("users"));
        let bytes: usize = texts.iter().map(String::len).sum();
        let (whole, bare) = best_of_both(
            || validate(folder.path(), Some(0)),
            || texts.par_iter().for_each(|text| parse(text)),
        );
        let whole = whole - start;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let a_user = whole / *size as f64;
        let step = before.map_or_else(String::new, |before| {
            format!("{:.2} of {LINEAR}", a_user / before)
        });
        println!(
            "{size:<8} {:<6} {:<7} {whole:<11.4} {bare:<14.4} {:<6.2} {:<10.2} {step:<13} {}",
            texts.len(),
            bytes >> 10,
            whole / bare,
            a_user * 1e6,
            memory(folder.path()).unwrap_or_default()
        );
        before = Some(a_user);
    }
    if asked.is_empty() {
        others(2_000, start);
    }
}

fn college(learners: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let college = College {
        learners,
        seed: 1,
        drift: 0,
        absent: 0,
        shared_names: 0,
        without_mis: 0,
    };
    write_college(&college, folder.path()).unwrap();
    folder
}

/// The most memory that a run holds, in MB and as a multiple of what it reads.
fn memory(folder: &Path) -> Option<String> {
    let mut command = Command::new("/usr/bin/time");
    command
        .args([
            "-f",
            "%M",
            env!("CARGO_BIN_EXE_rosterctl"),
            "validate",
            "-C",
        ])
        .arg(folder);
    let output = command.output().ok()?;
    let kilobytes: usize = String::from_utf8(output.stderr).ok()?.trim().parse().ok()?;
    let bytes: usize = texts(&folder.join("users")).iter().map(String::len).sum();
    Some(format!(
        "{} ({:.1} times)",
        kilobytes >> 10,
        ratio(kilobytes << 10, bytes)
    ))
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn ratio(one: usize, other: usize) -> f64 {
    one as f64 / other as f64
}

/// Another tool on the same files and schema, which checks neither references nor anything else between users.
fn others(size: usize, start: f64) {
    let folder = college(size);
    let schema = folder.path().join("schema.json");
    std::fs::write(
        &schema,
        schema::pretty(&schema::users(&ProjectDefaults::default())),
    )
    .unwrap();
    let own = best(|| validate(folder.path(), Some(0)));
    let theirs = || {
        Command::new("check-jsonschema")
            .arg("--schemafile")
            .arg(&schema)
            .args(manifests(folder.path()))
            .output()
    };
    match theirs() {
        Ok(output) => {
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stdout)
            );
            let seconds = best(|| drop(theirs().unwrap()));
            println!(
                "\n{size} learners: {own:.3} s (of which the start is {start:.3}), check-jsonschema {seconds:.2} s: {:.0} times",
                seconds / own
            );
        }
        Err(_) => println!(
            "\ncheck-jsonschema isn't on the path: `pip install check-jsonschema` and again"
        ),
    }
}

fn manifests(folder: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder.join("users"))
        .into_iter()
        .map(|entry| entry.unwrap().into_path());
    files.filter(|path| path.is_file()).collect()
}

fn validate(folder: &Path, exit: Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rosterctl"));
    let output = command
        .env_clear()
        .arg("validate")
        .arg("-C")
        .arg(folder)
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        exit,
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

/// Every event of a text, made and dropped.
fn parse(text: &str) {
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        std::hint::black_box(event.unwrap());
    }
}

fn texts(users: &Path) -> Vec<String> {
    let folder = users.parent().unwrap();
    manifests(folder)
        .into_iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

/// The seconds of the fastest run.
fn best(mut work: impl FnMut()) -> f64 {
    (0..RUNS)
        .map(|_| timed(&mut work))
        .fold(f64::INFINITY, f64::min)
}

/// The same of two kinds of work, in turns, so that both meet the machine in the same moods.
fn best_of_both(mut one: impl FnMut(), mut other: impl FnMut()) -> (f64, f64) {
    let runs = (0..RUNS).map(|_| (timed(&mut one), timed(&mut other)));
    runs.fold((f64::INFINITY, f64::INFINITY), |best, run| {
        (best.0.min(run.0), best.1.min(run.1))
    })
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn timed(work: &mut impl FnMut()) -> f64 {
    let start = std::time::Instant::now();
    work();
    start.elapsed().as_secs_f64()
}
