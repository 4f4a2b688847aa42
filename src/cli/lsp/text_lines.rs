//! Lines and columns as editors count them, of bytes, and the other way round.

use crate::cli::lsp::messages::{BufferChange, ColumnUnit, EditorPosition, EditorRange};

/// A text with the places where its lines begin.
pub(super) struct TextLines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    unit: ColumnUnit,
}

impl<'t> TextLines<'t> {
    pub(super) fn new(text: &'t str, unit: ColumnUnit) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            let is_end = *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
            if is_end {
                starts.push(at + 1);
            }
        }
        Self { text, starts, unit }
    }

    /// The place of a byte. One within a character counts as the character's first.
    pub(super) fn position(&self, byte: usize) -> EditorPosition {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= byte) - 1;
        let before = &self.text[self.starts[line]..byte];
        EditorPosition {
            line: in_protocol(line),
            column: in_protocol(self.columns(before)),
        }
    }

    pub(super) fn range(&self, start: usize, end: usize) -> EditorRange {
        EditorRange {
            start: self.position(start),
            end: self.position(end.max(start)),
        }
    }

    /// The byte of a place. A column behind the end of its line is that end, and a line behind the last one the end of the text.
    pub(super) fn byte(&self, position: EditorPosition) -> usize {
        let Some(start) = self.starts.get(position.line as usize) else {
            return self.text.len();
        };
        let mut columns = 0;
        let line = self.line(*start);
        for (at, letter) in line.char_indices() {
            columns += self.columns(letter.encode_utf8(&mut [0; 4]));
            if columns > position.column as usize {
                return start + at;
            }
        }
        start + line.len()
    }

    /// The line that begins at a byte, without its end.
    fn line(&self, start: usize) -> &'t str {
        let rest = &self.text[start..];
        rest.split(['\r', '\n']).next().unwrap_or_default()
    }

    fn columns(&self, text: &str) -> usize {
        match self.unit {
            ColumnUnit::Utf8 => text.len(),
            ColumnUnit::Utf16 => text.chars().map(char::len_utf16).sum(),
        }
    }
}

/// A text after changes of an editor, in their order.
pub(super) fn changed(text: &str, changes: &[BufferChange], unit: ColumnUnit) -> String {
    let mut text = text.to_owned();
    for change in changes {
        let Some(range) = change.range else {
            text.clone_from(&change.text);
            continue;
        };
        let lines = TextLines::new(&text, unit);
        let start = lines.byte(range.start);
        let end = lines.byte(range.end).max(start);
        text.replace_range(start..end, &change.text);
    }
    text
}

/// The protocol counts in 32 bits; texts are shorter.
fn in_protocol(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a: Zoë\r\nb: 👩‍🎓x\rc\n";

    #[test]
    fn a_place_is_found_again_in_both_units() {
        for unit in [ColumnUnit::Utf8, ColumnUnit::Utf16] {
            let lines = TextLines::new(TEXT, unit);
            for (byte, _) in TEXT.char_indices() {
                let is_line_end = TEXT[byte..].starts_with('\n') && TEXT[..byte].ends_with('\r');
                if !is_line_end {
                    assert_eq!(lines.byte(lines.position(byte)), byte, "{unit:?} {byte}");
                }
            }
            assert_eq!(lines.byte(lines.position(TEXT.len())), TEXT.len());
        }
    }

    #[test]
    fn columns_are_counted_in_the_unit() {
        let at = TEXT.find('x').unwrap();
        let column = |unit| TextLines::new(TEXT, unit).position(at).column;
        assert_eq!(column(ColumnUnit::Utf16), 3 + 5);
        assert_eq!(column(ColumnUnit::Utf8), 3 + 11);
    }

    #[test]
    fn places_that_no_text_has_are_its_ends() {
        let lines = TextLines::new("ab\ncd", ColumnUnit::Utf16);
        let at = |line, column| lines.byte(EditorPosition { line, column });
        assert_eq!(at(0, 99), 2);
        assert_eq!(at(9, 0), 5);
        assert_eq!(lines.position(99).line, 1);
    }

    #[test]
    fn changes_are_made_in_their_order() {
        let change = |from: (u32, u32), to: (u32, u32), text: &str| BufferChange {
            range: Some(EditorRange {
                start: EditorPosition {
                    line: from.0,
                    column: from.1,
                },
                end: EditorPosition {
                    line: to.0,
                    column: to.1,
                },
            }),
            text: text.to_owned(),
        };
        let changes = [
            change((0, 5), (0, 6), "e"),
            change((1, 0), (9, 9), ""),
            change((7, 7), (0, 0), "!"),
        ];
        assert_eq!(changed(TEXT, &changes, ColumnUnit::Utf16), "a: Zoe\r\n!");
    }
}
