//! YAML 1.2, core schema: the parser's events become a tree, with a warning where PyYAML would read another value.

mod core;
mod messages;
mod pyyaml;
mod wording;

use super::{Kind, Limits, Member, Node, Object, findings::Findings, repeated::repeated_keys};
use crate::{
    diagnostic::{
        Diagnostic, INTEGER_TOO_LONG, NESTED_TOO_DEEPLY, Problem, REPEATED_KEY, SYNTAX_ERROR, TOO_MANY_VALUES,
        shortened,
    },
    limits::how_to_raise,
    source::Span,
};
use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Tag};
use std::collections::BTreeMap;

/// Reads a text into a tree; `None` where it is empty or stops being YAML.
pub(super) fn read(source_text: &str, limits: &Limits, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    let mut reader = Reader::new(source_text, limits, diagnostics);
    for event in Parser::new_from_str_with_options(source_text, options(limits)) {
        let step = match event {
            Ok((Event::DocumentStart(..), place)) if reader.has_document => {
                reader.refuse_second_document(place);
                break;
            }
            Ok((event, place)) => reader.take(&event, place),
            Err(error) => Err(reader.syntax_error(&error)),
        };
        if let Err(stop) = step {
            reader.report(*stop);
            return None;
        }
    }
    reader.root.filter(|_| reader.is_sound)
}

fn options(limits: &Limits) -> Options {
    let mut options = granit_parser::options! {
        emit_unresolved_aliases: true,
        // A text block that ends with the file ends as PyYAML has it: without a line break that is not there.
        block_scalar_eof_without_line_feed: true,
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
    };
    options.set_emit_comments(false);
    options
}

/// Goes on, or stops with what makes the rest of the text meaningless.
type Step = Result<(), Box<Diagnostic>>;

/// What a value costs: aliases copy it, so the sums are bounded before each copy.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    values: usize,
    /// Length of the keys and scalars.
    bytes: usize,
}

impl Size {
    fn plus(self, other: Self) -> Self {
        Self { values: self.values.saturating_add(other.values), bytes: self.bytes.saturating_add(other.bytes) }
    }

    fn since(self, earlier: Self) -> Self {
        Self { values: self.values.saturating_sub(earlier.values), bytes: self.bytes.saturating_sub(earlier.bytes) }
    }

    fn exceeds(self, limits: &Limits) -> bool {
        self.values > limits.values || u64::try_from(self.bytes).unwrap_or(u64::MAX) > limits.bytes
    }
}

/// A value that is read to its end, on its way into the collection around it.
#[derive(Clone)]
struct Finished {
    node: Node,
    size: Size,
    /// How many collections nest in it, itself included.
    height: usize,
}

/// A collection whose end has not come yet.
struct Open {
    content: Content,
    start: usize,
    anchor: usize,
    size_before: Size,
    height: usize,
}

enum Content {
    Array(Vec<Node>),
    Object {
        members: Vec<Member>,
        /// The key whose value comes next.
        key: Option<(String, Span)>,
    },
}

/// The state between two events.
struct Reader<'a> {
    text: &'a str,
    limits: &'a Limits,
    findings: Findings<'a>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Finished>,
    /// Everything in the tree.
    size: Size,
    /// Everything kept for aliases.
    anchored: Size,
    root: Option<Node>,
    has_document: bool,
    /// Whether every value of the tree means something.
    is_sound: bool,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, limits: &'a Limits, diagnostics: &'a mut Vec<Diagnostic>) -> Self {
        Self {
            text,
            limits,
            findings: Findings::new(diagnostics),
            open: Vec::new(),
            anchors: BTreeMap::new(),
            size: Size::default(),
            anchored: Size::default(),
            root: None,
            has_document: false,
            is_sound: true,
        }
    }

    fn take(&mut self, event: &Event<'_>, place: granit_parser::Span) -> Step {
        match event {
            Event::DocumentStart(..) => self.has_document = true,
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = *style == ScalarStyle::Plain;
                return self.scalar(text, is_plain, *anchor, tag.as_deref(), place);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.check_collection_tag("seq", tag.as_deref(), place);
                return self.start(Content::Array(Vec::new()), *anchor, self.span(place));
            }
            Event::MappingStart(_, anchor, tag) => {
                self.check_collection_tag("map", tag.as_deref(), place);
                return self.start(Content::Object { members: Vec::new(), key: None }, *anchor, self.span(place));
            }
            Event::SequenceEnd | Event::MappingEnd => return self.end(self.span(place)),
            Event::Alias(anchor) => return self.alias(*anchor, self.span(place)),
            Event::UnresolvedAlias(name) => {
                let message = format!("no `&{}` stands in front of this alias", shortened(name));
                return self.broken_alias(message, self.span(place));
            }
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, content: Content, anchor: usize, span: Span) -> Step {
        if self.open.len() >= self.limits.depth {
            return Err(self.too_deep(span));
        }
        let size_before = self.size;
        self.spend(Size { values: 1, bytes: 0 }, span)?;
        self.open.push(Open { content, start: span.start, anchor, size_before, height: 1 });
        Ok(())
    }

    fn end(&mut self, end_mark: Span) -> Step {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let (kind, last) = match open.content {
            Content::Array(items) => {
                let last = items.last().map(|item| item.span.end);
                (Kind::Array(items), last)
            }
            Content::Object { members, .. } => {
                let last = members.last().map(|member| member.value.span.end);
                self.report_duplicates(&members);
                (Kind::Object(Object { members }), last)
            }
        };
        // Only brackets take room at the end; an indented collection ends with its last value.
        let has_bracket = end_mark.start < end_mark.end;
        let end = last.filter(|_| !has_bracket).unwrap_or(end_mark.end);
        let node = Node::new(kind, Span::new(open.start, end.max(open.start)));
        let size = self.size.since(open.size_before);
        self.finish(Finished { node, size, height: open.height }, open.anchor)
    }

    fn scalar(
        &mut self,
        text: &str,
        is_plain: bool,
        anchor: usize,
        tag: Option<&Tag>,
        place: granit_parser::Span,
    ) -> Step {
        let span = self.span(place);
        // The parser writes a value that is not there as a `~` of no length.
        let text = if is_plain && span.start == span.end { "" } else { text };
        if text.is_empty() && is_plain && tag.is_none() && self.open.is_empty() {
            return Ok(());
        }
        let span = if text.is_empty() && is_plain { self.empty_place(span) } else { self.trimmed(span) };
        let size = Size { values: 1, bytes: text.len() };
        self.spend(size, span)?;
        let kind = match tag {
            None if is_plain => self.plain(text, span),
            None => Kind::String(text.to_owned()),
            Some(tag) => self.tagged(text, tag, place, span),
        };
        self.finish(Finished { node: Node::new(kind, span), size, height: 0 }, anchor)
    }

    /// The value of a plain scalar without a tag, which is where YAML 1.1 and 1.2 differ.
    fn plain(&mut self, text: &str, span: Span) -> Kind {
        let Ok(kind) = core::resolve(text) else { return self.too_long(text, span) };
        let is_key = self.expects_key();
        if is_key && text == "<<" {
            self.report(messages::merge_key(span));
        } else if !is_key || matches!(kind, Kind::String(_)) {
            let theirs = pyyaml::read(text);
            let is_harmless_key = is_key && text == "=";
            if !theirs.agrees_with(&kind) && !is_harmless_key {
                self.report(messages::reads_differently(text, &kind, &theirs, span));
            }
        }
        kind
    }

    fn tagged(&mut self, text: &str, tag: &Tag, place: granit_parser::Span, span: Span) -> Kind {
        if is_non_specific(tag) {
            return Kind::String(text.to_owned());
        }
        let Some(name) = tag.core_suffix() else {
            self.report(self.foreign_tag(place));
            return Kind::String(text.to_owned());
        };
        match core::resolve_as(name, text) {
            Ok(Some(kind)) => kind,
            Ok(None) => {
                let finding = messages::tag_does_not_fit(name, &format!("`{}`", shortened(text)), span);
                self.report(finding.label(self.tag_span(place), "the tag"));
                Kind::String(text.to_owned())
            }
            Err(core::TooLong) => self.too_long(text, span),
        }
    }

    fn check_collection_tag(&mut self, own: &str, tag: Option<&Tag>, place: granit_parser::Span) {
        let Some(tag) = tag.filter(|tag| !is_non_specific(tag)) else { return };
        match tag.core_suffix() {
            Some(name) if name == own => {}
            Some(name) => {
                let collection = if own == "seq" { "this list" } else { "this mapping" };
                self.report(messages::tag_does_not_fit(name, collection, self.tag_span(place)));
            }
            None => self.report(self.foreign_tag(place)),
        }
    }

    /// Copies what an anchor names, once the copy is known to fit.
    fn alias(&mut self, anchor: usize, span: Span) -> Step {
        let Some(target) = self.anchors.get(&anchor) else {
            let message = format!("the alias `{}` stands inside the value that it names", self.shown(span));
            return self.broken_alias(message, span);
        };
        if self.open.len().saturating_add(target.height) > self.limits.depth {
            return Err(self.too_deep(span));
        }
        let size = self.size.plus(target.size);
        if size.exceeds(self.limits) {
            return Err(self.too_many(span));
        }
        let mut copy = target.clone();
        copy.node.span = span;
        self.size = size;
        self.finish(copy, 0)
    }

    fn broken_alias(&mut self, message: String, span: Span) -> Step {
        self.is_sound = false;
        self.report(Diagnostic::new(&SYNTAX_ERROR, message).label(span, ""));
        let size = Size { values: 1, bytes: 0 };
        self.spend(size, span)?;
        self.finish(Finished { node: Node::new(Kind::Null, span), size, height: 0 }, 0)
    }

    /// Puts a value where it belongs: under its anchor, and into the collection around it.
    fn finish(&mut self, finished: Finished, anchor: usize) -> Step {
        if anchor != 0 {
            self.anchored = self.anchored.plus(finished.size);
            if self.anchored.exceeds(self.limits) {
                return Err(self.too_many(finished.node.span));
            }
            self.anchors.insert(anchor, finished.clone());
        }
        let finished_key = if self.expects_key() { Some(self.key(&finished.node)) } else { None };
        let Some(open) = self.open.last_mut() else {
            self.root = Some(finished.node);
            return Ok(());
        };
        open.height = open.height.max(finished.height.saturating_add(1));
        match (&mut open.content, finished_key) {
            (Content::Array(items), _) => items.push(finished.node),
            (Content::Object { key, .. }, Some(text)) => *key = Some((text, finished.node.span)),
            (Content::Object { members, key }, None) => {
                if let Some((key, key_span)) = key.take() {
                    members.push(Member { key, key_span, value: finished.node });
                }
            }
        }
        Ok(())
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Object { key: None, .. }, .. }))
    }

    /// The text of a key; a key that is no string is reported, and its spelling taken.
    fn key(&mut self, node: &Node) -> String {
        if let Kind::String(text) = &node.kind {
            return text.clone();
        }
        let shown = self.shown(node.span);
        let is_tagged = self.text.get(..node.span.start).is_some_and(|before| {
            before.trim_end().rsplit([' ', '\n']).next().is_some_and(|token| token.contains('!'))
        });
        self.report(messages::key_is_no_string(node, &shown, !is_tagged));
        shown
    }

    fn report_duplicates(&mut self, members: &[Member]) {
        let note = "YAML forbids it; PyYAML silently takes the last one";
        for finding in repeated_keys(members, &REPEATED_KEY, note) {
            self.report(finding);
        }
    }

    fn spend(&mut self, size: Size, span: Span) -> Step {
        self.size = self.size.plus(size);
        if self.size.values > self.limits.values { Err(self.too_many(span)) } else { Ok(()) }
    }

    fn report(&mut self, finding: Diagnostic) {
        self.findings.add(finding);
    }
}

/// Findings that end the reading or need the text around them.
impl Reader<'_> {
    fn too_deep(&self, span: Span) -> Box<Diagnostic> {
        let message = format!("lists and mappings nest deeper than {} levels", self.limits.depth);
        let finding = fatal(&NESTED_TOO_DEEPLY, message, self.first_character(span.start));
        Box::new(finding.note(how_to_raise("document.depth")))
    }

    fn too_many(&self, span: Span) -> Box<Diagnostic> {
        let Limits { values, bytes, .. } = self.limits;
        let message = format!("the document expands to more than {values} values or {bytes} bytes of text");
        // Either limit may be the one.
        let limit = if self.size.values > *values { "document.values" } else { "document.bytes" };
        Box::new(fatal(&TOO_MANY_VALUES, message, span).note(how_to_raise(limit)))
    }

    fn too_long(&mut self, text: &str, span: Span) -> Kind {
        let message = format!("the number `{}` has {} digits", shortened(text), text.len());
        self.report(Diagnostic::new(&INTEGER_TOO_LONG, message).label(span, ""));
        Kind::String(text.to_owned())
    }

    fn syntax_error(&self, error: &ScanError) -> Box<Diagnostic> {
        let offset = error.marker().byte_offset().unwrap_or(self.text.len());
        if *error.kind() == ErrorKind::RecursionLimitExceeded {
            return self.too_deep(Span::at(offset));
        }
        let (message, note) = wording::of(error.kind());
        let mut finding = fatal(&SYNTAX_ERROR, message, self.first_character(offset));
        finding.notes.extend(note.map(str::to_owned));
        finding
    }

    fn refuse_second_document(&mut self, place: granit_parser::Span) {
        let span = self.first_character(self.span(place).start);
        let message = "a second document starts here, and a config is a single one";
        self.report(Diagnostic::new(&SYNTAX_ERROR, message).label(span, ""));
    }

    fn foreign_tag(&self, place: granit_parser::Span) -> Diagnostic {
        let span = self.tag_span(place);
        messages::foreign_tag(&self.shown(span), span)
    }

    /// The place of an event, forced into the text and onto the bounds of characters.
    fn span(&self, place: granit_parser::Span) -> Span {
        let range = place.byte_range().unwrap_or_default();
        let start = self.text.floor_char_boundary(range.start);
        Span::new(start, self.text.floor_char_boundary(range.end).max(start))
    }

    fn tag_span(&self, place: granit_parser::Span) -> Span {
        self.span(place.tag_span().unwrap_or(place))
    }

    fn trimmed(&self, span: Span) -> Span {
        Span::new(span.start, span.start + self.slice(span).trim_end().len())
    }

    fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The text of a span, short enough to quote.
    fn shown(&self, span: Span) -> String {
        shortened(self.slice(span))
    }

    /// The character at an offset, or nothing at the end of a line.
    fn first_character(&self, offset: usize) -> Span {
        let start = self.text.floor_char_boundary(offset);
        let character = self.text.get(start..).and_then(|rest| rest.chars().next());
        let length = character.filter(|character| !character.is_control()).map_or(0, char::len_utf8);
        Span::new(start, start + length)
    }

    /// Where a value is missing: right behind the colon, or where the parser says if there is a tag or anchor.
    fn empty_place(&self, span: Span) -> Span {
        let Some(Open { content: Content::Object { key: Some((_, key_span)), .. }, .. }) = self.open.last() else {
            return span;
        };
        let mut rest = self.text.get(key_span.end..).unwrap_or_default().trim_start();
        while rest.starts_with('#') {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
        }
        match rest.strip_prefix(':') {
            Some(behind) => Span::at(span.start.max(self.text.len() - behind.len())),
            None => Span::at(key_span.end),
        }
    }
}

fn fatal(problem: &Problem, message: impl Into<String>, span: Span) -> Box<Diagnostic> {
    Box::new(Diagnostic::new(problem, message).label(span, ""))
}

/// The tag `!`, which says that a scalar is a string and says nothing of a collection.
fn is_non_specific(tag: &Tag) -> bool {
    tag.handle().is_empty() && tag.suffix() == "!"
}

#[cfg(test)]
mod tests;
