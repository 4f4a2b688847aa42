//! Flags of `seal`.

use std::path::PathBuf;

use clap::Args;

#[derive(Args, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct SealArgs {
    /// The plain CSV or workbook whose rows are sealed. With `--check` and `--rotate` the sealed file [default: every one that
    /// the manifests name]; with `--keygen` where the key goes [default: it is printed]
    #[arg(
        value_name = "FILE",
        required_unless_present_any = ["check", "rotate", "open", "keygen"]
    )]
    pub file: Option<PathBuf>,
    /// The sealed file to make or update [default: the one that the manifests name, or FILE.sealed.csv]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["check", "rotate", "open", "keygen"])]
    pub to: Option<PathBuf>,
    /// The header of the column of MIS values
    #[arg(long, value_name = "HEADER", default_value = "misId")]
    pub mis_id: String,
    /// Take out the rows of people that FILE doesn't have
    #[arg(long, conflicts_with_all = ["check", "rotate", "open", "keygen"])]
    pub prune: bool,
    /// Check sealed files; with a key also what is in them. Changes nothing
    #[arg(long, conflicts_with_all = ["rotate", "open", "keygen"])]
    pub check: bool,
    /// Seal every row again, for the recipients that rosterctl.yaml names now
    #[arg(long, conflicts_with_all = ["open", "keygen"])]
    pub rotate: bool,
    /// Show the sealed row of one user, on a terminal only
    #[arg(long, value_name = "MISID", conflicts_with_all = ["file", "keygen"])]
    pub open: Option<String>,
    /// Make a key, and print the public key for `seal.recipients`
    #[arg(long)]
    pub keygen: bool,
}
