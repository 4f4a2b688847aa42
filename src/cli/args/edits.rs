//! Flags of the commands that change manifests in place.

use clap::Args;

use crate::cli::args::shared::{JournalArgs, ServerArgs};
use crate::domain::Selector;
use crate::domain::field::{FIELDS, Key};

#[derive(Args, Debug)]
pub struct AcceptArgs {
    /// The users, named as for `plan --only`: by MIS value, `classroom:NAME`, `assessor:MISID`, `role:learner` or `file:GLOB`
    #[arg(
        value_name = "WHO",
        value_parser = Selector::of,
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub who: Vec<Selector>,
    /// Leave these users out, named in the same way
    #[arg(long, value_name = "WHO", value_parser = Selector::of)]
    pub exclude: Vec<Selector>,
    /// Only this field; repeat it for several
    #[arg(long, value_name = "FIELD", value_parser = sent_field)]
    pub field: Vec<Key>,
    /// Take over every value that differs, of every user
    #[arg(long)]
    pub all: bool,
    /// Leave what this change edits: compare with the newest common ancestor of REF and HEAD
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// Refuse if more than N values differ
    #[arg(long, value_name = "N", default_value_t = 25)]
    pub max: usize,
    /// Write without asking
    #[arg(long)]
    pub auto_approve: bool,
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub journal: JournalArgs,
}

/// A field that OneFile keeps.
fn sent_field(name: &str) -> Result<Key, String> {
    let sent =
        |key: &Key| key.row().api.is_some() && !matches!(key, Key::Id | Key::MisId | Key::Role);
    Key::named(name).filter(sent).ok_or_else(|| {
        let fields = FIELDS.iter().map(|field| field.key).filter(sent);
        let names: Vec<&str> = fields.map(Key::name).collect();
        format!("the fields are {}", names.join(", "))
    })
}

#[derive(Args, Debug)]
pub struct ReassignArgs {
    /// The assessor whose learners move: a MIS value, or a role and a MIS value
    #[arg(value_name = "FROM")]
    pub from: String,
    /// The assessor who gets them; a manifest has to declare this user
    #[arg(value_name = "TO")]
    pub to: String,
    /// Move only these learners, named as for `plan --only`: by MIS value, `classroom:NAME` or `file:GLOB`. Repeat it to add more
    #[arg(long, value_name = "WHO", value_parser = Selector::of)]
    pub only: Vec<Selector>,
    /// Leave these learners where they are, named in the same way
    #[arg(long, value_name = "WHO", value_parser = Selector::of)]
    pub exclude: Vec<Selector>,
    /// Write without asking
    #[arg(long)]
    pub auto_approve: bool,
}
