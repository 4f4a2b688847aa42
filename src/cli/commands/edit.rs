//! What the commands that change manifests share: they read the files, show how each would change, ask and write.

use std::fmt::Write;
use std::path::Path;

use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::pipeline::PlanInput;
use crate::domain::Roster;
use crate::project::declared_places::DeclaredPlaces;
use crate::project::load::ProjectFolder;
use crate::project::rewrite::{Rewrite, Rewriting, Wanted};
use crate::project::settings::Project;
use crate::project::write_back::{GitCopy, git_copies, refuse_links, write_back};
use crate::render::{self, TextOf};

/// The files of a project, as they declare its roster.
pub(crate) struct ReadFiles<'r> {
    folder: ProjectFolder<'r>,
    project: &'r Project,
    roster: &'r Roster,
    pub(crate) places: DeclaredPlaces,
}

impl<'r> ReadFiles<'r> {
    pub(crate) fn read(
        context: &'r Context<'_>,
        input: &'r PlanInput,
    ) -> Result<Self, CommandError> {
        Self::of(context, &input.project, &input.roster)
    }

    pub(crate) fn of(
        context: &'r Context<'_>,
        project: &'r Project,
        roster: &'r Roster,
    ) -> Result<Self, CommandError> {
        let folder = context.project_folder();
        let places = DeclaredPlaces::read(folder, project)?;
        if places.number_of_users() != roster.users().len() {
            return Err(CommandError::Refused(
                "Nothing was written.\nThe files changed while the accounts were read. Run the command again."
                    .to_owned(),
            ));
        }
        Ok(Self {
            folder,
            project,
            roster,
            places,
        })
    }

    /// The texts that declare what is wanted.
    pub(crate) fn rewrite(&self, wanted: Wanted) -> Result<Rewrite, CommandError> {
        let rewriting = Rewriting {
            folder: self.folder,
            project: self.project,
            places: &self.places,
            roster: self.roster,
        };
        Ok(rewriting.run(wanted)?)
    }
}

/// What a person is asked, and whether the command line has answered.
pub(crate) struct EditWords<'w> {
    /// The question after `Do you want to `: `take 3 values of OneFile into`. Behind it stands `2 files?`
    pub(crate) what: &'w str,
    pub(crate) auto_approve: bool,
}

/// Shows how the files change, asks, and writes them.
pub(crate) fn show_and_write(
    context: &Context<'_>,
    files: &ReadFiles<'_>,
    rewrite: &Rewrite,
    words: &EditWords<'_>,
) -> Result<(), CommandError> {
    let dir = files.folder.dir;
    refuse_links(dir, &files.places, rewrite)?;
    context.ui.print(&differences(context, rewrite))?;
    let copies = git_copies(dir, &files.places, rewrite);
    context.ui.print(&without_copy(files, rewrite, &copies))?;
    let number = render::count(rewrite.files.len(), "file", "files");
    if !words.auto_approve {
        if !context.ui.asks() {
            return Err(CommandError::Refused(format!(
                "Nothing was written.\nNobody can be asked here; `--auto-approve` would {} {number}.",
                words.what
            )));
        }
        let question = format!("\nDo you want to {} {number}?", words.what);
        if !context.ui.confirm(&question) {
            return Err(CommandError::Refused("Nothing was written.".to_owned()));
        }
    }
    write_back(&files.places, rewrite)?;
    context.ui.print(&format!("\nChanged {number}.\n"))?;
    context.ui.print(&undo(context, files, rewrite, &copies))?;
    Ok(())
}

fn differences(context: &Context<'_>, rewrite: &Rewrite) -> String {
    let mut text = String::new();
    for file in &rewrite.files {
        let before = TextOf {
            sources: &rewrite.before,
            file: file.before,
        };
        let after = TextOf {
            sources: &rewrite.after,
            file: file.after,
        };
        text.push('\n');
        text.push_str(&render::file_difference(before, after, context.ui.reveal));
    }
    text
}

/// A warning for each file that git can't bring back as it is; empty if it can bring back all.
fn without_copy(files: &ReadFiles<'_>, rewrite: &Rewrite, copies: &[GitCopy]) -> String {
    let mut text = String::new();
    for (file, copy) in rewrite.files.iter().zip(copies) {
        let name = render::shown(&files.places.files[file.index].name);
        let why = match copy {
            GitCopy::Committed => continue,
            GitCopy::Older => {
                "has edits that aren't committed; commit them first to be able to go back"
            }
            GitCopy::Missing => "isn't in git, so git can't bring it back; keep a copy of it",
        };
        let _ = write!(text, "\nwarning: {name} {why}\n");
    }
    text
}

/// The command that takes the change back, if git can do that.
fn undo(
    context: &Context<'_>,
    files: &ReadFiles<'_>,
    rewrite: &Rewrite,
    copies: &[GitCopy],
) -> String {
    let mut names = Vec::new();
    for (file, copy) in rewrite.files.iter().zip(copies) {
        if *copy == GitCopy::Committed {
            let name = render::shown(&files.places.files[file.index].name);
            names.push(if name.contains(' ') {
                format!("\"{name}\"")
            } else {
                name
            });
        }
    }
    if names.is_empty() {
        return String::new();
    }
    let folder = if context.dir == Path::new(".") {
        String::new()
    } else {
        format!(" -C {}", render::shown(&context.dir.display().to_string()))
    };
    let names = names.join(" ");
    format!("`git{folder} checkout -- {names}` takes this back.\n")
}
