//! A masked text for snippets. Its index of lines saves a scan of the file for each of a thousand errors.

use std::ops::Range;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::domain::redact::{self, Masked, Reveal};
use crate::findings::source::{FileId, SourceFile, Sources, Span, offset};
use crate::manifest;
use crate::render::shown;

/// The longest line that is shown, in bytes. People don't write longer ones.
const WIDEST: usize = 1000;
/// The longest row of a CSV that is shown, in bytes. In a longer one, row and column say more than a caret far to the right.
const WIDEST_ROW: usize = 160;

#[derive(Debug)]
pub(crate) struct Snippet<'s> {
    file: &'s SourceFile,
    masked: Masked,
    line_starts: Vec<usize>,
}

impl<'s> Snippet<'s> {
    pub(crate) fn new(sources: &'s Sources, id: FileId, reveal: Reveal) -> Self {
        let file = sources.file(id);
        let visible = match file.grid() {
            Some(grid) => manifest::public_cells(&file.text, grid, reveal),
            None => manifest::public_ranges(id, &file.text, reveal),
        };
        let masked = redact::mask(&file.text, &visible);
        let after = masked
            .text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(after).collect();
        Self {
            file,
            masked,
            line_starts,
        }
    }

    /// The place of a span in the snippet. Covers only the first line, because a caret helps only there.
    pub(crate) fn place(&self, span: Span) -> SourceSpan {
        let range = self.masked.range(span.start as usize..span.end as usize);
        let end = self.line_range(self.line(range.start)).end.max(range.start);
        let end = range.end.min(end);
        (range.start, end - range.start).into()
    }

    /// Whether the lines around a span are short enough to show.
    pub(crate) fn is_readable(&self, span: Span) -> bool {
        let line = self.line(
            self.masked
                .range(span.start as usize..span.end as usize)
                .start,
        );
        let around = line.saturating_sub(1)..=(line + 1).min(self.line_starts.len() - 1);
        let widest = if self.file.grid().is_some() {
            WIDEST_ROW
        } else {
            WIDEST
        };
        around
            .into_iter()
            .all(|line| self.line_range(line).len() <= widest)
    }

    fn line(&self, at: usize) -> usize {
        self.line_starts
            .partition_point(|start| *start <= at)
            .saturating_sub(1)
    }

    /// The range of a line, without its line end.
    fn line_range(&self, line: usize) -> Range<usize> {
        let text = &self.masked.text;
        let end = self
            .line_starts
            .get(line + 1)
            .map_or(text.len(), |next| *next);
        let start = self.line_starts[line];
        start..start + text[start..end].trim_end_matches(['\r', '\n']).len()
    }
}

/// A snippet for one finding. If everything around its place is masked, the masked text can't give that place, so `focus`
/// does.
#[derive(Debug)]
pub(crate) struct Focused<'s> {
    pub(crate) snippet: &'s Snippet<'s>,
    pub(crate) focus: Span,
}

impl Focused<'_> {
    /// The place in the file for a place in the snippet.
    fn origin(&self, at: usize) -> u32 {
        let is_focus = self.snippet.place(self.focus).offset() == at;
        if is_focus {
            self.focus.start
        } else {
            offset(self.snippet.masked.origin(at))
        }
    }
}

impl SourceCode for Focused<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let snippet = self.snippet;
        if span.offset() + span.len() > snippet.masked.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let first = snippet.line(span.offset()).saturating_sub(before);
        let last =
            (snippet.line(span.offset() + span.len()) + after).min(snippet.line_starts.len() - 1);
        let range = snippet.line_starts[first]..snippet.line_range(last).end;
        let data = &snippet.masked.text.as_bytes()[range.clone()];
        let place = (range.start, range.len()).into();
        // Without context lines, miette asks for the place of a finding: its place in the text before masking.
        let is_place = before == 0 && after == 0;
        let column = if is_place {
            snippet.file.column_of(self.origin(span.offset())) - 1
        } else {
            0
        };
        let name = shown(&snippet.file.name);
        let contents =
            MietteSpanContents::new_named(name, data, place, first, column, last - first + 1);
        Ok(Box::new(contents))
    }
}
