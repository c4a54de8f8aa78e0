"""Weaves many mutants into one program: each stands beside what it replaces, and the environment chooses the one that lives."""

import re
from collections import defaultdict

import tree_sitter_rust
from tree_sitter import Language, Parser

RUST = Parser(Language(tree_sitter_rust.language()))

# The module that is added to the crate. With MUTANT_TRACE, a file gets the numbers of all mutants that are come by.
CHOICE = """\
use std::{fs::File, io::Write as _, sync::{LazyLock, atomic::{AtomicBool, Ordering}}};
static ALIVE: LazyLock<Option<usize>> = LazyLock::new(|| std::env::var("MUTANT").ok()?.parse().ok());
static TRACE: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("MUTANT_TRACE").ok());
static SEEN: [AtomicBool; %d] = [const { AtomicBool::new(false) }; %d];
pub fn is_alive(number: usize) -> bool {
    if let Some(path) = &*TRACE && !SEEN[number].swap(true, Ordering::Relaxed) {
        writeln!(File::options().append(true).create(true).open(path).unwrap(), "{number}").unwrap();
    }
    *ALIVE == Some(number)
}
/// One of two iterators, for functions that return some iterator or other.
pub enum Either<'a, T, I> { Mutant(Box<dyn Iterator<Item = T> + 'a>), Real(I) }
pub fn boxed<'a, T: 'a>(items: impl Iterator<Item = T> + 'a) -> Box<dyn Iterator<Item = T> + 'a> { Box::new(items) }
impl<T, I: Iterator<Item = T>> Iterator for Either<'_, T, I> {
    type Item = T;
    fn next(&mut self) -> Option<T> {
        match self { Self::Mutant(items) => items.next(), Self::Real(items) => items.next() }
    }
}
"""


def choice(mutants):
    return CHOICE % (len(mutants) + 1, len(mutants) + 1)


def is_alive(mutant):
    return f"crate::mutants::is_alive({mutant['number']})"


def marked(mutant, text):
    """The text between comments that tell which mutant an error of the compiler belongs to."""
    return f"/*<{mutant['number']}*/{text}/*{mutant['number']}>*/"


def culprit(text, start, end):
    """The number of the mutant whose text surrounds a place most closely; None if there is none."""
    best = None
    for opening in re.finditer(rb"/\*<(\d+)\*/", text):
        closing = text.find(b"/*" + opening[1] + b">*/", opening.end())
        if opening.start() <= start and end <= closing + len(opening[1]) + 5:
            best = int(opening[1])
    return best


def has_rest(arms):
    """Whether a match has an arm for whatever no other takes."""
    patterns = [arm.child_by_field_name("pattern") for arm in arms.children if arm.type == "match_arm"]
    return any(pattern.text == b"_" for pattern in patterns)


class Weaver:
    """One file with its mutants, as cargo-mutants lists them."""

    def __init__(self, source, mutants):
        self.data = source.encode()
        self.tree = RUST.parse(self.data)
        self.woven = set()
        self.at = defaultdict(list)
        lines = source.split("\n")
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line.encode()) + 1)
        for mutant in mutants:
            place = lambda point: starts[point["line"] - 1] + len(lines[point["line"] - 1][: point["column"] - 1].encode())
            mutant["start"], mutant["end"] = place(mutant["span"]["start"]), place(mutant["span"]["end"])
            self.at[mutant["genre"], mutant["start"]].append(mutant)

    def text(self):
        return self.render(self.tree.root_node)

    def source(self, node):
        return self.between(node.start_byte, node.end_byte)

    def between(self, start, end):
        return self.data[start:end].decode()

    def take(self, genre, start):
        """The mutants of a kind that begin at a byte."""
        mutants = self.at.get((genre, start), [])
        self.woven.update(mutant["number"] for mutant in mutants)
        return mutants

    def render(self, node):
        return getattr(self, node.type, self.plain)(node)

    def plain(self, node, start=None):
        """The node as it is, from a byte on, with what is woven into its parts."""
        at = node.start_byte if start is None else start
        parts = []
        for child in node.children:
            if child.start_byte >= at:
                parts += [self.between(at, child.start_byte), self.render(child)]
                at = child.end_byte
        return "".join([*parts, self.between(at, node.end_byte)])

    def alternatives(self, mutants, replaced, node):
        """`if …` for each mutant, and the node itself in the last `else`."""
        cases = [marked(mutant, f"if {is_alive(mutant)} {{ {replaced(mutant)} }}") + " else " for mutant in mutants]
        return f"{''.join(cases)}{{ {self.plain(node)} }}"

    def function_item(self, node):
        body = node.child_by_field_name("body")
        mutants = [] if body is None else self.of_body(body)
        if not any(node.start_byte <= mutant["start"] < node.end_byte for group in self.at.values() for mutant in group):
            return self.plain(node)
        # What is chosen when the program runs is no constant.
        before = re.sub(r"\bconst fn\b", "fn", self.between(node.start_byte, body.start_byte), count=1)
        returned = node.child_by_field_name("return_type")
        inside = self.plain(body)
        if mutants and returned is not None and self.source(returned).startswith("impl Iterator"):
            value = lambda mutant: f"crate::mutants::Either::Mutant(crate::mutants::boxed({mutant['replacement']}))"
            inside = f"{{ crate::mutants::Either::Real({inside}) }}"
        else:
            value = lambda mutant: mutant["replacement"]
        returns = [marked(mutant, f"if {is_alive(mutant)} {{ return {value(mutant)}; }}") for mutant in mutants]
        return f"{before}{{{''.join(returns)}{inside[1:]}"

    def of_body(self, body):
        """The mutants that replace this body as a whole."""
        inside = [child for child in body.children if child.is_named]
        return self.take("FnValue", inside[0].start_byte) if inside else []

    def binary_expression(self, node):
        operator = node.child_by_field_name("operator")
        mutants = self.take("BinaryOperator", operator.start_byte)
        if not mutants:
            return self.plain(node)
        left, right = (self.source(node.child_by_field_name(side)) for side in ("left", "right"))
        replaced = lambda mutant: f"({left}) {mutant['replacement']} ({right})"
        return f"({self.alternatives(mutants, replaced, node)})"

    compound_assignment_expr = binary_expression

    def unary_expression(self, node):
        mutants = self.take("UnaryOperator", node.start_byte)
        if not mutants:
            return self.plain(node)
        operand = self.source(node.children[1])
        replaced = lambda mutant: f"{mutant['replacement']} ({operand})"
        return f"({self.alternatives(mutants, replaced, node)})"

    def match_arm(self, node):
        # Without an arm for the rest, no arm can be left out.
        deleted = self.take("MatchArm", node.start_byte) if has_rest(node.parent) else []
        pattern = node.child_by_field_name("pattern")
        condition = pattern.child_by_field_name("condition")
        replaced = [] if condition is None else self.take("MatchArmGuard", condition.start_byte)
        if not deleted and not replaced:
            return self.plain(node)
        terms = [marked(mutant, f"!{is_alive(mutant)}") for mutant in deleted]
        shown = self.source(pattern)
        if condition is not None:
            guard = f"({self.render(condition)})"
            for mutant in replaced:
                wrapped = f"{is_alive(mutant)} || {guard}" if mutant["replacement"] == "true" else f"!{is_alive(mutant)} && {guard}"
                guard = marked(mutant, f"({wrapped})")
            terms.append(guard)
            shown = self.between(pattern.start_byte, condition.start_byte).rstrip().removesuffix("if")
        before = self.between(node.start_byte, pattern.start_byte)
        return f"{before}{shown} if {' && '.join(terms)}{self.plain(node, pattern.end_byte)}"

    def field_initializer(self, node):
        mutants = self.take("StructField", node.start_byte)
        if not mutants:
            return self.plain(node)
        base = next(child for child in node.parent.children if child.type == "base_field_initializer")
        rest = self.source(base).removeprefix("..")
        field, value = (node.child_by_field_name(name) for name in ("field", "value"))
        cases = [marked(mutant, f"if {is_alive(mutant)} {{ ({rest}).{self.source(field)} }}") + " else " for mutant in mutants]
        return f"{self.source(field)}: {''.join(cases)}{{ {self.render(value)} }}"


def weave(source, mutants):
    """The file with its mutants, and the numbers of those that found their place."""
    weaver = Weaver(source, mutants)
    text = weaver.text()
    return text, weaver.woven
