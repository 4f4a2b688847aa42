//! Flags of the `sandbox` commands.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Run the emulator as a server of its own, for any client
    Serve(ServeArgs),
    /// Write a project of invented people, of any size
    Seed(SeedArgs),
    /// Delete the sandbox's data; the next run starts from sandbox.yaml
    Reset(ResetArgs),
}

#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The port; 0 picks a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// The folder for the data [default: .rosterctl of the project]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// What to start from if there is no data yet [default: sandbox.yaml]
    #[arg(long, value_name = "FILE")]
    pub seed: Option<PathBuf>,
    /// Delay of every response, in milliseconds
    #[arg(long, value_name = "MS")]
    pub latency: Option<u64>,
    /// Requests a minute for each customer token; 0: no limit [default: 300]
    #[arg(long, value_name = "N")]
    pub rate_limit: Option<u32>,
    /// Faults to inject, and when
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct ResetArgs {
    /// The folder for the data [default: .rosterctl of the project]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct SeedArgs {
    /// How many learners, up to 1,000,000; staff and employers come with them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub learners: u32,
    /// The same seed gives the same college
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// The folder to write; it must be empty or new
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Per cent of the learners whose account differs from the manifest
    #[arg(long, value_name = "PERCENT", default_value_t = 5, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub drift: u8,
    /// Per cent of the learners who have no account yet
    #[arg(long, value_name = "PERCENT", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub absent: u8,
    /// Per cent of the learners who share another's name
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub shared_names: u8,
    /// Per cent of the learners whose account has no MIS value
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub without_mis: u8,
}
