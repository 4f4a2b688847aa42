//! Files that git stores in another form than they have in the work tree. Only git's filters turn them back. rosterctl doesn't
//! run those, because they are commands that a repository's settings name. So it recognises such a file by its first bytes.

/// The tool that stores a file in another form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GitFilter {
    GitCrypt,
    Lfs,
}

/// The first bytes of files as each tool stores them.
const FIRST_BYTES: &[(&[u8], GitFilter)] = &[
    (b"\0GITCRYPT\0", GitFilter::GitCrypt),
    (b"version https://git-lfs.github.com/spec/", GitFilter::Lfs),
    (b"version https://hawser.github.com/spec/", GitFilter::Lfs),
];

impl GitFilter {
    /// The tool that stored these bytes. `None` if they are the file itself.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let known = FIRST_BYTES
            .iter()
            .find(|(first, _)| bytes.starts_with(first));
        known.map(|(_, filter)| *filter)
    }

    /// What such a file is, behind its name.
    pub fn words(self) -> &'static str {
        match self {
            Self::GitCrypt => "is encrypted by git-crypt",
            Self::Lfs => "is a pointer of Git LFS, not the file itself",
        }
    }

    /// How to have the file itself in git.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::GitCrypt => {
                "keep it out of git-crypt (take its line out of .gitattributes, and commit it again)"
            }
            Self::Lfs => "keep it out of Git LFS (`git lfs untrack`, and commit it again)",
        }
    }
}
