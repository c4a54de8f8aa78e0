//! Reads JSON as Python's `json` module does, and goes on after the slips that Python refuses but people make.

mod lexer;
mod string;

use super::{Limits, Member, Node, Object, findings::Findings, node::Kind};
use crate::{
    diagnostic::{
        COMMENT, Diagnostic, Label, NESTED_TOO_DEEPLY, Problem, SYNTAX_ERROR, TOO_MANY_VALUES, TRAILING_COMMA,
        shortened,
    },
    limits::how_to_raise,
    source::Span,
};
use lexer::{Lexer, Token, TokenKind};
use std::collections::BTreeMap;

/// Reads a text; `None` when it is empty or so broken that a tree would mislead.
pub(super) fn read(text: &str, limits: &Limits, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    let mut lexer = Lexer::new(text);
    let mut reader = Reader { limits, open: Vec::new(), values: 0 };
    let root = reader.read(&mut lexer);
    let mut findings = Findings::new(diagnostics);
    for mut slip in lexer.slips.told {
        count_places(&mut slip);
        findings.add(slip);
    }
    root.unwrap_or_else(|fatal| {
        findings.add(*fatal);
        None
    })
}

/// What Python would refuse but is plain to see. The same slip in several places is one finding: a file of single quotes has
/// one problem, not fifty.
#[derive(Default)]
struct Slips {
    told: Vec<Diagnostic>,
    /// Which finding is about the slips with this fix.
    by_title: BTreeMap<String, usize>,
}

impl Slips {
    fn add(&mut self, slip: Diagnostic) {
        let title = slip.fix.as_ref().map(|fix| fix.title.as_str());
        if let Some(earlier) = title.and_then(|title| self.told.get_mut(*self.by_title.get(title)?)) {
            add_place(earlier, slip);
            return;
        }
        if let Some(title) = title {
            self.by_title.insert(title.to_owned(), self.told.len());
        }
        self.told.push(slip);
    }
}

fn add_place(earlier: &mut Diagnostic, slip: Diagnostic) {
    const PLACES_SHOWN: usize = 3;
    if earlier.labels.len() < PLACES_SHOWN {
        let places = slip.labels.into_iter().take(1);
        earlier.labels.extend(places.map(|label| Label { text: "here too".to_owned(), ..label }));
    }
    if let (Some(fix), Some(more)) = (&mut earlier.fix, slip.fix) {
        fix.edits.extend(more.edits);
    }
}

/// Says how often a slip was made that was made more often than is shown.
fn count_places(told: &mut Diagnostic) {
    let places = told.fix.as_ref().map_or(0, |fix| fix.edits.len());
    if places > told.labels.len() {
        told.notes.push(format!("in {places} places altogether"));
    }
}

/// A problem after which no tree can be trusted.
type Fatal = Box<Diagnostic>;

/// The parser: a stack of what is open, so that no input can overflow ours.
struct Reader<'a> {
    limits: &'a Limits,
    open: Vec<Open>,
    values: usize,
}

/// An array or object whose end has not come yet.
struct Open {
    start: Span,
    container: Container,
}

enum Container {
    Array(Vec<Node>),
    Object { object: Object, key: Option<(String, Span)> },
}

impl Open {
    const fn closer(&self) -> char {
        match self.container {
            Container::Array(_) => ']',
            Container::Object { .. } => '}',
        }
    }

    const fn noun(&self) -> &'static str {
        match self.container {
            Container::Array(_) => "array",
            Container::Object { .. } => "object",
        }
    }
}

impl Reader<'_> {
    fn read(&mut self, lexer: &mut Lexer<'_>) -> Result<Option<Node>, Fatal> {
        let mut token = lexer.next()?;
        if matches!(token.kind, TokenKind::End) {
            return Ok(None);
        }
        loop {
            let finished = self.value_or_close(token, lexer)?;
            let Some(mut finished) = finished else {
                token = lexer.next()?;
                continue;
            };
            // A finished value may finish what encloses it.
            loop {
                if self.open.is_empty() {
                    return Self::end(finished, lexer);
                }
                self.add(finished);
                match self.separator(lexer)? {
                    Separated::Next(next) => {
                        token = next;
                        break;
                    }
                    Separated::Closed(node) => finished = node,
                }
            }
        }
    }

    /// Takes the token at which a value, a key or the end of an empty container may stand.
    fn value_or_close(&mut self, token: Token, lexer: &mut Lexer<'_>) -> Result<Option<Node>, Fatal> {
        if let Some(Open { container: Container::Object { key, .. }, .. }) = self.open.last()
            && key.is_none()
        {
            return match token.kind {
                TokenKind::Close('}') => Ok(Some(self.close(token.span))),
                _ => self.key(token, lexer),
            };
        }
        match token.kind {
            TokenKind::Close(']') if matches!(self.open.last(), Some(Open { container: Container::Array(_), .. })) => {
                Ok(Some(self.close(token.span)))
            }
            TokenKind::Open(bracket) => self.opened(bracket, token.span).map(|()| None),
            _ => self.scalar(token, lexer).map(Some),
        }
    }

    fn opened(&mut self, bracket: char, start: Span) -> Result<(), Fatal> {
        self.count(start)?;
        if self.open.len() >= self.limits.depth {
            let limit = self.limits.depth;
            let message = format!("brackets are nested more than {limit} deep");
            let finding = fatal(&NESTED_TOO_DEEPLY, message, start, "one too many");
            return Err(Box::new(finding.note(how_to_raise("document.depth"))));
        }
        let container = match bracket {
            '[' => Container::Array(Vec::new()),
            _ => Container::Object { object: Object::default(), key: None },
        };
        self.open.push(Open { start, container });
        Ok(())
    }

    fn count(&mut self, span: Span) -> Result<(), Fatal> {
        self.values += 1;
        if self.values <= self.limits.values {
            return Ok(());
        }
        let limit = self.limits.values;
        let message = format!("the document has more than {limit} values");
        let finding = fatal(&TOO_MANY_VALUES, message, span, "reading stopped here");
        Err(Box::new(finding.note(how_to_raise("document.values"))))
    }

    fn key(&mut self, token: Token, lexer: &mut Lexer<'_>) -> Result<Option<Node>, Fatal> {
        let span = token.span;
        let name = match token.kind {
            TokenKind::String(name) => name,
            TokenKind::Word | TokenKind::Number(_) => {
                let word = lexer.text_of(span).to_owned();
                lexer.report(
                    Diagnostic::new(&SYNTAX_ERROR, format!("the key `{}` has no quotes", shortened(&word)))
                        .label(span, "JSON writes every key in double quotes")
                        .fix("put double quotes around the key", true, span, format!("\"{word}\"")),
                );
                word
            }
            _ => return Err(self.unexpected(&token, "a key in double quotes", lexer)),
        };
        let colon = lexer.next()?;
        if !matches!(colon.kind, TokenKind::Colon) {
            return Err(self.unexpected(&colon, "`:` after the key", lexer));
        }
        if let Some(Open { container: Container::Object { key, .. }, .. }) = self.open.last_mut() {
            *key = Some((name, span));
        }
        Ok(None)
    }

    fn scalar(&mut self, token: Token, lexer: &mut Lexer<'_>) -> Result<Node, Fatal> {
        self.count(token.span)?;
        let kind = match token.kind {
            TokenKind::String(text) => Kind::String(text),
            TokenKind::Number(number) => Kind::Number(number),
            TokenKind::Word => lexer.word_value(token.span),
            _ => return Err(self.unexpected(&token, "a value", lexer)),
        };
        Ok(Node::new(kind, token.span))
    }

    /// Puts a finished value where it belongs.
    fn add(&mut self, node: Node) {
        match self.open.last_mut().map(|open| &mut open.container) {
            Some(Container::Array(items)) => items.push(node),
            Some(Container::Object { object, key }) => {
                if let Some((key, key_span)) = key.take() {
                    object.members.push(Member { key, key_span, value: node });
                }
            }
            None => {}
        }
    }

    fn close(&mut self, end: Span) -> Node {
        let Some(open) = self.open.pop() else { return Node::new(Kind::Null, end) };
        let kind = match open.container {
            Container::Array(items) => Kind::Array(items),
            Container::Object { object, .. } => Kind::Object(object),
        };
        Node::new(kind, Span::new(open.start.start, end.end))
    }

    /// Takes what stands behind a value inside an array or object: a comma, its end, or a mistake.
    fn separator(&mut self, lexer: &mut Lexer<'_>) -> Result<Separated, Fatal> {
        let token = lexer.next()?;
        let closer = self.open.last().map_or(']', Open::closer);
        match token.kind {
            TokenKind::Close(bracket) if bracket == closer => Ok(Separated::Closed(self.close(token.span))),
            TokenKind::Comma => {
                let next = lexer.next()?;
                if !matches!(next.kind, TokenKind::Close(bracket) if bracket == closer) {
                    return Ok(Separated::Next(next));
                }
                lexer.report(
                    Diagnostic::new(&TRAILING_COMMA, format!("there is a comma before the closing `{closer}`"))
                        .label(token.span, "no entry follows this comma")
                        .note("Python's `json` refuses it, and so does PEFT")
                        .fix("remove the comma", true, token.span, ""),
                );
                Ok(Separated::Closed(self.close(next.span)))
            }
            TokenKind::String(_) | TokenKind::Number(_) | TokenKind::Word | TokenKind::Open(_) => {
                let gap = Span::at(lexer.end_of_previous());
                lexer.report(
                    Diagnostic::new(&SYNTAX_ERROR, "a comma is missing between two entries")
                        .label(gap, "expected `,` here")
                        .fix("insert the comma", true, gap, ","),
                );
                Ok(Separated::Next(token))
            }
            _ => Err(self.unexpected(&token, &format!("`,` or `{closer}`"), lexer)),
        }
    }

    /// After the outermost value nothing may follow.
    fn end(root: Node, lexer: &mut Lexer<'_>) -> Result<Option<Node>, Fatal> {
        let token = lexer.next()?;
        if matches!(token.kind, TokenKind::End) {
            return Ok(Some(root));
        }
        Err(fatal(
            &SYNTAX_ERROR,
            "something follows the end of the document",
            token.span,
            "a JSON file holds one value, and that has ended",
        ))
    }

    fn unexpected(&self, token: &Token, expected: &str, lexer: &Lexer<'_>) -> Fatal {
        match (&token.kind, self.open.last()) {
            (TokenKind::End, Some(open)) => Box::new(
                Diagnostic::new(&SYNTAX_ERROR, format!("the file ends inside an {}", open.noun()))
                    .label(token.span, format!("expected {expected}"))
                    .label(open.start, "opened here")
                    .note("the file may have been cut off while it was written or downloaded"),
            ),
            (TokenKind::End, None) => fatal(&SYNTAX_ERROR, "the file ends too early", token.span, expected),
            (_, open) => {
                let found = lexer.text_of(token.span);
                let diagnostic =
                    Diagnostic::new(&SYNTAX_ERROR, format!("expected {expected}, found `{}`", shortened(found)))
                        .label(token.span, format!("expected {expected}"));
                Box::new(match open {
                    Some(open) if matches!(token.kind, TokenKind::Close(_)) => {
                        diagnostic.label(open.start, format!("this {} is still open", open.noun()))
                    }
                    _ => diagnostic,
                })
            }
        }
    }
}

enum Separated {
    Next(Token),
    Closed(Node),
}

fn fatal(problem: &Problem, message: impl Into<String>, span: Span, label: &str) -> Fatal {
    Box::new(Diagnostic::new(problem, message).label(span, label))
}

fn comment(span: Span) -> Diagnostic {
    Diagnostic::new(&COMMENT, "JSON has no comments")
        .label(span, "Python's `json` stops here")
        .note("a YAML or TOML config can have comments; `adapter_config.json` cannot")
        .fix("remove the comment", true, span, "")
}

#[cfg(test)]
mod tests;
