//! The pages of the documentation as a reader sees them: headings, links, prose and blocks.

use std::path::PathBuf;

use comrak::nodes::{Node, NodeValue};
use comrak::{Anchorizer, Arena, Options, parse_document};

use crate::harness::root;

/// A Markdown file of the repository.
pub struct DocPage {
    /// From the root of the repository, with `/`.
    pub path: String,
    pub text: String,
    pub blocks: Vec<DocBlock>,
    pub prose: Vec<Prose>,
    pub links: Vec<String>,
    pub anchors: Vec<String>,
    /// What stands between backticks.
    pub codes: Vec<String>,
}

/// A fenced block.
#[derive(Clone)]
pub struct DocBlock {
    pub language: String,
    pub text: String,
}

/// A paragraph, a cell or a heading, with `CODE` in the place of what stands between backticks.
pub struct Prose {
    pub text: String,
    pub kind: ProseKind,
    /// Whether a test writes it from the tables of the code.
    pub is_generated: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ProseKind {
    Paragraph,
    Cell,
    Heading,
}

/// The README, CONTRIBUTING and every page below `docs`, but for the table of contents.
pub fn pages() -> Vec<DocPage> {
    let mut paths = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    paths.extend(pages_of_the_book());
    paths.iter().map(|path| page(path)).collect()
}

/// Paths from the root of the repository.
pub fn pages_of_the_book() -> Vec<String> {
    let mut paths = Vec::new();
    for entry in walkdir::WalkDir::new(root().join("docs")).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let path: PathBuf = path.strip_prefix(root()).unwrap().into();
            paths.push(path.display().to_string().replace('\\', "/"));
        }
    }
    paths.retain(|path| path != "docs/SUMMARY.md");
    paths
}

pub fn page(path: &str) -> DocPage {
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    let mut options = Options::default();
    options.extension.table = true;
    let arena = Arena::new();
    let mut page = DocPage {
        path: path.to_owned(),
        blocks: Vec::new(),
        prose: Vec::new(),
        links: Vec::new(),
        anchors: Vec::new(),
        codes: Vec::new(),
        text,
    };
    let text = page.text.clone();
    let mut anchorizer = Anchorizer::new();
    let mut is_generated = false;
    for top in parse_document(&arena, &text, &options).children() {
        if let NodeValue::HtmlBlock(html) = &top.data().value {
            is_generated = match html.literal.trim() {
                mark if mark.ends_with(": generated -->") => true,
                mark if mark.ends_with(": end -->") => false,
                _ => is_generated,
            };
        }
        for node in top.descendants() {
            read(&mut page, node, &mut anchorizer, is_generated);
        }
    }
    page
}

fn read(page: &mut DocPage, node: Node<'_>, anchorizer: &mut Anchorizer, is_generated: bool) {
    let kind = match &node.data().value {
        NodeValue::CodeBlock(block) => {
            let (language, text) = (block.info.clone(), block.literal.clone());
            return page.blocks.push(DocBlock { language, text });
        }
        NodeValue::Link(link) => return page.links.push(link.url.clone()),
        NodeValue::Image(image) => return page.links.push(image.url.clone()),
        NodeValue::Code(code) => return page.codes.push(code.literal.clone()),
        NodeValue::Paragraph => ProseKind::Paragraph,
        NodeValue::TableCell => ProseKind::Cell,
        NodeValue::Heading(_) => ProseKind::Heading,
        _ => return,
    };
    if kind == ProseKind::Heading {
        page.anchors
            .push(anchorizer.anchorize(&words(node, Code::AsIs)));
    }
    page.prose.push(Prose {
        text: words(node, Code::OneWord),
        kind,
        is_generated,
    });
}

#[derive(Clone, Copy)]
enum Code {
    AsIs,
    OneWord,
}

fn words(node: Node<'_>, code: Code) -> String {
    let mut text = String::new();
    for inner in node.descendants() {
        match (&inner.data().value, code) {
            (NodeValue::Text(words), _) => text += words,
            (NodeValue::Code(words), Code::AsIs) => text += &words.literal,
            (NodeValue::Code(_), Code::OneWord) => text += "CODE",
            (NodeValue::SoftBreak | NodeValue::LineBreak, _) => text.push(' '),
            _ => {}
        }
    }
    text
}

impl DocPage {
    /// The blocks of one language.
    pub fn blocks_of(&self, language: &str) -> Vec<String> {
        let blocks = self.blocks.iter();
        blocks
            .filter(|block| block.language == language)
            .map(|block| block.text.clone())
            .collect()
    }
}

/// The only block of a language that has these words.
pub fn block_with(path: &str, language: &str, words: &str) -> String {
    let mut found = page(path).blocks_of(language);
    found.retain(|block| block.contains(words));
    assert_eq!(found.len(), 1, "{path}: {words}");
    found.remove(0)
}

/// The words of a command line, those in quotes as one.
pub fn words_of_line(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
