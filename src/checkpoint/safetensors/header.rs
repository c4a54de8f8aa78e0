//! Goes through the entries of a header one by one, so that a large header takes little memory besides its text.

use super::tell_broken;
use crate::{
    checkpoint::{
        Budget,
        findings::{Findings, shown},
    },
    diagnostic::Diagnostic,
    document::{Limits, Node, Syntax, parse},
    source::Source,
};
use std::ops::Range;

/// How deep an entry may nest; serde_json, which the format's own reader uses, stops at 128.
const DEPTH: usize = 120;

/// The values that one entry, or a header that is no JSON, may have.
const VALUES: usize = 100_000;

/// What to do with an entry; false stops.
type Visit<'a> = dyn FnMut(&str, &Node, &mut Findings) -> bool + 'a;

/// How going through a header ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    AtTheEnd,
    /// An entry was refused.
    Stopped,
    /// The header is no JSON, or an entry of it is not.
    Lost,
}

/// Gives every entry to `visit`. What is no JSON is reported.
pub(super) fn each_entry(
    text: &str,
    budget: &Budget,
    findings: &mut Findings,
    mut visit: impl FnMut(&str, &Node, &mut Findings) -> bool,
) -> Ended {
    if !text.starts_with('{') {
        tell_broken(
            findings,
            format!("the header starts with {:?}, not with `{{`", text.chars().next().unwrap_or(' ')),
        );
    }
    let mut scanner = Scanner { text, at: 0 };
    let mut counted = 0_usize;
    let limit = budget.tensors.saturating_add(1);
    let mut is_lost = false;
    let ended = scanner.members(|key, value| {
        counted = counted.saturating_add(1);
        counted <= limit && one_entry(text, key, value, findings, &mut visit, &mut is_lost)
    });
    match ended {
        Some(Ended::AtTheEnd) if is_lost => Ended::Lost,
        Some(ended) => ended,
        // The scanner is lost: the reader of documents knows how to say why.
        None => {
            tell_no_json(text, findings);
            Ended::Lost
        }
    }
}

fn one_entry(
    text: &str,
    key: Range<usize>,
    value: Range<usize>,
    findings: &mut Findings,
    visit: &mut Visit<'_>,
    is_lost: &mut bool,
) -> bool {
    let [key_text, value_text] = [key, value].map(|range| text.get(range).unwrap_or_default());
    let Some(key) = string(key_text, findings) else { return true };
    let (node, problems) = json(value_text);
    for problem in &problems {
        tell_broken(findings, format!("entry `{}`: {}", shown(&key), problem.message));
    }
    *is_lost |= node.is_none();
    node.is_none_or(|node| visit(&key, &node, findings))
}

/// The key, escapes resolved.
fn string(text: &str, findings: &mut Findings) -> Option<String> {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    if let Some(plain) = inner.filter(|inner| !inner.contains(['\\', '"']) && !inner.contains(char::is_control)) {
        return Some(plain.to_owned());
    }
    let (node, problems) = json(text);
    for problem in &problems {
        tell_broken(findings, format!("the name {}: {}", shown(text), problem.message));
    }
    node.and_then(|node| node.as_str().map(str::to_owned))
}

fn json(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    let limits = Limits { bytes: u64::MAX, depth: DEPTH, values: VALUES };
    let (document, problems) = parse(Source::new("", text), Syntax::Json, &limits);
    (document.root, problems)
}

fn tell_no_json(text: &str, findings: &mut Findings) {
    let (root, problems) = json(text);
    if problems.is_empty() {
        let is = root.map_or("nothing", |root| super::entry::noun(&root.kind));
        tell_broken(findings, format!("the header is {is}, not an object"));
    }
    for problem in problems.iter().take(10) {
        let place = problem.span().map_or(String::new(), |span| format!(" at offset {} of the header", span.start));
        tell_broken(findings, format!("the header is not JSON: {}{place}", problem.message));
    }
}

/// Finds the members of the outermost object, no more: what is inside them is for the real reader.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl Scanner<'_> {
    /// Gives the ranges of each member's key and value; `None` where the text is no object.
    fn members(&mut self, mut visit: impl FnMut(Range<usize>, Range<usize>) -> bool) -> Option<Ended> {
        self.eat(b'{')?;
        self.skip_blanks();
        if self.peek() == Some(b'}') {
            return self.end();
        }
        loop {
            self.skip_blanks();
            let key = self.quoted()?;
            self.skip_blanks();
            self.eat(b':')?;
            self.skip_blanks();
            let value = self.value()?;
            if !visit(key, value) {
                return Some(Ended::Stopped);
            }
            self.skip_blanks();
            if self.peek() == Some(b'}') {
                return self.end();
            }
            self.eat(b',')?;
        }
    }

    /// Takes the last bracket, after which only blanks may follow.
    fn end(&mut self) -> Option<Ended> {
        self.eat(b'}')?;
        self.skip_blanks();
        self.peek().is_none().then_some(Ended::AtTheEnd)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn eat(&mut self, expected: u8) -> Option<()> {
        if self.at == 0 {
            self.skip_blanks();
        }
        (self.peek()? == expected).then(|| self.step())
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
            self.step();
        }
    }

    fn quoted(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        self.eat(b'"')?;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at = self.at.saturating_add(2),
                _ => self.step(),
            }
        }
        self.step();
        Some(start..self.at)
    }

    /// Everything up to the comma or bracket that ends the member.
    fn value(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.quoted()?;
                    continue;
                }
                b'{' | b'[' => depth = depth.saturating_add(1),
                b',' | b'}' if depth == 0 => break,
                b'}' | b']' => depth = depth.checked_sub(1)?,
                _ => {}
            }
            self.step();
        }
        (self.at > start).then_some(start..self.at)
    }
}
