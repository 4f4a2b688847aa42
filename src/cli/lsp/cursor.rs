//! What stands at a place of a YAML text, as far as its lines tell. A text that is half typed has no tree, and its lines say
//! enough: which key a value belongs to, and where the value begins and ends.

use std::ops::Range;

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The keys that lead there, the outermost first. The last is the key itself, or that of the value.
    pub(super) keys: Vec<String>,
    pub(super) is_key: bool,
    /// Where the key or the value stands, with its quotes.
    pub(super) range: Range<usize>,
    /// Without quotes.
    pub(super) text: String,
}

impl Cursor {
    /// What stands at a byte of a text; `None` within a comment.
    pub(super) fn at(text: &str, byte: usize) -> Option<Self> {
        let start = text.get(..byte)?.rfind('\n').map_or(0, |at| at + 1);
        let rest = &text[start..];
        let line = rest.split(['\r', '\n']).next().unwrap_or_default();
        let begin = LineBegin::of(line);
        let mut scan = LineScan::new(line, begin.content);
        let found = scan.find(byte - start)?;
        let mut keys = outer_keys(&text[..start], &begin);
        keys.extend(found.keys);
        let range = start + found.range.start..start + found.range.end;
        Some(Self {
            keys,
            is_key: found.is_key,
            text: without_quotes(&text[range.clone()]),
            range,
        })
    }
}

/// The marks at the beginning of a line.
struct LineBegin {
    /// The column of the first mark of an item.
    dash: Option<usize>,
    /// The column of what comes after the marks.
    content: usize,
}

impl LineBegin {
    fn of(line: &str) -> Self {
        let mut dash = None;
        let mut at = line.len() - line.trim_start_matches(' ').len();
        while line[at..].starts_with("- ") || &line[at..] == "-" {
            dash = dash.or(Some(at));
            let rest = &line[at + 1..];
            at = line.len() - rest.trim_start_matches(' ').len();
        }
        Self { dash, content: at }
    }
}

/// The keys of the lines above, which the line that begins so is below of.
fn outer_keys(above: &str, begin: &LineBegin) -> Vec<String> {
    let mut keys = Vec::new();
    let (mut limit, mut is_list) = match begin.dash {
        Some(dash) => (dash, true),
        None => (begin.content, false),
    };
    for line in above.lines().rev() {
        let trimmed = line.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if line.starts_with("---") || (limit == 0 && !is_list) {
            break;
        }
        let outer = LineBegin::of(line);
        let is_parent = outer.content < limit || (is_list && outer.content == limit);
        let is_same = !is_list && outer.content == limit && outer.dash.is_some();
        if is_parent {
            let Some(key) = first_key(line, outer.content) else {
                continue;
            };
            keys.push(key);
        }
        if is_parent || is_same {
            (limit, is_list) = match outer.dash {
                Some(dash) => (dash, true),
                None => (outer.content, false),
            };
        }
    }
    keys.reverse();
    keys
}

/// The key that a line begins with.
fn first_key(line: &str, content: usize) -> Option<String> {
    let piece = LineScan::new(line, content).piece()?;
    piece.is_key.then(|| without_quotes(&line[piece.range]))
}

/// A key or a value within a line.
struct LinePiece {
    range: Range<usize>,
    is_key: bool,
    keys: Vec<String>,
}

/// Reads the keys and values of a line from the left.
struct LineScan<'t> {
    line: &'t str,
    begin: usize,
    at: usize,
    /// For each open bracket, the key before it.
    open: Vec<Option<String>>,
    /// The key of the value that comes next.
    key: Option<String>,
}

impl<'t> LineScan<'t> {
    fn new(line: &'t str, at: usize) -> Self {
        Self {
            line,
            begin: at,
            at,
            open: Vec::new(),
            key: None,
        }
    }

    /// What stands at a column; an empty value if there is nothing yet.
    fn find(&mut self, column: usize) -> Option<LinePiece> {
        let mut before = self.keys();
        while self.at <= column {
            before = self.keys();
            let is_comment = self.skip_blanks() && self.line[self.at..].starts_with('#');
            if is_comment && self.at <= column {
                return None;
            }
            if self.at > column || self.at == self.line.len() {
                break;
            }
            let piece = self.piece();
            let holds =
                |piece: &LinePiece| piece.range.start <= column && column <= piece.range.end;
            if let Some(piece) = piece.filter(holds) {
                return Some(piece);
            }
        }
        Some(LinePiece {
            range: column..column,
            is_key: false,
            keys: before,
        })
    }

    /// The keys round the next value, with its own.
    fn keys(&self) -> Vec<String> {
        let open = self.open.iter().flatten();
        open.chain(&self.key).cloned().collect()
    }

    /// Passes over blanks. Whether a comment may begin here.
    fn skip_blanks(&mut self) -> bool {
        let rest = &self.line[self.at..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        self.at += blanks;
        blanks > 0 || self.at == self.begin
    }

    /// The next key or value, or `None` after a sign.
    fn piece(&mut self) -> Option<LinePiece> {
        self.skip_blanks();
        let rest = &self.line[self.at..];
        let first = rest.chars().next()?;
        match first {
            '{' | '[' => {
                self.open.push(self.key.take());
                self.at += 1;
                return None;
            }
            '}' | ']' if !self.open.is_empty() => {
                self.key = self.open.pop().flatten();
                self.at += 1;
                return None;
            }
            ',' if !self.open.is_empty() => {
                self.key = None;
                self.at += 1;
                return None;
            }
            _ => {}
        }
        let length = match first {
            '"' | '\'' => quoted_length(rest, first),
            _ => plain_length(rest, !self.open.is_empty()),
        };
        let range = self.at..self.at + length.max(first.len_utf8());
        self.at = range.end;
        let after = self.line[self.at..].trim_start_matches(' ');
        let is_key = after
            .strip_prefix(':')
            .is_some_and(|value| value.is_empty() || value.starts_with([' ', '\t', ',', '}']));
        if is_key {
            self.at = self.line.len() - after.len() + 1;
            self.key = Some(without_quotes(&self.line[range.clone()]));
        }
        Some(LinePiece {
            range,
            is_key,
            keys: self.keys(),
        })
    }
}

/// How long a scalar in quotes is, with them; to the end of the line if they aren't closed.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if quote == '"' && letter == '\\' {
            letters.next();
        } else if letter == quote {
            let is_doubled =
                quote == '\'' && letters.peek().is_some_and(|(_, next)| *next == quote);
            if !is_doubled {
                return at + 1;
            }
            letters.next();
        }
    }
    text.trim_end().len()
}

/// How long a scalar without quotes is.
fn plain_length(text: &str, is_in_brackets: bool) -> usize {
    let mut end = text.len();
    for (at, letter) in text.char_indices() {
        let rest = &text[at + letter.len_utf8()..];
        let ends_brackets = is_in_brackets && matches!(letter, ',' | '[' | ']' | '{' | '}');
        let is_colon = letter == ':'
            && (rest.is_empty()
                || rest.starts_with([' ', '\t'])
                || (is_in_brackets && rest.starts_with([',', '}'])));
        let is_comment = matches!(letter, ' ' | '\t') && rest.starts_with('#');
        if ends_brackets || is_colon || is_comment {
            end = at;
            break;
        }
    }
    text[..end].trim_end().len()
}

/// A scalar without its quotes, of which the last may not be typed yet.
fn without_quotes(written: &str) -> String {
    let Some(quote) = written
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''))
    else {
        return written.to_owned();
    };
    let inner = &written[1..];
    let inner = inner.strip_suffix(quote).unwrap_or(inner);
    if quote == '\'' {
        inner.replace("''", "'")
    } else {
        inner.replace("\\\"", "\"").replace("\\\\", "\\")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys and the text at `¦`.
    fn at(text: &str) -> Option<(String, String, bool)> {
        let byte = text.find('¦').unwrap();
        let cursor = Cursor::at(&text.replace('¦', ""), byte)?;
        Some((cursor.keys.join("/"), cursor.text, cursor.is_key))
    }

    #[test]
    fn lines_say_which_key_a_value_belongs_to() {
        for (text, keys, value, is_key) in [
            ("users:\n  - misId: L-¦1\n", "users/misId", "L-1", false),
            (
                "users:\n- misId: L-1\n  ro¦le: x\n",
                "users/role",
                "role",
                true,
            ),
            (
                "users:\n  - a: 1\n\n    classroom: ¦\n",
                "users/classroom",
                "",
                false,
            ),
            (
                "users:\n  - a: 1\n    classroom: \"Ro¦\n",
                "users/classroom",
                "Ro",
                false,
            ),
            (
                "users:\n  - { a: 1, classroom: Room ¦A }",
                "users/classroom",
                "Room A",
                false,
            ),
            (
                "users:\n  - { standards: [Bakery, ¦] }",
                "users/standards",
                "",
                false,
            ),
            (
                "users:\n  - standards:\n      - Bak¦\n",
                "users/standards",
                "Bak",
                false,
            ),
            (
                "users:\n  - standards:\n    - Bak¦\n",
                "users/standards",
                "Bak",
                false,
            ),
            (
                "users:\n  - classroom:\n      name: R¦\n",
                "users/classroom/name",
                "R",
                false,
            ),
            (
                "users:\n  - classroom: { name: ¦ }\n",
                "users/classroom/name",
                "",
                false,
            ),
            (
                "users:\n  - units:\n      - standard: ¦\n        unit: x\n",
                "users/units/standard",
                "",
                false,
            ),
            (
                "defaults: { role: learner, classroom: 'O''¦N' }\n",
                "defaults/classroom",
                "O'N",
                false,
            ),
            (
                "users:\n  - a: [b]\n    defaultAssessor: assessor:S-¦1 # x\n",
                "users/defaultAssessor",
                "assessor:S-1",
                false,
            ),
            ("defaults:\n  role: x\nusers:\n  - ¦\n", "users", "", false),
        ] {
            let expected = Some((keys.to_owned(), value.to_owned(), is_key));
            assert_eq!(at(text), expected, "{text}");
        }
    }

    #[test]
    fn a_comment_has_nothing_at_the_cursor() {
        assert_eq!(at("users:\n  - a: b # c¦d\n"), None);
        assert_eq!(at("# c¦d\n"), None);
        assert!(at("a: b#c¦\n").is_some());
    }

    #[test]
    fn whatever_is_typed_is_read_without_a_panic() {
        let text = "ü: {[\"'é: ,}- #👩\n - - : '\"[x, {:}]\r\n\t-a:\n";
        for (byte, _) in text.char_indices() {
            let _ = Cursor::at(text, byte);
            let _ = Cursor::at(&text[..byte], byte);
        }
    }
}
