//! Decides which values an output may show. The class of the field decides this, never a search for personal text.

use std::ops::Range;

use crate::domain::field::{Class, Key};

/// The highest class of values that an output shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reveal {
    #[default]
    Public,
    Personal,
    Special,
}

impl Reveal {
    /// Whether values of this class may be shown.
    pub fn shows(self, class: Class) -> bool {
        match class {
            Class::Public => true,
            Class::Personal => self >= Self::Personal,
            Class::Special => self >= Self::Special,
        }
    }
}

/// The text, unless it is an e-mail address, which is personal in any field.
pub fn open_text(text: &str) -> Option<&str> {
    (!text.contains('@')).then_some(text)
}

/// A MIS value, if it may be shown. Some people write an e-mail address as one, which is personal.
pub fn open_key(mis_id: &str, reveal: Reveal) -> Option<&str> {
    if reveal.shows(Class::Personal) {
        Some(mis_id)
    } else {
        open_text(mis_id)
    }
}

/// Replaces the name of any field of class special in JSON.
pub const SPECIAL: &str = "special";
/// Replaces it in text for people.
pub const SPECIAL_DATA: &str = "special data";

/// Whether even the name of a field is hidden. This is so for class special in output that everybody may read.
pub fn hides_name(key: Key, reveal: Reveal) -> bool {
    match key.row().class {
        Class::Special => reveal == Reveal::Public,
        Class::Public | Class::Personal => false,
    }
}

/// The names of fields, in their order, each once. Fields whose name is hidden share one name. It comes last, so that its
/// position doesn't show which fields they are.
pub fn field_names(
    keys: impl IntoIterator<Item = Key>,
    reveal: Reveal,
    hidden: &'static str,
) -> Vec<&'static str> {
    let mut names = Vec::new();
    let mut has_hidden = false;
    for key in keys {
        if hides_name(key, reveal) {
            has_hidden = true;
        } else {
            names.push(key.name());
        }
    }
    if has_hidden {
        names.push(hidden);
    }
    names
}

/// The names of fields in a JSON document, which everybody may read.
pub fn open_names(keys: impl IntoIterator<Item = Key>) -> Vec<&'static str> {
    field_names(keys, Reveal::Public, SPECIAL)
}

/// The names of fields in words that everybody may read.
pub fn public_names(keys: impl IntoIterator<Item = Key>) -> Vec<&'static str> {
    field_names(keys, Reveal::Public, SPECIAL_DATA)
}

/// The name of one field in a JSON document.
pub fn open_name(key: Key) -> &'static str {
    if hides_name(key, Reveal::Public) {
        SPECIAL
    } else {
        key.name()
    }
}

/// A text in which `…` replaces everything that may not be shown, line by line. It also maps offsets between the two texts.
#[derive(Debug)]
pub struct Masked {
    pub text: String,
    /// The old and the new range of each replacement, in order.
    edits: Vec<(Range<usize>, Range<usize>)>,
}

const MASK: &str = "…";

/// Masks a text except for the given ranges and the punctuation of YAML. The ranges must be sorted and must not overlap.
pub fn mask(text: &str, shown: &[Range<usize>]) -> Masked {
    let mut masked = Masked {
        text: String::with_capacity(text.len()),
        edits: Vec::new(),
    };
    let mut end = 0;
    for range in shown {
        // Characters that could control a terminal are masked even if the text may be shown.
        if text[range.clone()].contains(is_steering) {
            continue;
        }
        masked.push_gap(text, end..range.start);
        masked.text.push_str(&text[range.clone()]);
        end = range.end;
    }
    masked.push_gap(text, end..text.len());
    masked
}

impl Masked {
    fn push_gap(&mut self, text: &str, gap: Range<usize>) {
        let mut offset = gap.start;
        for line in text[gap].split_inclusive('\n') {
            let hidden = line.trim_matches(is_structure);
            if hidden.is_empty() {
                self.text.push_str(line);
            } else {
                let before = line.len() - line.trim_start_matches(is_structure).len();
                let after = before + hidden.len();
                self.text.push_str(&line[..before]);
                let start = self.text.len();
                self.text.push_str(MASK);
                self.edits
                    .push((offset + before..offset + after, start..self.text.len()));
                self.text.push_str(&line[after..]);
            }
            offset += line.len();
        }
    }

    /// The new range of an old one. A replacement that it touches is included as a whole, so that the range shows no length.
    pub fn range(&self, old: Range<usize>) -> Range<usize> {
        let end = if old.is_empty() {
            self.place(old.start, |new| new.start)
        } else {
            self.place(old.end, |new| new.end)
        };
        self.place(old.start, |new| new.start)..end
    }

    /// The old offset of a new one. For an offset inside a replacement, this is where the replaced text began.
    pub fn origin(&self, new: usize) -> usize {
        let next = self.edits.partition_point(|(_, to)| to.start <= new);
        match next.checked_sub(1).map(|index| &self.edits[index]) {
            None => new,
            Some((from, to)) if new < to.end => from.start,
            Some((from, to)) => new - to.end + from.end,
        }
    }

    fn place(&self, old: usize, side: fn(&Range<usize>) -> usize) -> usize {
        let next = self.edits.partition_point(|(from, _)| from.start < old);
        let Some((from, to)) = next.checked_sub(1).map(|index| &self.edits[index]) else {
            return old;
        };
        if old < from.end {
            side(to)
        } else {
            old - from.end + to.end
        }
    }
}

fn is_steering(c: char) -> bool {
    steers(c) && !matches!(c, '\n' | '\r' | '\t')
}

/// Whether a character could control a terminal or change the direction of the text around it.
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_structure(c: char) -> bool {
    !is_steering(c) && (c.is_whitespace() || "-:,[]{}\"'#|>\u{feff}".contains(c))
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn what_is_not_shown_is_masked_without_its_length() {
        let text = "- firstName: Aisha Maria\n  misId: L-1 # Aisha\n";
        let shown = [2..11, 27..32, 34..37];
        let masked = mask(text, &shown);
        assert_eq!(masked.text, "- firstName: …\n  misId: L-1 # …\n");
        assert_eq!(&masked.text[masked.range(13..24)], "…");
        assert_eq!(&masked.text[masked.range(34..37)], "L-1");
        assert_eq!(masked.origin(masked.range(13..24).start), 13);
        assert_eq!(masked.origin(masked.range(34..37).start), 34);
    }
}
