//! Regular expressions whose work is counted: compiling them, and each match.

use super::work::{Unknown, Work, steps};
use fancy_regex::{Expr, RegexBuilder};
use regex_automata::{
    Input,
    hybrid::dfa::{Cache, DFA},
    nfa::thompson::{self, NFA, State, WhichCaptures},
};
use std::cell::{Cell, OnceCell, RefCell};

/// Bytes of a pattern; a name for every module of the largest models has as many.
const LONGEST: usize = 256 << 10;

/// Classes like `\w` in a pattern, of some kilobytes each while it is compiled.
const MOST_CLASSES: usize = 1000;

/// Bytes of a compiled pattern.
const LARGEST: usize = 1 << 20;

/// Bytes of the states that one pattern passes through.
const MOST_STATES: usize = 2 << 20;

/// Limits of going back in one match, tried one after the other, so that easy matches are charged little; what needs more is unknown.
const BACKTRACK_LIMITS: [usize; 4] = [16, 64, 256, 1024];

/// Look-arounds and the like in a pattern: the engine keeps an automaton of its own for each, of some 70 kilobytes.
const MOST_HARD_PARTS: u64 = 50;

/// What the engine takes for operations on sets, boundaries of words, characters, repeats or conditions of its own, and Python does not.
const READ_OTHERWISE: [&str; 9] = ["&&", "--", "~~", r"\N", r"\<", r"\>", r"\b{", "(?(", "{,"];

/// Whether the engine and Python's `re` mean the same by a pattern. In doubt they do not.
fn is_read_alike(pattern: &str) -> bool {
    // A bracket in a set would begin another; what follows the last one does not matter.
    let before_last = pattern.rsplit_once('[').map_or("", |(before, _)| before);
    let mut sets = before_last.split('[').skip(1);
    // A bracket that closes at once is a character to Python.
    let has_bracket_first = pattern.contains("[]") || pattern.contains("[^]");
    !has_bracket_first && !READ_OTHERWISE.iter().any(|part| pattern.contains(part)) && sets.all(|set| set.contains(']'))
}

/// A pattern as Python's `re` would compile it.
#[derive(Debug)]
pub(super) struct Regex {
    engine: Engine,
    /// Whether a match has cost too much, as the next would.
    has_given_up: Cell<bool>,
}

#[derive(Debug)]
enum Engine {
    Automaton(Box<Automaton>),
    Backtracking(Box<Backtracking>),
}

impl Regex {
    /// # Errors
    /// The pattern is none, one that the engine reads otherwise, one that is too large, or there is no work left.
    pub(super) fn new(pattern: &str, work: &Work) -> Result<Self, Unknown> {
        if pattern.len() > LONGEST || classes(pattern) > MOST_CLASSES || !is_read_alike(pattern) {
            return Err(Unknown);
        }
        work.spend(cost_of_parsing(pattern))?;
        let tree = Expr::parse_tree(pattern).map_err(|_| Unknown)?;
        let engine = if tree.expr.has_descendant_or_self(is_hard) {
            Engine::Backtracking(Box::new(Backtracking::new(pattern, tree.expr, work)?))
        } else {
            Engine::Automaton(Box::new(Automaton::new(&tree.expr, work)?))
        };
        Ok(Self { engine, has_given_up: Cell::new(false) })
    }

    /// Whether a text matches.
    pub(super) fn matches(&self, text: &str, work: &Work) -> Result<bool, Unknown> {
        self.end(text, work).map(|end| end.is_some())
    }

    /// Where the match in a text ends, if there is one.
    pub(super) fn end(&self, text: &str, work: &Work) -> Result<Option<usize>, Unknown> {
        if self.has_given_up.get() {
            return Err(Unknown);
        }
        let end = match &self.engine {
            Engine::Automaton(automaton) => automaton.end(text, work),
            Engine::Backtracking(backtracking) => backtracking.end(text, work),
        };
        self.has_given_up.set(end.is_err());
        end
    }
}

/// Steps that parsing takes at most: per byte, per class of Unicode, and per range that is folded to lower case.
fn cost_of_parsing(pattern: &str) -> u64 {
    const BYTE: u64 = 100;
    const CLASS: u64 = 12_000;
    const FOLDED_RANGE: u64 = 600_000;
    let is_folded = pattern
        .split("(?")
        .skip(1)
        .any(|flags| flags.chars().take_while(char::is_ascii_alphabetic).any(|flag| flag == 'i'));
    let ranges = if is_folded { pattern.matches('-').count() } else { 0 };
    let of = |count: usize, cost: u64| steps(count).saturating_mul(cost);
    of(pattern.len(), BYTE).saturating_add(of(classes(pattern), CLASS)).saturating_add(of(ranges, FOLDED_RANGE))
}

/// How many classes like `\w` a pattern has at most.
fn classes(pattern: &str) -> usize {
    pattern.split('\\').skip(1).filter(|rest| rest.starts_with(|first: char| first.is_ascii_alphabetic())).count()
}

/// Whether an expression needs to go back: no automaton does what it does.
fn is_hard(expr: &Expr) -> bool {
    use fancy_regex::Assertion as Place;
    !matches!(
        expr,
        Expr::Empty
            | Expr::Any { .. }
            | Expr::Literal { .. }
            | Expr::Concat(_)
            | Expr::Alt(_)
            | Expr::Group(_)
            | Expr::Repeat { .. }
            | Expr::Delegate { .. }
            | Expr::Assertion(
                Place::StartText
                    | Place::EndText
                    | Place::StartLine { .. }
                    | Place::EndLine { .. }
                    | Place::WordBoundary
                    | Place::NotWordBoundary
            )
    )
}

/// An automaton that makes its states as texts lead to them.
#[derive(Debug)]
struct Automaton {
    dfa: DFA,
    cache: RefCell<Cache>,
    /// What one byte of a new state costs.
    cost_of_growth: u64,
}

impl Automaton {
    fn new(expr: &Expr, work: &Work) -> Result<Self, Unknown> {
        let nfa = nfa(expr, work)?;
        let states = steps(nfa.states().len());
        let config = DFA::config()
            .cache_capacity(MOST_STATES)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(0))
            .unicode_word_boundary(true);
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa).map_err(|_| Unknown)?;
        // A state has a way on for each class of bytes, and each looks at all states of the pattern at most.
        let ways = steps(dfa.byte_classes().alphabet_len()).next_power_of_two();
        let of_ways = states.saturating_mul(ways).checked_div(ways.saturating_add(10).saturating_mul(16));
        let cost_of_growth = of_ways.unwrap_or_default().saturating_add(5);
        let cache = RefCell::new(dfa.create_cache());
        Ok(Self { dfa, cache, cost_of_growth })
    }

    fn end(&self, text: &str, work: &Work) -> Result<Option<usize>, Unknown> {
        const SEARCH: u64 = 4;
        work.spend(SEARCH.saturating_add(steps(text.len() / 8)))?;
        let mut cache = self.cache.borrow_mut();
        let before = cache.memory_usage();
        let found = self.dfa.try_search_fwd(&mut cache, &Input::new(text));
        let growth = steps(cache.memory_usage().saturating_sub(before));
        work.spend(growth.saturating_mul(self.cost_of_growth))?;
        found.map(|found| found.map(|found| found.offset())).map_err(|_| Unknown)
    }
}

/// The states of an expression that is not hard.
fn nfa(expr: &Expr, work: &Work) -> Result<NFA, Unknown> {
    const BYTE: u64 = 3;
    let mut pattern = String::new();
    expr.to_str(&mut pattern, 0);
    let config = thompson::Config::new().nfa_size_limit(Some(LARGEST)).which_captures(WhichCaptures::None);
    let nfa = NFA::compiler().configure(config).build(&pattern);
    let size = nfa.as_ref().map_or(LARGEST, NFA::memory_usage);
    work.spend(steps(size).saturating_mul(BYTE))?;
    nfa.map_err(|_| Unknown)
}

/// An engine that tries one way after the other.
#[derive(Debug)]
struct Backtracking {
    pattern: String,
    /// The pattern for each of [`BACKTRACK_LIMITS`], made when it is needed.
    attempts: [OnceCell<Option<fancy_regex::Regex>>; BACKTRACK_LIMITS.len()],
    /// What it would be if it were not hard.
    nfa: NFA,
    hard: Hard,
    /// Whether going back never leads into a repeat of hard parts again, as in `^(?:(?!vision).)*_proj$`.
    repeats_once: bool,
}

impl Backtracking {
    fn new(pattern: &str, mut expr: Expr, work: &Work) -> Result<Self, Unknown> {
        let is_first = begins_with_characters(&expr);
        let hard = softened(&mut expr).filter(|hard| hard.parts <= MOST_HARD_PARTS).ok_or(Unknown)?;
        let repeats_once = is_first && hard.repeats == 1;
        let nfa = nfa(&expr, work)?;
        let engine = Self { pattern: pattern.to_owned(), attempts: Default::default(), nfa, hard, repeats_once };
        // It parses the pattern once more, and what it refuses is none.
        work.spend(cost_of_parsing(pattern))?;
        let [first, ..] = &engine.attempts;
        let [limit, ..] = BACKTRACK_LIMITS;
        first.get_or_init(|| engine.compiled(limit)).is_some().then_some(engine).ok_or(Unknown)
    }

    fn end(&self, text: &str, work: &Work) -> Result<Option<usize>, Unknown> {
        let ways = ways(&self.nfa, text, work)?;
        for (attempt, limit) in self.attempts.iter().zip(BACKTRACK_LIMITS) {
            work.spend(self.cost(text.len(), ways, steps(limit)))?;
            if attempt.get().is_none() {
                work.spend(cost_of_parsing(&self.pattern))?;
            }
            let regex = attempt.get_or_init(|| self.compiled(limit)).as_ref().ok_or(Unknown)?;
            if let Ok(found) = regex.find(text) {
                return Ok(found.map(|found| found.end()));
            }
        }
        Err(Unknown)
    }

    fn compiled(&self, limit: usize) -> Option<fancy_regex::Regex> {
        let mut builder = RegexBuilder::new(&self.pattern);
        // What follows every state at once takes longer for a few names, and never much longer.
        builder.backtrack_limit(limit).delegate_size_limit(LARGEST).delegate_dfa_size_limit(0).build().ok()
    }

    /// Steps of a match that goes back so often.
    fn cost(&self, length: usize, ways: u64, limit: u64) -> u64 {
        if self.repeats_once {
            let going_back = self.cost_between(length, ways, 0).saturating_mul(limit);
            return self.cost_between(length, ways, 1).saturating_add(going_back);
        }
        self.cost_between(length, ways, self.hard.depth).saturating_mul(limit)
    }

    /// Steps between going back twice: every hard part runs through the rest of the text, in a repeat for each character of it.
    fn cost_between(&self, length: usize, ways: u64, depth: u32) -> u64 {
        const PART: u64 = 5;
        const STATES_PER_STEP: u64 = 64;
        let length = steps(length);
        // What the engine has passed through is marked in one bit for each state and character.
        let of_marks = (0..=depth).fold(steps(self.nfa.states().len()), |cost, _| cost.saturating_mul(length));
        let of_ways = (0..depth).fold(ways, |cost, _| cost.saturating_mul(length));
        let of_parts = (0..depth).fold(self.hard.parts.saturating_mul(PART), |cost, _| cost.saturating_mul(length));
        let of_states = (of_marks / STATES_PER_STEP).saturating_add(of_ways / WAYS_PER_STEP);
        of_states.saturating_add(of_parts).saturating_add(PART)
    }
}

/// Ways from state to state that are gone in one step.
const WAYS_PER_STEP: u64 = 8;

/// How many ways from state to state there are through a text, from all of its characters together: a match from any of them goes no
/// others.
fn ways(nfa: &NFA, text: &str, work: &Work) -> Result<u64, Unknown> {
    let mut all = 0_u64;
    let mut passed = vec![0_usize; nfa.states().len()];
    let mut next = Vec::new();
    for (number, byte) in (1..).zip(text.bytes()) {
        let (mut open, mut gone) = (std::mem::take(&mut next), 0_u64);
        open.push(nfa.start_anchored());
        while let Some(id) = open.pop() {
            gone = gone.saturating_add(1);
            match passed.get_mut(id.as_usize()) {
                Some(last) if *last < number => *last = number,
                _ => continue,
            }
            match nfa.state(id) {
                State::ByteRange { trans } => next.extend(trans.matches_byte(byte).then_some(trans.next)),
                State::Sparse(ways) => next.extend(ways.matches_byte(byte)),
                State::Dense(ways) => next.extend(ways.matches_byte(byte)),
                State::Look { next, .. } | State::Capture { next, .. } => open.push(*next),
                State::Union { alternates } => open.extend(alternates),
                State::BinaryUnion { alt1, alt2 } => open.extend([*alt1, *alt2]),
                State::Fail | State::Match { .. } => {}
            }
        }
        work.spend((gone / WAYS_PER_STEP).saturating_add(1))?;
        all = all.saturating_add(gone);
    }
    Ok(all)
}

/// Whether an expression begins with a repeat of single characters, each perhaps looked around: nothing before it matches in another
/// way, and nothing in it does, so that going back only makes it shorter.
fn begins_with_characters(expr: &Expr) -> bool {
    match expr {
        Expr::Concat(parts) => {
            let first = parts.iter().find(|part| !matches!(part, Expr::Assertion(_) | Expr::Empty));
            first.is_some_and(begins_with_characters)
        }
        Expr::Group(inner) => begins_with_characters(inner),
        Expr::Repeat { child, hi: usize::MAX, .. } => is_single_character(child),
        _ => false,
    }
}

/// Whether an expression is one character, perhaps with look-around at it.
fn is_single_character(expr: &Expr) -> bool {
    match expr {
        Expr::Group(inner) => is_single_character(inner),
        Expr::Concat(parts) => {
            let (around, characters): (Vec<_>, Vec<_>) =
                parts.iter().partition(|part| matches!(part, Expr::LookAround(..)));
            !around.is_empty() && matches!(characters.as_slice(), [character] if is_single_character(character))
        }
        Expr::Any { .. } | Expr::Literal { .. } | Expr::Delegate { .. } => true,
        _ => false,
    }
}

/// What is hard in an expression.
#[derive(Debug, Clone, Copy, Default)]
struct Hard {
    /// How many parts.
    parts: u64,
    /// In how many repeats within one another, without an end, they stand at most.
    depth: u32,
    /// How many repeats without an end have some in them.
    repeats: u64,
}

/// Makes the expression one whose states can be counted, with a plain character for each hard part; `None` for what Python does not
/// have. The parser refuses patterns that nest too deeply for recursion.
fn softened(expr: &mut Expr) -> Option<Hard> {
    let mut hard = Hard::default();
    if is_hard(expr) {
        hard.parts = 1;
        // A part without characters would cost nothing, however often it is repeated.
        let character = Expr::Literal { val: "x".to_owned(), casei: false };
        *expr = match std::mem::replace(expr, Expr::Empty) {
            Expr::LookAround(inner, _) | Expr::AtomicGroup(inner) => Expr::Concat(vec![*inner, character]),
            Expr::Backref { .. } | Expr::Assertion(_) => character,
            _ => return None,
        };
    }
    for child in expr.children_iter_mut() {
        let inner = softened(child)?;
        hard.parts = hard.parts.saturating_add(inner.parts);
        hard.depth = hard.depth.max(inner.depth);
        hard.repeats = hard.repeats.saturating_add(inner.repeats);
    }
    if matches!(expr, Expr::Repeat { hi: usize::MAX, .. }) && hard.parts > 0 {
        hard.depth = hard.depth.saturating_add(1);
        hard.repeats = hard.repeats.saturating_add(1);
    }
    Some(hard)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Budget;
    use proptest::prelude::*;

    fn work() -> Work {
        Work::new(Budget::default().matching)
    }

    /// Pieces of patterns, most of which make one when they are put together.
    const PIECES: [&str; 26] = [
        "a", "b", "A", ".", r"\.", "|", "(", "(?:", "(?=", "(?!", "(?<=a)", "(?<!b)", ")", "*", "+", "?", "*?",
        "{1,2}", "[ab]", "[^a]", r"\w", r"\b", r"\1", "^", "$", "(?i:b)",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_pattern_means_what_the_engine_takes_it_for(
            pieces in prop::collection::vec(prop::sample::select(&PIECES), 1..8),
            text in "[abA.\n]{0,6}",
        ) {
            let pattern = format!("^(?:{})$", pieces.concat());
            let engine = fancy_regex::Regex::new(&pattern);
            let Ok(regex) = Regex::new(&pattern, &work()) else {
                prop_assert!(engine.is_err() || !is_read_alike(&pattern), "{}", pattern);
                return Ok(());
            };
            let expected = engine.unwrap().find(&text).unwrap().map(|found| found.end());
            prop_assert_eq!(regex.end(&text, &work()), Ok(expected), "{}", pattern);
        }
    }

    #[test]
    fn patterns_without_look_around_need_no_going_back() {
        for (pattern, is_automaton) in [
            (r"^(?:.*\.)?(?:layers\.(1[0-9]|2\d)\..*_proj)$", true),
            (r"^(?P<name>q|v)\b$", true),
            (r"^(?i:q)+?$", true),
            (r"^(?!v).*$", false),
            (r"^(.)\1$", false),
            (r"^(?>a*)b$", false),
        ] {
            let regex = Regex::new(pattern, &work()).unwrap();
            assert_eq!(matches!(regex.engine, Engine::Automaton(_)), is_automaton, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_costs_what_it_unfolds_to() {
        assert!(cost_of_parsing("ab") > cost_of_parsing("a"));
        assert!(cost_of_parsing(r"\w") > 10 * cost_of_parsing("ab"));
        assert!(cost_of_parsing("(?i:[a-z])") > 100 * cost_of_parsing("(?s:[a-z])"));
        assert_eq!(classes(r"\w\.\d"), 2);
    }

    #[test]
    fn a_match_costs_what_it_goes_through() {
        const LENGTH: usize = 200;
        let (text, length) = ("a".repeat(LENGTH), steps(LENGTH));
        let spent = |pattern: &str| {
            let regex = Regex::new(pattern, &work()).unwrap();
            let work = work();
            assert_eq!(regex.matches(&text, &work), Ok(true), "{pattern}");
            work.spent()
        };
        assert!(spent("^a*$") >= length / 8);
        // Looks through the rest of the text from each of its characters.
        assert!(spent("^(?:(?!.*b).)*$") >= length * length / 64);
        // And all of that each time it goes back.
        assert!(spent("^(?:(?!.*b).|a)*$") > 2 * spent("^(?:(?!.*b).)*$"));
    }

    #[test]
    fn one_repeat_of_single_characters_is_entered_once() {
        for (pattern, repeats_once) in [
            (r"^(?:(?!v).)*_proj$", true),
            (r"^((?!v).)*_proj$", true),
            (r"^((?:(?!v).)*)_proj$", true),
            (r"^(?:(?!v)..)*_proj$", false),
            (r"^(?:(?!v).|q)*_proj$", false),
            (r"^q(?:(?!v).)*_proj$", false),
            (r"^(?:(?!v).)*(?:(?=_).)*$", false),
        ] {
            let Engine::Backtracking(engine) = Regex::new(pattern, &work()).unwrap().engine else { unreachable!() };
            assert_eq!(engine.repeats_once, repeats_once, "{pattern}");
        }
    }

    #[test]
    fn what_is_read_otherwise_is_refused() {
        for pattern in ["[]a]", "[^]a]", "[[a]b]", "[a&&b]", r"\N{DIGIT ONE}"] {
            assert!(Regex::new(pattern, &work()).is_err(), "{pattern}");
        }
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let long = "a|".repeat(LONGEST / 2 + 1);
        let classes = r"\w|".repeat(MOST_CLASSES + 1);
        let parts = "(?=a)|".repeat(60);
        for pattern in
            [long.as_str(), &classes, &parts, r"\w{1000}", r"(?:(?=a)b?){100000}", r"(?:(?:(?=a)){1000}){1000}"]
        {
            assert!(Regex::new(pattern, &work()).is_err(), "{}", &pattern[..10]);
        }
    }

    /// Parts that match nothing leave few states, and many ways through them.
    #[test]
    fn what_is_empty_costs_what_it_takes() {
        let many = "|".repeat(60);
        for pattern in [format!("^(?:(?!(?:{many}a){{250}}!).)*q$"), "^(?:(?!(?:a?){1000}!).)*q$".to_owned()] {
            let (regex, work) = (Regex::new(&pattern, &work()).unwrap(), work());
            let start = std::time::Instant::now();
            for number in 0..300 {
                let _ = regex.matches(&format!("{number:04}{}", "a".repeat(100)), &work);
            }
            assert!(work.is_used_up(), "{} steps in {:?}", work.spent(), start.elapsed());
        }
    }

    #[test]
    fn a_pattern_that_took_too_long_is_not_tried_again() {
        // One makes more and more states, one goes back without end.
        let next = |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        let random = std::iter::successors(Some(1_u64), next).map(|state| if state >> 63 == 0 { 'a' } else { 'b' });
        let states: String = random.take(100_000).collect();
        for (pattern, text) in [("^[ab]*a[ab]{100}$", states), (r"^(?:(a+)+\1)+!$", "a".repeat(30))] {
            let (regex, work) = (Regex::new(pattern, &work()).unwrap(), work());
            assert_eq!(regex.matches("c", &work), Ok(false), "{pattern}");
            assert_eq!(regex.matches(&text, &work), Err(Unknown), "{pattern}");
            assert!(!work.is_used_up());
            let spent = work.spent();
            assert_eq!((regex.matches("c", &work), work.spent()), (Err(Unknown), spent), "{pattern}");
        }
    }
}
