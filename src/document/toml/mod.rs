//! TOML 1: the `toml` crate's recovering parser, its table turned into a tree and its findings into sentences.

mod errors;

use super::{Kind, Limits, Member, Node, Number, Object, findings::Findings, numeral};
use crate::{
    diagnostic::{
        Diagnostic, INTEGER_TOO_LONG, NESTED_TOO_DEEPLY, NO_JSON_EQUIVALENT, SYNTAX_ERROR, TOO_MANY_VALUES, shortened,
    },
    limits::how_to_raise,
    source::Span,
};
use std::{collections::BTreeSet, thread, vec};
use toml::{
    Spanned,
    de::{DeFloat, DeInteger, DeString, DeTable, DeValue},
};

/// Nesting that any thread's stack survives.
const HARMLESS_DEPTH: usize = 400;

/// So few values take no memory to speak of; they are counted exactly once they are read.
const HARMLESS_COUNT: usize = 1000;

/// Enough for the deepest table that the `toml` crate builds, 80 keys of 80 parts in one another, to be dropped.
const DEEP_STACK: usize = 64 << 20;

/// Reads a text into a tree, of which the parts that are no TOML may be missing; `None` where its structure is lost.
pub(super) fn read(source_text: &str, limits: &Limits, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    // The crate builds its whole table, and a finding for each fault, before a value can be counted.
    let at_most = source_text.bytes().filter(|byte| matches!(byte, b'.' | b'[' | b'{' | b'=' | b',' | b'\n')).count();
    if at_most > limits.values.max(HARMLESS_COUNT) {
        let message = format!("the document may have {at_most} values, more than the limit of {}", limits.values);
        diagnostics.push(Diagnostic::new(&TOO_MANY_VALUES, message).note(how_to_raise("document.values")));
        return None;
    }
    // Each level of nesting takes one of these characters.
    let depth_at_most = source_text.bytes().filter(|byte| matches!(byte, b'.' | b'[' | b'{')).count();
    if depth_at_most <= HARMLESS_DEPTH {
        return read_here(source_text, limits, diagnostics);
    }
    // The crate drops its tables recursively, its limit of 80 counts a dotted key once, and a text could overflow the stack.
    thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(DEEP_STACK);
        let reading = builder.spawn_scoped(scope, || {
            let mut found = Vec::new();
            (read_here(source_text, limits, &mut found), found)
        });
        if let Some((root, found)) = reading.ok().and_then(|reading| reading.join().ok()) {
            diagnostics.extend(found);
            return root;
        }
        let message = "the document may nest too deeply to be read here";
        diagnostics.push(Diagnostic::new(&NESTED_TOO_DEEPLY, message));
        None
    })
}

fn read_here(text: &str, limits: &Limits, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    let mut findings = Findings::new(diagnostics);
    let (table, errors) = DeTable::parse_recoverable(text);
    let refused = errors.iter().filter_map(|error| Some(error.span()?.start)).collect();
    let mut reader = Reader { text, limits, refused, findings: &mut findings, values: 0 };
    let root = reader.tree(table.into_inner());
    let is_sound = errors::report(text, &errors, root.as_ref(), &mut findings);
    root.filter(|_| is_sound)
}

/// A table or an array, and what of it is still to come.
enum Open<'i> {
    Array { rest: vec::IntoIter<Spanned<DeValue<'i>>>, items: Vec<Node>, span: Span },
    Table { rest: vec::IntoIter<Entry<'i>>, members: Vec<Member>, key: Option<(String, Span)>, span: Span },
}

type Entry<'i> = (Spanned<DeString<'i>>, Spanned<DeValue<'i>>);

impl<'i> Open<'i> {
    /// The crate sorts tables by key; here they get the order of the text back.
    fn table(table: DeTable<'i>, span: Span) -> Self {
        let mut entries: Vec<Entry<'i>> = table.into_iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        Self::Table { rest: entries.into_iter(), members: Vec::new(), key: None, span }
    }

    fn next(&mut self, text: &str) -> Option<Spanned<DeValue<'i>>> {
        match self {
            Self::Array { rest, .. } => rest.next(),
            Self::Table { rest, key, .. } => {
                let (name, value) = rest.next()?;
                let place = span_within(text, name.span());
                *key = Some((name.into_inner().into_owned(), place));
                Some(value)
            }
        }
    }

    fn push(&mut self, value: Node) {
        match self {
            Self::Array { items, .. } => items.push(value),
            Self::Table { members, key, .. } => {
                if let Some((key, key_span)) = key.take() {
                    members.push(Member { key, key_span, value });
                }
            }
        }
    }

    fn finish(self) -> Node {
        match self {
            Self::Array { items, span, .. } => Node::new(Kind::Array(items), span),
            Self::Table { members, span, .. } => Node::new(Kind::Object(Object { members }), span),
        }
    }
}

struct Reader<'a, 'd> {
    text: &'a str,
    limits: &'a Limits,
    /// Where the parser's own errors begin.
    refused: BTreeSet<usize>,
    findings: &'a mut Findings<'d>,
    values: usize,
}

impl Reader<'_, '_> {
    fn tree(&mut self, root: DeTable<'_>) -> Option<Node> {
        let start = self.text.len() - self.text.trim_start_matches('\u{feff}').len();
        let end = self.text.trim_end().len().max(start);
        let mut open = vec![Open::table(root, Span::new(start, end))];
        self.spend(Span::new(start, end))?;
        loop {
            let depth = open.len();
            let top = open.last_mut()?;
            let Some(value) = top.next(self.text) else {
                let finished = open.pop()?.finish();
                match open.last_mut() {
                    Some(parent) => parent.push(finished),
                    None => return Some(finished),
                }
                continue;
            };
            let span = span_within(self.text, value.span());
            self.spend(span)?;
            match value.into_inner() {
                DeValue::Table(_) | DeValue::Array(_) if depth >= self.limits.depth => return self.too_deep(span),
                DeValue::Table(table) => open.push(Open::table(table, span)),
                DeValue::Array(array) => {
                    let rest = array.into_iter().collect::<Vec<_>>().into_iter();
                    open.push(Open::Array { rest, items: Vec::new(), span });
                }
                scalar => {
                    if let Some(kind) = self.scalar(&scalar, span) {
                        top.push(Node::new(kind, span));
                    }
                }
            }
        }
    }

    fn spend(&mut self, span: Span) -> Option<()> {
        self.values += 1;
        if self.values > self.limits.values {
            let message = format!("the document has more than {} values", self.limits.values);
            let finding = Diagnostic::new(&TOO_MANY_VALUES, message).label(span, "");
            self.findings.add(finding.note(how_to_raise("document.values")));
            return None;
        }
        Some(())
    }

    fn too_deep(&mut self, span: Span) -> Option<Node> {
        let message = format!("tables and arrays nest deeper than {} levels", self.limits.depth);
        let finding = Diagnostic::new(&NESTED_TOO_DEEPLY, message).label(Span::at(span.start), "");
        self.findings.add(finding.note(how_to_raise("document.depth")));
        None
    }

    /// The value of a scalar; `None` where the text has none and the parser made one up.
    fn scalar(&mut self, value: &DeValue<'_>, span: Span) -> Option<Kind> {
        let written = self.text.get(span.start..span.end).unwrap_or_default();
        if written.is_empty() {
            return None;
        }
        let kind = match value {
            DeValue::String(text) => Kind::String(text.clone().into_owned()),
            DeValue::Boolean(value) => Kind::Bool(*value),
            DeValue::Integer(integer) => self.integer(integer, written, span),
            DeValue::Float(float) => float_kind(float, written),
            DeValue::Datetime(_) => self.date(written, span),
            DeValue::Array(_) | DeValue::Table(_) => return None,
        };
        Some(kind)
    }

    fn integer(&mut self, integer: &DeInteger<'_>, written: &str, span: Span) -> Kind {
        let (negative, digits) = numeral::split_sign(integer.as_str());
        if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(integer.radix())) {
            // The parser lets some of these pass, such as `0b` and `1m`, which everybody who asks for the number refuses.
            if self.refused.range(span.start..=span.end).next().is_none() {
                let message = format!("`{}` is no whole number", shortened(written));
                self.findings.add(Diagnostic::new(&SYNTAX_ERROR, message).label(span, ""));
            }
            return Kind::String(written.to_owned());
        }
        if let Some(spelling) = numeral::whole(negative, digits, integer.radix()) {
            return Kind::Number(Number::new(spelling));
        }
        let message = format!("the number `{}` has {} digits", shortened(written), digits.len());
        self.findings.add(Diagnostic::new(&INTEGER_TOO_LONG, message).label(span, ""));
        Kind::String(written.to_owned())
    }

    fn date(&mut self, written: &str, span: Span) -> Kind {
        let message = format!("`{written}` is a date or time, which JSON does not have");
        let finding = Diagnostic::new(&NO_JSON_EQUIVALENT, message).label(span, "").fix(
            "put it in quotes",
            true,
            span,
            format!("\"{written}\""),
        );
        self.findings.add(finding);
        Kind::String(written.to_owned())
    }
}

fn float_kind(float: &DeFloat<'_>, written: &str) -> Kind {
    let (negative, digits) = numeral::split_sign(float.as_str());
    let spelling = match digits {
        // What the parser puts in place of `None` and `null`.
        "nan" if !written.to_ascii_lowercase().contains("nan") => return Kind::Null,
        "nan" => Some("NaN".to_owned()),
        "inf" => Some(if negative { "-Infinity" } else { "Infinity" }.to_owned()),
        // The parser empties what it refuses; `.5` is understood all the same.
        _ => numeral::fractional(float.as_str()).or_else(|| numeral::fractional(written)),
    };
    spelling.map_or_else(|| Kind::String(written.to_owned()), |spelling| Kind::Number(Number::new(spelling)))
}

/// A range of the parser, forced into the text and onto the bounds of characters.
fn span_within(text: &str, range: std::ops::Range<usize>) -> Span {
    let start = text.floor_char_boundary(range.start);
    Span::new(start, text.floor_char_boundary(range.end).max(start))
}

#[cfg(test)]
mod tests;
