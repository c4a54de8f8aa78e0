//! Patterns of modules' names, matched as PEFT does (`get_pattern_key`, `match_target_against_key`).

use super::{
    endings::{Ending, Endings, cost},
    path::with_outer,
    regex::Regex,
    work::{Unknown, Work, steps},
};
use crate::{
    document::{Kind, Node},
    layout::modules::ALL_LINEAR,
};
use std::collections::BTreeMap;

/// The first of several patterns that matches a path, if one does; unknown if one before it could not be matched.
pub(super) type First = Result<Option<usize>, Unknown>;

/// The number of a module's layer, if it is in one; unknown if its path could not be matched.
pub(super) type LayerNumber = Result<Option<i128>, Unknown>;

/// What the keys of `rank_pattern` or `alpha_pattern` match.
#[derive(Debug)]
pub(super) struct Matched {
    /// By path, the first key that matches it.
    pub(super) first: Vec<First>,
    /// By key, whether it is known to match no path.
    pub(super) matches_nothing: Vec<bool>,
}

impl Matched {
    /// Matches keys with paths: a key matches a whole path or what follows a dot in it.
    pub(super) fn new(keys: &[&str], paths: &[&str], work: &Work) -> Self {
        Self::of(keys, paths, (0..paths.len()).collect(), work)
    }

    /// As [`new`](Self::new), where the first key of a path does not matter: by key, whether it is known to match no path.
    pub(super) fn nothing(keys: &[&str], paths: &[&str], work: &Work) -> Vec<bool> {
        Self::of(keys, paths, Vec::new(), work).matches_nothing
    }

    /// `open` are the paths that an expression may still be the first to match.
    fn of(keys: &[&str], paths: &[&str], mut open: Vec<usize>, work: &Work) -> Self {
        // No keys take no work, even if there is none left.
        if keys.is_empty() {
            return Self { first: vec![Ok(None); paths.len()], matches_nothing: Vec::new() };
        }
        let mut matched = Self::by_plain_keys(keys, paths, work);
        for (number, key) in keys.iter().enumerate().filter(|(_, key)| PlainKey::of(key).is_none()) {
            let is_open = |first: &First| first.is_ok_and(|first| first.is_none_or(|first| first > number));
            open.retain(|path| matched.first.get(*path).is_some_and(is_open));
            let expression = Regex::new(&key_in_frame(key), work).ok();
            matched.match_expression(expression.as_ref(), number, paths, &open, work);
        }
        matched
    }

    /// Looks plain keys up. Of the other keys nothing is known yet.
    fn by_plain_keys(keys: &[&str], paths: &[&str], work: &Work) -> Self {
        let plain: Vec<Option<PlainKey>> = keys.iter().map(|key| PlainKey::of(key)).collect();
        let names = plain.iter().flatten().map(|key| key.name.as_str());
        let Ok(endings) = Endings::new(names, Ending::Expression, work) else {
            return Self { first: vec![Err(Unknown); paths.len()], matches_nothing: vec![false; keys.len()] };
        };
        let mut keys_of_name: BTreeMap<&str, Vec<(usize, &PlainKey)>> = BTreeMap::new();
        for (number, key) in plain.iter().enumerate() {
            if let Some(key) = key {
                keys_of_name.entry(&key.name).or_default().push((number, key));
            }
        }
        // Until a path is found.
        let mut matches_nothing: Vec<bool> = plain.iter().map(Option::is_some).collect();
        let mut first_of = |path: &str| {
            let mut first = None;
            let names = endings.of(path, work)?;
            work.spend(steps(names.len()).saturating_mul(cost(keys_of_name.len())))?;
            for (number, key) in names.iter().filter_map(|name| keys_of_name.get(name)).flatten() {
                work.spend(steps(path.len()))?;
                if key.fits(path) {
                    first = first.into_iter().chain([*number]).min();
                    matches_nothing.get_mut(*number).into_iter().for_each(|matches_nothing| *matches_nothing = false);
                }
            }
            Ok(first)
        };
        let first: Vec<First> = paths.iter().map(|path| first_of(path)).collect();
        if first.iter().any(Result::is_err) {
            matches_nothing.fill(false);
        }
        Self { first, matches_nothing }
    }

    /// Matches one expression with the paths that are open and then, if it matches none of them, with the others.
    fn match_expression(
        &mut self,
        expression: Option<&Regex>,
        number: usize,
        paths: &[&str],
        open: &[usize],
        work: &Work,
    ) {
        let matches = |path: &str| expression.ok_or(Unknown)?.matches(path, work);
        let mut matches_nothing = true;
        for index in open {
            let (Some(path), Some(first)) = (paths.get(*index), self.first.get_mut(*index)) else { continue };
            let found = matches(path);
            match found {
                Ok(true) => *first = Ok(Some(number)),
                Ok(false) => {}
                Err(unknown) => *first = Err(unknown),
            }
            matches_nothing &= found == Ok(false);
        }
        let mut others = paths.iter().enumerate().filter(|(index, _)| open.binary_search(index).is_err());
        let matches_nothing = matches_nothing && others.all(|(_, path)| matches(path) == Ok(false));
        if let Some(known) = self.matches_nothing.get_mut(number) {
            *known = matches_nothing;
        }
    }
}

/// The expression that PEFT makes of a key, groups included, as a key may refer to them by number.
fn key_in_frame(key: &str) -> String {
    anchored(&format!(r"(.*\.)?({key})$"))
}

/// An expression that begins where the text does, as Python's `re.match` has it, in each of its alternatives.
fn anchored(pattern: &str) -> String {
    format!("^(?:{pattern})")
}

/// A key of plain characters and dots, such keys are looked up all at once; `^` and `$` may stand around it.
struct PlainKey {
    /// The names of modules end in it, where a dot is any character.
    name: String,
    /// The dots that are nothing else, counted from the end.
    own_dots: Vec<usize>,
    /// Whether it must be the whole path.
    is_whole: bool,
}

impl PlainKey {
    fn of(key: &str) -> Option<Self> {
        let inner = key.strip_prefix('^').unwrap_or(key);
        let is_whole = inner.len() < key.len();
        let inner = inner.strip_suffix('$').unwrap_or(inner);
        let name = inner.replace(r"\.", ".");
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        let mut own_dots = Vec::new();
        let mut after = 0_usize;
        for part in inner.rsplit(r"\.") {
            after = after.saturating_add(part.len());
            own_dots.push(after);
            after = after.saturating_add(1);
        }
        // What stands before the first of them ends in none.
        own_dots.pop();
        is_plain.then_some(Self { name, own_dots, is_whole })
    }

    /// Whether the key matches a path that ends in its name; this goes through the path once.
    fn fits(&self, path: &str) -> bool {
        let mut backwards = path.chars().rev().enumerate();
        let mut is_dot =
            |from_end: &usize| backwards.find(|(at, _)| at == from_end).is_some_and(|(_, found)| found == '.');
        self.own_dots.iter().all(&mut is_dot) && (!self.is_whole || path.chars().count() == self.name.len())
    }
}

/// Where the number of a layer stands in the name of a module (`check_target_module_exists`).
#[derive(Debug)]
pub(super) struct LayerPatterns(Vec<String>);

impl LayerPatterns {
    /// From `layers_pattern`; `None` if it cannot be made sense of.
    pub(super) fn of(node: Option<&Node>) -> Option<Self> {
        let named = |pattern: &str| anchored(&format!(r"(?:|.*?\.){pattern}\.\d+\."));
        let any = || vec![r"^.*?\.[^.]*\.\d+\.".to_owned()];
        let patterns = match node.map(|node| &node.kind) {
            None | Some(Kind::Null) => any(),
            Some(Kind::String(pattern)) if pattern.is_empty() => any(),
            Some(Kind::String(pattern)) => vec![named(pattern)],
            Some(Kind::Array(items)) if items.is_empty() => any(),
            Some(Kind::Array(items)) => items.iter().map(|item| item.as_str().map(named)).collect::<Option<_>>()?,
            Some(_) => return None,
        };
        Some(Self(patterns))
    }

    /// By path, the number of its layer, if it has one there.
    ///
    /// # Errors
    /// A pattern cannot be made sense of.
    pub(super) fn numbers(&self, paths: &[&str], work: &Work) -> Result<Vec<LayerNumber>, Unknown> {
        let mut numbers = vec![Ok(None); paths.len()];
        let mut open: Vec<usize> = (0..paths.len()).collect();
        for pattern in &self.0 {
            let pattern = Regex::new(pattern, work)?;
            open.retain(|index| {
                let (Some(path), Some(number)) = (paths.get(*index), numbers.get_mut(*index)) else { return false };
                let end = pattern.end(path, work);
                *number = end.map(|end| number_before(path, end?));
                end == Ok(None)
            });
        }
        Ok(numbers)
    }
}

/// The number between the last two dots before the end of a match.
fn number_before(path: &str, end: usize) -> Option<i128> {
    path.get(..end)?.strip_suffix('.')?.rsplit('.').next()?.parse().ok()
}

/// What a field says of modules.
#[derive(Debug)]
pub(super) enum Targets<'a> {
    /// None of them.
    Nothing,
    /// Names, or the ends of names behind dots.
    Names(TargetNames<'a>),
    /// A pattern of whole names.
    Pattern(Regex),
    /// Something that only the base model tells: nothing, every linear layer, a broken pattern.
    Unknown,
}

/// The names in `target_modules`.
#[derive(Debug)]
pub(super) struct TargetNames<'a> {
    /// In the order of the config.
    pub(super) given: Vec<(&'a Node, &'a str)>,
    pub(super) endings: Endings<'a>,
}

impl<'a> Targets<'a> {
    /// What `target_modules` means, if nothing is wrong with it.
    pub(super) fn of(node: Option<&'a Node>, work: &Work) -> Self {
        let known = match node.map(|node| &node.kind) {
            Some(Kind::Array(items)) if !items.is_empty() => {
                let given: Vec<_> = items.iter().filter_map(|item| Some((item, item.as_str()?))).collect();
                let endings = Endings::new(given.iter().map(|(_, name)| *name), Ending::Name, work);
                endings.ok().map(|endings| Self::Names(TargetNames { given, endings }))
            }
            Some(Kind::String(pattern)) if !pattern.eq_ignore_ascii_case(ALL_LINEAR) => {
                Regex::new(&format!("^(?:{pattern})$"), work).ok().map(Self::Pattern)
            }
            _ => None,
        };
        known.unwrap_or(Self::Unknown)
    }

    /// Whether a module is meant.
    pub(super) fn include(&self, module: &str, work: &Work) -> Result<bool, Unknown> {
        let matches = |path: &str| match self {
            Self::Nothing => Ok(false),
            Self::Names(names) => names.endings.of(path, work).map(|found| !found.is_empty()),
            Self::Pattern(pattern) => pattern.matches(path, work),
            Self::Unknown => Err(Unknown),
        };
        with_outer(module).try_fold(false, |is_meant, path| if is_meant { Ok(true) } else { matches(path) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{limits::Budget, source::Span};
    use proptest::prelude::*;

    fn work() -> Work {
        Work::new(Budget::default().matching)
    }

    /// The keys of a matter as the expressions that PEFT makes of them find them, one by one.
    fn one_by_one(keys: &[&str], paths: &[&str]) -> (Vec<First>, Vec<bool>) {
        let expression = |key: &&str| fancy_regex::Regex::new(&key_in_frame(key)).unwrap();
        let expressions: Vec<_> = keys.iter().map(expression).collect();
        let matches = |number: usize, path: &str| expressions[number].is_match(path).unwrap();
        let first = paths.iter().map(|path| Ok((0..keys.len()).find(|key| matches(*key, path))));
        let is_unmatched = |key| !paths.iter().any(|path| matches(key, path));
        (first.collect(), (0..keys.len()).map(is_unmatched).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn keys_match_as_one_by_one(
            keys in prop::collection::vec(
                r"[ab.]{0,4}|[ab.]{0,2}(-|[ab]|ä|a*)[ab.]{0,2}|\^?[ab.]{0,2}(\\\.)?[ab.]?(\\\.)?[ab]?\$?",
                0..8
            ),
            paths in prop::collection::vec("[ab.]{0,6}|[ab.ä\n-]{0,6}", 0..4),
        ) {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            let matched = Matched::new(&keys, &paths, &work());
            let (first, matches_nothing) = one_by_one(&keys, &paths);
            prop_assert_eq!(matched.first, first);
            prop_assert_eq!(&matched.matches_nothing, &matches_nothing);
            prop_assert_eq!(Matched::nothing(&keys, &paths, &work()), matches_nothing);
        }
    }

    #[test]
    fn behind_a_key_that_cannot_be_matched_nothing_is_known() {
        let matched = Matched::new(&["q", "[a&&b]", "v", "v|k"], &["0.q", "0.v", "0.k"], &work());
        assert_eq!(matched.first, [Ok(Some(0)), Err(Unknown), Err(Unknown)]);
        assert_eq!(matched.matches_nothing, [false; 4]);
    }

    #[test]
    fn keys_stand_in_the_frame_of_peft() {
        let first = |key: &str, path: &str| Matched::new(&[key], &[path], &work()).first;
        // As `re.match(rf"(.*\.)?({key})$", path)` has it.
        assert_eq!(first("a)|(k", "m.k"), [Ok(None)]);
        assert_eq!(first("a)|(k", "k"), [Ok(Some(0))]);
        assert_eq!(first(r"(q)\1", "qq"), [Ok(None)]);
        assert_eq!(first(r"(q)\3", "m.qq"), [Ok(Some(0))]);
    }

    #[test]
    fn without_work_nothing_is_known() {
        let matched = Matched::new(&["q", "v|k"], &["0.q", "0.v"], &Work::new(4));
        assert_eq!(matched.first, [Err(Unknown); 2]);
        assert_eq!(matched.matches_nothing, [false; 2]);
    }

    /// The modules of a model that is larger than any: 1500 layers with six modules each.
    fn modules() -> Vec<String> {
        let projections = ["q", "k", "v", "o", "up", "down"];
        let of_layer =
            |layer| projections.map(|projection| format!("model.layers.{layer}.self_attn.{projection}_proj"));
        (0..1500).flat_map(of_layer).collect()
    }

    #[test]
    fn a_key_for_every_module_is_little_work() {
        let modules = modules();
        let modules: Vec<&str> = modules.iter().map(String::as_str).collect();
        let work = work();
        let matched = Matched::new(&modules, &modules, &work);
        assert!(matched.first.iter().enumerate().all(|(number, first)| *first == Ok(Some(number))));
        assert!(matched.matches_nothing.iter().all(|matches_nothing| !matches_nothing));
        assert!(work.spent() < Budget::default().matching / 10, "{}", work.spent());
        // As PEFT's documentation has it, and as `re.escape` would.
        for key in [|module: &str| format!("^{module}"), |module: &str| module.replace('.', r"\.")] {
            let keys: Vec<String> = modules.iter().map(|module| key(module)).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let work = Work::new(Budget::default().matching);
            assert_eq!(Matched::new(&keys, &modules, &work).first, matched.first);
            assert!(work.spent() < Budget::default().matching / 10, "{}", work.spent());
        }
    }

    #[test]
    fn sensible_expressions_are_a_small_part_of_the_work() {
        let (modules, work) = (modules(), work());
        let paths: Vec<&str> = modules.iter().map(String::as_str).collect();
        let keys: Vec<String> =
            (0..20).map(|layer| format!(r"model\.layers\.(1?{layer})\..*\.(q|k|v|o)_proj")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        assert!(!Matched::new(&keys, &paths, &work).matches_nothing.contains(&true));
        assert!(work.spent() < Budget::default().matching / 10, "{}", work.spent());
        let work = Work::new(Budget::default().matching);
        let targets = Regex::new(r"^(?:^(?!.*vision).*\.(q|k|v|o)_proj$)$", &work).unwrap();
        assert!(paths.iter().all(|path| targets.matches(path, &work).is_ok()));
        assert!(work.spent() < Budget::default().matching / 10, "{}", work.spent());
        // Of a model with 80 layers.
        let work = Work::new(Budget::default().matching);
        let tempered = r"^(?:^(?:(?!vision_tower|multi_modal_projector|lm_head).)*(?:q_proj|k_proj|v_proj|o_proj|up_proj|down_proj)$)$";
        let targets = Regex::new(tempered, &work).unwrap();
        assert!(paths.iter().take(480).all(|path| targets.matches(path, &work) == Ok(true)));
        assert!(work.spent() < Budget::default().matching / 5, "{}", work.spent());
    }

    #[test]
    fn the_number_of_a_layer_stands_before_the_end() {
        let string = |text: &str| Node { kind: Kind::String(text.to_owned()), span: Span::default() };
        let of = |kind| LayerPatterns::of(Some(&Node { kind, span: Span::default() }));
        let numbers = |patterns: &[&str], paths: &[&str]| {
            of(Kind::Array(patterns.iter().map(|pattern| string(pattern)).collect())).unwrap().numbers(paths, &work())
        };
        let paths = ["model.h.12.q", "h.3.q", "x.4.5.h.6.q", "model.layers.1.q", "h.q"];
        assert_eq!(numbers(&["h"], &paths), Ok(vec![Ok(Some(12)), Ok(Some(3)), Ok(Some(6)), Ok(None), Ok(None)]));
        assert_eq!(numbers(&["x|h", "layers"], &["model.layers.1.q", "x.2.q"]), Ok(vec![Ok(Some(1)), Ok(None)]));
        assert_eq!(numbers(&["x|h"], &["model.h.3.q", "h.3.q"]), Ok(vec![Ok(None), Ok(Some(3))]));
        assert_eq!(numbers(&[r"(?=h|x)\w"], &["h.3.q", "y.3.q"]), Ok(vec![Ok(Some(3)), Ok(None)]));
        assert_eq!(numbers(&["h", "("], &paths), Err(Unknown));
        let of_any = Ok(vec![Ok(Some(12)), Ok(None), Ok(Some(5)), Ok(Some(1)), Ok(None)]);
        for kind in [Kind::Null, Kind::String(String::new()), Kind::Array(Vec::new())] {
            assert_eq!(of(kind).unwrap().numbers(&paths, &work()), of_any);
        }
        assert!(of(Kind::Bool(true)).is_none());
    }
}
