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
    use std::ops::Range;

    use super::{Reveal, SPECIAL, field_names, mask, open_key, open_name, open_text, steers};
    use crate::domain::field::{Class, Key};

    /// What is left of a text in which only this range may be shown.
    fn shown_in(text: &str, range: Range<usize>) -> String {
        mask(text, &[range, text.len()..text.len()]).text
    }

    const EVERY: [Reveal; 3] = [Reveal::Public, Reveal::Personal, Reveal::Special];

    #[test]
    fn each_level_shows_its_class_and_the_classes_below_it() {
        for (class, shown) in [
            (Class::Public, [true, true, true]),
            (Class::Personal, [false, true, true]),
            (Class::Special, [false, false, true]),
        ] {
            assert_eq!(EVERY.map(|reveal| reveal.shows(class)), shown, "{class:?}");
        }
        assert_eq!(Reveal::default(), Reveal::Public);
    }

    #[test]
    fn an_address_is_shown_only_where_personal_values_are() {
        for address in ["ann@example.ac.uk", "@", "L-1@"] {
            assert_eq!(open_text(address), None);
            let shown = EVERY.map(|reveal| open_key(address, reveal));
            assert_eq!(shown, [None, Some(address), Some(address)]);
        }
        for key in ["L-1", "", "ann.example"] {
            assert_eq!(EVERY.map(|reveal| open_key(key, reveal)), [Some(key); 3]);
        }
    }

    #[test]
    fn special_fields_share_one_name_that_comes_last_where_everybody_reads() {
        let keys = [Key::Nino, Key::Email, Key::Ethnicity, Key::Classroom];
        let names = |reveal| field_names(keys, reveal, "hidden");
        assert_eq!(names(Reveal::Public), ["email", "classroom", "hidden"]);
        let all = ["nino", "email", "ethnicity", "classroom"];
        assert_eq!(names(Reveal::Personal), all);
        assert_eq!(names(Reveal::Special), all);
        assert_eq!(
            field_names([Key::Email], Reveal::Public, "hidden"),
            ["email"]
        );
        assert_eq!(
            [Key::Nino, Key::Email, Key::Role].map(open_name),
            [SPECIAL, "email", "role"]
        );
    }

    #[test]
    fn characters_that_steer_a_terminal_are_masked_though_their_text_is_shown() {
        for steering in [
            "\u{1b}[2J",
            "\u{7}",
            "\u{202e}",
            "\u{200f}",
            "\u{2066}",
            "\u{9b}",
            "\u{b}",
            "\u{85}",
        ] {
            assert!(steering.chars().any(steers), "{steering:?}");
            let text = format!("name: Ann{steering}\n");
            let masked = mask(&text, &[0..4, 6..text.len() - 1]);
            assert_eq!(masked.text, "name: …\n", "{steering:?}");
            // Some of them are blanks, too, and so is what YAML puts between values.
            let text = format!("name: {steering}\n");
            assert_eq!(shown_in(&text, 0..4), "name: …\n", "{steering:?}");
        }
        // Line ends and tabs are part of every text.
        for plain in ["\n", "\r\n", "\t"] {
            let text = format!("a:{plain}b");
            assert_eq!(shown_in(&text, 0..text.len()), text);
            assert_eq!(shown_in(&text, 0..1), format!("a:{plain}…"));
        }
    }

    #[test]
    fn ranges_lead_to_the_masked_text_and_back() {
        let text = "a: Ann\nb: Bea Birdwhistle\nc: 1";
        let masked = mask(text, &[0..1, 7..8, 26..27, 29..30]);
        assert_eq!(masked.text, "a: …\nb: …\nc: 1");
        for (old, shown) in [
            (0..1, "a"),
            (3..6, "…"),
            (4..5, "…"),
            (2..3, " "),
            (2..4, " …"),
            (5..8, "…\nb"),
            (6..7, "\n"),
            (7..8, "b"),
            (10..13, "…"),
            (14..25, "…"),
            (25..27, "\nc"),
            (29..30, "1"),
            (0..30, "a: …\nb: …\nc: 1"),
        ] {
            assert_eq!(&masked.text[masked.range(old.clone())], shown, "{old:?}");
        }
        // An empty range is a place: within a mask it is where that begins, and behind it stays behind.
        let mask_ends = masked.text.find("…\nb").unwrap() + "…".len();
        for (old, new) in [(0, 0), (3, 3), (4, 3), (6, mask_ends), (7, mask_ends + 1)] {
            assert_eq!(masked.range(old..old), new..new, "{old}");
        }
        for (new, old) in [
            (0, 0),
            (3, 3),
            (4, 3),
            (5, 3),
            (mask_ends, 6),
            (mask_ends + 1, 7),
        ] {
            assert_eq!(masked.origin(new), old, "{new}");
        }
        let last = masked.text.len() - 1;
        assert_eq!(masked.origin(last), text.len() - 1);
    }

    #[test]
    fn each_line_of_what_is_not_shown_has_a_mask_of_its_own() {
        let text = "a: |\n  Ann\n  Bea Birdwhistle\nc: 1";
        let masked = mask(text, &[0..1, 29..30, 32..33]);
        assert_eq!(masked.text, "a: |\n  …\n  …\nc: 1");
        for (old, shown) in [(7..10, "…"), (13..16, "…"), (17..29, "…\n"), (29..30, "c")] {
            assert_eq!(&masked.text[masked.range(old.clone())], shown, "{old:?}");
        }
    }

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
