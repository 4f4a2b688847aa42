//! A scalar of YAML in the style of the one that it replaces, as far as that style can hold it.

use granit_parser::ScalarStyle;

use crate::domain::field::{Key, ReferenceForm, Shape, ValueKind};
use crate::domain::{Reference, Value};
use crate::findings::source::FileId;
use crate::manifest::tree::node::NodeData;
use crate::manifest::tree::scalar::{code_list, is_misread, is_printed, quoted};
use crate::manifest::yaml;

/// What is written for a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Scalar(Scalar),
    /// A mapping with one key, as in `{ id: 15379 }`.
    Form(ReferenceForm, Scalar),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    /// A text, which has to be read as one.
    Text(String),
    /// A day or a point in time, which people write without quotes.
    Word(String),
    /// A number, a flag or a list, which isn't one in quotes.
    Bare(String),
}

impl Written {
    pub(super) fn of(key: Key, value: &Value) -> Self {
        let text = |text: &str| Scalar::Text(text.trim().replace("\r\n", "\n"));
        match value {
            Value::Text(codes) if key.row().kind == ValueKind::Text(Shape::Codes) => {
                Self::Scalar(Scalar::Bare(code_list(codes.canonical())))
            }
            Value::Text(written) => Self::Scalar(text(written.as_str())),
            Value::Day(_) | Value::Instant(_) => {
                Self::Scalar(Scalar::Word(value.written().into_owned()))
            }
            Value::Flag(flag) => Self::Scalar(Scalar::Bare(flag.to_string())),
            Value::Reference(Reference::Named(name)) => Self::Scalar(text(name)),
            Value::Reference(Reference::Id(id)) => {
                Self::Form(ReferenceForm::Id, Scalar::Bare(id.to_string()))
            }
            Value::Reference(Reference::MisId(name)) => {
                Self::Form(ReferenceForm::MisId, text(name))
            }
            Value::Reference(Reference::Name(name)) => Self::Form(ReferenceForm::Name, text(name)),
            Value::Reference(Reference::Email(address)) => {
                Self::Form(ReferenceForm::Email, text(address))
            }
        }
    }
}

/// Where a scalar stands: within `{}` or `[]` more characters mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Around {
    Block,
    Flow,
}

impl Scalar {
    /// The scalar where none was before.
    pub(super) fn fresh(&self, around: Around) -> String {
        self.in_style(ScalarStyle::Plain, "", around)
    }

    /// The scalar in the place of `former`, which is written in this style.
    pub(super) fn in_style(&self, style: ScalarStyle, former: &str, around: Around) -> String {
        let text = match self {
            Self::Bare(word) => return word.clone(),
            Self::Word(word) if style == ScalarStyle::Plain => return word.clone(),
            Self::Word(text) | Self::Text(text) => text,
        };
        let styled = match style {
            ScalarStyle::Plain => plain(text, around),
            ScalarStyle::SingleQuoted => single_quoted(text),
            ScalarStyle::DoubleQuoted => None,
            ScalarStyle::Literal | ScalarStyle::Folded => return in_block(text, former),
        };
        styled.unwrap_or_else(|| quoted(text))
    }
}

/// The text without quotes, if every reader takes it for this text here.
fn plain(text: &str, around: Around) -> Option<String> {
    let begins = text.starts_with(char::is_alphanumeric);
    if !begins || is_misread(text) || !text.chars().all(is_on_a_line) {
        return None;
    }
    let line = match around {
        Around::Block => format!("k: {text}"),
        Around::Flow => format!("{{ k: {text}, l: 1 }}"),
    };
    reads_as(&line, text).then(|| text.to_owned())
}

/// Whether a character can stand in a line as it is.
fn is_on_a_line(c: char) -> bool {
    !c.is_control() && is_printed(c)
}

fn single_quoted(text: &str) -> Option<String> {
    let written = format!("'{}'", text.replace('\'', "''"));
    let is_plain = text.chars().all(is_on_a_line);
    (is_plain && reads_as(&format!("k: {written}"), text)).then_some(written)
}

/// Whether the value of `k` in this text is that one.
fn reads_as(line: &str, text: &str) -> bool {
    let (documents, findings) = yaml::parse(FileId::default(), line);
    let [document] = documents.as_slice() else {
        return false;
    };
    let value = document.get("k").map(|entry| &entry.value.data);
    findings.is_empty()
        && matches!(value, Some(NodeData::Text(read)) if read == text)
        && document.entries().len() == 1 + usize::from(document.get("l").is_some())
}

/// The text in the place of a block scalar: in a block if its lines can stand there, else in quotes.
fn in_block(text: &str, former: &str) -> String {
    let content = former.trim_end_matches(['\n', '\r', ' ']);
    let rest = &former[content.len()..];
    let header_end = content.find(['\n', '\r']).unwrap_or(content.len());
    let (header, lines) = content.split_at(header_end);
    let eol = line_end(lines);
    let first = lines.trim_start_matches(['\n', '\r']);
    let indent = &first[..first.len() - first.trim_start_matches(' ').len()];
    let comment = header.find(" #").map_or("", |at| &header[at..]);
    let can_stand = !text.is_empty()
        && !text.starts_with([' ', '\n'])
        && text.chars().all(|c| c == '\n' || is_on_a_line(c))
        && !header[..header.len() - comment.len()].contains(|c: char| c.is_ascii_digit());
    if !can_stand || indent.is_empty() {
        return format!("{}{comment}{rest}", quoted(text));
    }
    let is_folded = header.starts_with('>') && text.contains('\n');
    let mut block = if is_folded {
        header.replacen('>', "|", 1)
    } else {
        header.to_owned()
    };
    for line in text.split('\n') {
        block.push_str(eol);
        if !line.is_empty() {
            block.push_str(indent);
            block.push_str(line);
        }
    }
    block + rest
}

/// The line end that a text begins with; the usual one if it begins with none.
pub(super) fn line_end(text: &str) -> &str {
    ["\r\n", "\n", "\r"]
        .into_iter()
        .find(|end| text.starts_with(end))
        .unwrap_or("\n")
}
