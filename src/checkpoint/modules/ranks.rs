//! The ranks of modules' tensors against those that the config gives.

use super::{
    Config,
    names::{Module, Modules},
    path::{ModulePath, outer, with_outer},
    pattern::{First, Matched},
    work::Unknown,
};
use crate::{
    checkpoint::{
        Tensor,
        compare::{Place, Subject, not_given, of_default, with_verb, would_agree},
        findings::shown,
    },
    diagnostic::{Diagnostic, PATTERN_MATCHES_NOTHING, SIZE_MISMATCH, TENSORS_DISAGREE, WRONG_SHAPE, shortened},
    document::{Member, Node, escaped},
    layout::{modules::Rank, size},
};
use std::collections::{BTreeMap, BTreeSet};

/// What decides the rank of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RankSource<'a> {
    /// The field for all modules.
    All,
    /// The entry with this key and number in the field with patterns.
    Key(&'a str, usize),
}

/// Ranks as the config gives them.
struct Ranks<'a> {
    field: &'static str,
    all: Option<u64>,
    by_pattern: Vec<&'a Member>,
}

impl<'a> Ranks<'a> {
    fn new(rank: &Rank, config: &Config<'a>) -> Self {
        let all = config.sound(rank.field).and_then(size);
        let by_pattern = rank.pattern.map_or_else(Vec::new, |field| entries(field, config));
        Self { field: rank.field, all, by_pattern }
    }

    /// The rank of a module and what decides it: the first pattern that matches, as in PEFT.
    fn of(&self, first: Option<usize>) -> Option<(u64, RankSource<'a>)> {
        match first {
            Some(number) => {
                let member = self.by_pattern.get(number)?;
                Some((size(&member.value)?, RankSource::Key(&member.key, number)))
            }
            None => Some((self.all?, RankSource::All)),
        }
    }
}

/// The entries of a field whose keys are patterns. Of a repeated key Python keeps the last value, at the place of the first.
fn entries<'a>(field: &str, config: &Config<'a>) -> Vec<&'a Member> {
    let object = config.sound(field).and_then(Node::as_object);
    let (mut places, mut kept) = (BTreeMap::new(), Vec::new());
    for member in object.into_iter().flat_map(|object| &object.members) {
        let place = *places.entry(member.key.as_str()).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(earlier) => *earlier = member,
            None => kept.push(member),
        }
    }
    kept
}

/// The keys of entries.
fn keys<'a>(entries: &[&'a Member]) -> Vec<&'a str> {
    entries.iter().map(|member| member.key.as_str()).collect()
}

/// Modules with the rank that their tensors have.
type Found<'a> = Vec<(&'a str, u64)>;

/// Compares ranks.
pub(super) fn check(rank: &Rank, config: &Config<'_>, modules: &Modules<'_>) -> Vec<(Place, Diagnostic)> {
    // Dimensions may be something else than ranks, and patterns those of parameters, which have no module of their own.
    if config.fields.holds(&rank.is_otherwise) {
        return Vec::new();
    }
    let ranks = Ranks::new(rank, config);
    let paths: Vec<&str> = modules.keys().flat_map(ModulePath::possible).flat_map(with_outer).collect();
    let matched = Matched::new(&keys(&ranks.by_pattern), &paths, config.work);
    let mut findings = Vec::new();
    let mut differing: BTreeMap<(RankSource<'_>, u64), Found<'_>> = BTreeMap::new();
    let mut agreeing: BTreeSet<RankSource<'_>> = BTreeSet::new();
    let are_known = matched.first.iter().all(Result::is_ok);
    let first: BTreeMap<&str, First> = paths.iter().copied().zip(matched.first).collect();
    for (path, module) in modules {
        // A module inside of another has the rank of that one, unless it was adapted by itself.
        let readings = path.possible().flat_map(|path| [outer(path), path]);
        let known: Result<Vec<_>, Unknown> = readings.map(|path| *first.get(path).unwrap_or(&Err(Unknown))).collect();
        let Ok(known) = known else { continue };
        let possible: Vec<_> = known.into_iter().map(|first| ranks.of(first)).collect();
        let written = possible.first().copied().flatten();
        let expected = written.map(|(rank, _)| rank);
        let Some(found) = of_module(rank, path.written, module, expected, &mut findings) else { continue };
        let agrees = possible.iter().flatten().find(|(expected, _)| *expected == found);
        match (agrees, written) {
            (Some((_, source)), _) => {
                agreeing.insert(*source);
            }
            (None, Some((expected, source))) if possible.iter().all(Option::is_some) => {
                differing.entry((source, expected)).or_default().push((path.written, found));
            }
            (None, _) => {}
        }
    }
    for ((source, expected), found) in &differing {
        let is_whole = are_known && !agreeing.contains(source);
        // Which of them would be right is not known.
        if !are_known && *source == RankSource::All {
            continue;
        }
        findings.push(difference(&ranks, rank, config, *source, *expected, found, is_whole));
    }
    if !modules.is_empty() {
        let field = rank.pattern.unwrap_or_default();
        findings.extend(unmatched(field, &ranks.by_pattern, &matched.matches_nothing));
        for field in rank.other_patterns {
            let entries = entries(field, config);
            let matches_nothing = Matched::nothing(&keys(&entries), &paths, config.work);
            findings.extend(unmatched(field, &entries, &matches_nothing));
        }
    }
    findings
}

/// The rank of a module's tensors, if they agree.
fn of_module(
    rank: &Rank,
    path: &str,
    module: &Module<'_>,
    expected: Option<u64>,
    findings: &mut Vec<(Place, Diagnostic)>,
) -> Option<u64> {
    let is_first = rank.first_beside.is_some_and(|part| module.part(part).is_some());
    let ranked = module.0.iter().filter_map(|(part, tensor)| {
        let axis = part.rank_axis.map(|axis| if is_first { 0 } else { axis })?;
        Some((part.name, *tensor, axis, *tensor.shape.get(axis).filter(|_| !tensor.shape.contains(&0))?))
    });
    let ranked: Vec<(&str, &Tensor, usize, u64)> = ranked.collect();
    let (_, _, _, first) = ranked.first()?;
    // The second factor of a convolution in groups has the rank of one group (PEFT 0.16.0 and newer).
    let is_of_groups = |tensor: &Tensor, rank: u64| tensor.shape.len() > 2 && first.checked_rem(rank) == Some(0);
    if ranked.iter().all(|(_, tensor, _, found)| found == first || is_of_groups(tensor, *found)) {
        return Some(*first);
    }
    let turned = ranked.iter().find(|(_, tensor, axis, found)| {
        let other: Vec<u64> =
            tensor.shape.iter().enumerate().filter(|(index, _)| index != axis).map(|(_, size)| *size).collect();
        matches!(other.as_slice(), [other] if Some(*other) == expected && Some(*found) != expected)
    });
    let finding = if let (Some((name, tensor, ..)), Some(expected)) = (turned, expected) {
        let message = format!("`{name}` of `{}` is transposed: {:?}, rank {expected}", shown(path), tensor.shape);
        Diagnostic::new(&WRONG_SHAPE, message)
    } else {
        let each: Vec<String> = ranked.iter().map(|(name, _, _, found)| format!("`{name}` has rank {found}")).collect();
        Diagnostic::new(
            &TENSORS_DISAGREE,
            format!("the tensors of `{}` do not go together: {}", shown(path), each.join(", ")),
        )
    };
    findings.push((Place::Tensors, finding.note(Subject::Adapter.outcome())));
    None
}

/// What is said of modules whose rank is another than the config says.
fn difference(
    ranks: &Ranks<'_>,
    rank: &Rank,
    config: &Config<'_>,
    source: RankSource<'_>,
    expected: u64,
    found: &Found<'_>,
    is_whole: bool,
) -> (Place, Diagnostic) {
    let first = found.first().map(|(_, rank)| *rank).unwrap_or_default();
    let is_one_rank = found.iter().all(|(_, rank)| *rank == first);
    let names: Vec<&str> = found.iter().map(|(path, _)| *path).collect();
    let ranks_found = if is_one_rank { format!("rank {first}") } else { "other ranks".to_owned() };
    let who = format!("{} {ranks_found}", with_verb(&names, "module", "has", "have"));
    let given = config.fields.member(ranks.field).filter(|member| !member.value.is_null());
    let says = match given {
        Some(_) => format!("`{}` is {expected}", ranks.field),
        None => of_default(ranks.field, expected),
    };
    match source {
        RankSource::Key(key, number) => {
            let field = rank.pattern.unwrap_or_default();
            let message = format!("{who}, but `{field}` says {expected} for `{}`", shortened(key));
            let finding = Diagnostic::new(&SIZE_MISMATCH, message).pointer(format!("/{field}/{}", escaped(key)));
            let finding = match ranks.by_pattern.get(number) {
                Some(member) => labelled(finding, member, (is_one_rank && is_whole).then_some(first)),
                None => finding,
            };
            (Place::Config, finding.note(Subject::Adapter.outcome()))
        }
        RankSource::All if is_whole && is_one_rank => {
            let finding = Diagnostic::new(&SIZE_MISMATCH, format!("{who}, but {says}"));
            let finding = finding.pointer(format!("/{}", ranks.field));
            let finding = match given {
                Some(member) => labelled(finding, member, Some(first)),
                None => not_given(finding, config.anchor, &[ranks.field]).note(would_agree(ranks.field, first)),
            };
            (Place::Config, finding.note(Subject::Adapter.outcome()))
        }
        RankSource::All => {
            let finding = Diagnostic::new(&SIZE_MISMATCH, format!("{who}, but {says}"));
            let finding = match (rank.pattern, found.first()) {
                (Some(field), Some((path, rank))) => {
                    finding.note(format!("if that is meant, `{field}` must say so: `\"{path}\": {rank}`"))
                }
                _ => finding,
            };
            (Place::Tensors, finding.note(Subject::Adapter.outcome()))
        }
    }
}

/// Shows the value that differs, and what to write in its place if one would do.
fn labelled(finding: Diagnostic, member: &Member, agreeing: Option<u64>) -> Diagnostic {
    let span = member.value.span;
    match agreeing {
        Some(rank) => {
            let finding = finding.label(span, format!("{rank} would agree"));
            finding.fix(format!("write {rank}"), false, span, rank.to_string())
        }
        None => finding.label(span, ""),
    }
}

/// Keys of patterns that match no module of the checkpoint.
fn unmatched<'a>(
    field: &'a str,
    entries: &'a [&Member],
    matches_nothing: &'a [bool],
) -> impl Iterator<Item = (Place, Diagnostic)> + 'a {
    let unmatched = entries.iter().zip(matches_nothing).filter(|(_, matches_nothing)| **matches_nothing);
    unmatched.map(move |(member, _)| {
        let message = format!("`{}` in `{field}` matches no module of the checkpoint", shortened(&member.key));
        let finding = Diagnostic::new(&PATTERN_MATCHES_NOTHING, message)
            .label(member.key_span, "no module has this name, or one that ends in it behind a dot")
            .pointer(format!("/{field}/{}", escaped(&member.key)))
            .note("PEFT does not use the entry");
        (Place::Config, finding)
    })
}
