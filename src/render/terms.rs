//! The words that rosterctl uses, in plain English: `explain` says what each means, and `docs/glossary.md` lists them all.

/// A word with its meaning.
pub struct Term {
    pub name: &'static str,
    /// Other forms in which people meet the word.
    also: &'static [&'static str],
    /// Plain sentences.
    pub meaning: &'static str,
    /// A place that says more: the text of a link, and where it leads from `docs`.
    pub see: Option<(&'static str, &'static str)>,
}

impl Term {
    /// The term of this name or of another form of it.
    pub(crate) fn named(word: &str) -> Option<&'static Self> {
        let is_word = |name: &&str| name.eq_ignore_ascii_case(word);
        TERMS
            .iter()
            .find(|term| is_word(&term.name) || term.also.iter().any(is_word))
    }
}

const fn term(name: &'static str, also: &'static [&'static str], meaning: &'static str) -> Term {
    Term {
        name,
        also,
        meaning,
        see: None,
    }
}

impl Term {
    const fn see(mut self, text: &'static str, link: &'static str) -> Self {
        self.see = Some((text, link));
        self
    }
}

/// In alphabetical order.
pub const TERMS: &[Term] = &[
    term("Account", &["accounts"], "A user's record in OneFile. It has a number. A person with two roles has two accounts."),
    term("Adopt", &[], "To pair the people of your MIS with accounts that exist. `rosterctl adopt` does it."),
    term("Age", &[], "The program and file format that encrypts sealed overlays. A public key seals a row, and a private key opens it.").see("sealed overlays", "sealed-overlays.md"),
    term("Apply", &[], "To make the changes that a plan shows."),
    term("Approve", &["approval"], "To look at a plan and agree to it.").see("For the person who approves", "review.md"),
    term("Archive", &["archives", "archived account"], "To put the account of a leaver away in OneFile. It frees a licence, and a learner's portfolio can only be read. An archived account can be brought back. rosterctl never deletes an account."),
    term("Artifact", &[], "A file that GitHub or GitLab keeps from a run, such as a plan or the journal."),
    term("Assignment", &["assignments", "assign"], "Something that OneFile gives a learner separately: a standard, a unit, a framework template, or a further member of staff."),
    term("Base", &[], "The point where your branch left another branch, such as `main`. `--base main` shows what your branch changes."),
    term("Branch", &[], "A line of commits with a name, such as `main`. A change is made on a branch of its own and merged after the review."),
    term("Cache", &[], "Files that GitHub or GitLab keeps from one run to the next, to save work. It may delete them at any time."),
    term("Canary", &[], "The first update of each role in an apply. rosterctl sends it by itself, and checks that nothing else has changed. If something has, it stops at that one account."),
    term("CI", &[], "Continuous integration: GitHub or GitLab runs commands for your repository by itself, such as a plan for each pull request.").see("In CI", "ci.md"),
    term("Class", &["public", "personal", "special"], "How sensitive a field is: `public`, `personal` or `special`. The class decides where rosterctl shows a value."),
    term("Classroom", &[], "OneFile's word for a group of learners."),
    term("Clone", &[], "A copy of a repository on a computer, with its whole history."),
    term("Commit", &[], "A saved state of the files in git, with its author, time and a title. You can go back to it."),
    term("Create", &["creates"], "To make a new account. OneFile e-mails its person, so rosterctl is careful: it never repeats a create that may have worked."),
    term("Declared", &["declare"], "Listed in your files. A user who is declared is managed. A value that is declared is the one that OneFile should have."),
    term("Digest", &["digests"], "A short code that rosterctl makes from a value and the customer token. Two equal values have the same digest. Without the token, nobody can test a guess. Somebody who has the token can, so a digest is still personal data."),
    term("Drift", &[], "A difference between your files and OneFile that your change hasn't made. Usually somebody has edited OneFile by hand. `rosterctl accept` takes it into your files."),
    term("Event", &[], "One line that `apply --format jsonl` prints for other programs."),
    term("Finding", &["findings"], "Something that `validate` has to say about a file: an error or a warning. Each has a code.").see("Findings", "reference/findings.md"),
    term("Framework template", &["template"], "A set of standards with units and dates in OneFile. A new learner can get one."),
    term("Hold", &["on hold", "held", "on-hold"], "A user is on hold if rosterctl isn't sure what to do. It does nothing for that user until you decide. The plan says why, and which line to write. It carries on with everyone else. Plans and JSON also say `held`."),
    term("ILR", &[], "The Individualised Learner Record: the data that providers return for funding. Some fields take its codes, such as ethnicity."),
    term("IQA", &[], "Internal quality assurer, one of OneFile's roles. OneFile also says IV."),
    term("Journal", &["journals"], "The file in which rosterctl notes what each apply was about to do and did.").see("the journal", "journal.md#the-journal"),
    term("Keychain", &["keychains"], "OneFile joins the accounts of one person in a keychain, by e-mail address. The person logs in with the address of the keychain. If you change the e-mail address of an account, the keychain keeps the old one: the person logs in with the old e-mail. A centre manager has to unlink it in OneFile. When an account is created, it joins a keychain, and OneFile e-mails the person."),
    term("Ledger", &[], "The list of all accounts that rosterctl has ever seen. With it, rosterctl notices that somebody who seems new had an account.").see("the ledger", "journal.md#the-ledger"),
    term("Live", &["live account"], "The accounts as OneFile has them now. Also the name of OneFile's real server, beside *practice* and *beta*."),
    term("Managed", &["no longer managed", "unmanaged"], "rosterctl manages what your files list, and nothing else. A field that you leave out isn't managed."),
    term("Manifest", &["manifests"], "A YAML file in `users/` that lists people, or placements and classrooms.").see("the files", "manifests.md"),
    term("MIS", &[], "Management information system: the college's own database of learners."),
    term("MIS value", &["MIS values"], "What plans call a reference: the key that your MIS gives a person. In files it is called `misId`.").see("Reference", "#reference"),
    term("NINO", &[], "National insurance number. rosterctl treats it as special category data."),
    term("Overlay", &["overlays"], "A CSV or a sheet that adds fields to people in other files. It adds nobody. It can be outside git.").see("personal data out of git", "spreadsheets.md#personal-data-out-of-git"),
    term("Pin", &["pinned"], "To say with `id` which account is a user's."),
    term("Placement", &[], "OneFile's word for an employer's workplace."),
    term("Plan", &[], "The list of changes that would make OneFile as your files say. A plan changes nothing."),
    term("Policy", &[], "The part of `rosterctl.yaml` that limits what one apply may do."),
    term("Project", &[], "A folder with `rosterctl.yaml`. It is for one organisation."),
    term("Provider", &[], "A training provider in OneFile."),
    term("Pull request", &["merge request"], "A proposal to merge a branch, which somebody reviews. GitLab calls it a merge request."),
    term("Readings", &["reading"], "What plans remember of each account: digests, no values. With them, the next plan opens fewer accounts.").see("what plans remember", "scale.md#what-plans-remember"),
    term("Recipient", &["recipients"], "Somebody who can open a sealed overlay with a private key."),
    term("Reference", &["learner reference"], "The key that your MIS gives a person, such as a learner reference, student ID or staff number. In files it is called `misId`, and plans call it *MIS value*. It says who a user is. Placements and classrooms can also have one."),
    term("Rehearse", &["rehearsal", "rehearsed"], "To try a plan on a copy of your accounts with invented people. `rosterctl rehearse` does it."),
    term("Repository", &[], "The folder that git looks after, with its history. A project is in one."),
    term("Roster", &[], "All users of your files together."),
    term("Runner", &[], "The computer on which CI runs its commands."),
    term("Sandbox", &[], "A simulated OneFile that is built into rosterctl. Nothing there reaches OneFile, and nobody is e-mailed.").see("the sandbox", "sandbox.md"),
    term("Schema", &[], "A file that tells an editor what may be written where.").see("In the editor", "editor.md"),
    term("Sealed", &["seal", "sealed overlay"], "Encrypted so that only recipients can read it. A sealed overlay can be in git."),
    term("Settle", &[], "To tell rosterctl if a change has happened that OneFile didn't confirm. `rosterctl settle` does it."),
    term("Special category data", &["special data"], "Data that the law protects most, such as ethnicity and health. rosterctl's class `special` also has the national insurance number and sex."),
    term("Standard", &[], "What a learner works towards in OneFile."),
    term("Target", &[], "The server that a project is for: `live`, `practice`, `beta` or `sandbox`."),
    term("Token", &["customer token"], "The customer token of OneFile: a password for programs. It can read and change everything of your organisation. OneFile's support gives it out."),
    term("ULN", &[], "Unique learner number: ten digits. 9999999999 stands for one that isn't known yet."),
    term("Unclear", &["unconfirmed"], "OneFile didn't answer, so nobody knows if a change has happened. Look in OneFile, and use `rosterctl settle`."),
    term("User", &[], "A person in your files, in one role."),
    term("Workflow", &[], "A file that says what CI runs, and when."),
];
