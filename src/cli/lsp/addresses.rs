//! The addresses by which editors name files, `file:///home/ann/users/a.yaml`, and paths.

use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::apply::platform::HAS_DRIVES;

/// What is written as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The path that an address names; `None` if it names no file of this machine.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let decoded = percent_decode_str(rest).decode_utf8().ok()?;
    if HAS_DRIVES {
        // `/c:/Users`, or a share's `server/folder`.
        let drive = decoded.strip_prefix('/').filter(|rest| is_drive(rest));
        let path = drive.map_or_else(|| format!("//{decoded}"), str::to_owned);
        return Some(PathBuf::from(path.replace('/', "\\")));
    }
    decoded
        .starts_with('/')
        .then(|| PathBuf::from(decoded.as_ref()))
}

/// The address of a path.
pub(super) fn uri_of(path: &Path) -> String {
    let slashed = path.to_string_lossy().replace('\\', "/");
    let slashed = if HAS_DRIVES {
        windows_form(&slashed)
    } else {
        path.to_string_lossy().into_owned()
    };
    format!("file://{}", utf8_percent_encode(&slashed, ESCAPED))
}

/// `c:/Users` with a small letter, as editors write it, and a slash before it. The prefix of long paths goes.
fn windows_form(slashed: &str) -> String {
    let path = slashed.strip_prefix("//?/").unwrap_or(slashed);
    if !is_drive(path) {
        return path.trim_start_matches('/').to_owned();
    }
    let (drive, rest) = path.split_at(1);
    format!("/{}{rest}", drive.to_ascii_lowercase())
}

fn is_drive(path: &str) -> bool {
    let mut letters = path.chars();
    letters
        .next()
        .is_some_and(|drive| drive.is_ascii_alphabetic())
        && letters.next() == Some(':')
}

/// The path that leads to a file without links. A file that isn't there yet has the path of its folder.
pub(super) fn direct_path(path: &Path) -> PathBuf {
    if let Ok(direct) = path.canonicalize() {
        return direct;
    }
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => folder
            .canonicalize()
            .map_or_else(|_| path.to_owned(), |folder| folder.join(name)),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn an_address_is_read_back_as_its_path() {
        for path in ["/a b/ü/x%20.yaml", "/home/ann/users/a.yaml", "/#?&"] {
            let uri = uri_of(Path::new(path));
            assert!(uri.starts_with("file:///"), "{uri}");
            assert_eq!(path_of(&uri).as_deref(), Some(Path::new(path)), "{uri}");
        }
        assert_eq!(uri_of(Path::new("/a b/ü")), "file:///a%20b/%C3%BC");
        assert_eq!(path_of("untitled:Untitled-1"), None);
        assert_eq!(path_of("file://elsewhere/x"), None);
        assert_eq!(path_of("file:///a%FF"), None);
    }

    #[test]
    fn a_windows_path_is_as_editors_write_it() {
        assert_eq!(windows_form("//?/C:/Users/a"), "/c:/Users/a");
        assert_eq!(windows_form("//server/share/a"), "server/share/a");
    }
}
