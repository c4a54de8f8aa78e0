//! The checkpoint that a config starts from: found as PEFT finds it, read, compared with the config.

use super::{adapter_files::below, known::KnownConfig, surroundings::Surroundings};
use crate::{
    checkpoint::{
        self, Catalogue, Dtype, Tensor,
        compare::{Fault, Place, Subject, compare, diagnostics},
    },
    diagnostic::{
        Diagnostic, SOURCE_BESIDE_CONFIG, SOURCE_NOT_FOUND, SOURCE_TASK_OUT_OF_RANGE, SOURCE_USED, Severity,
        UNREADABLE_SOURCE, UNSUITABLE_SOURCE,
    },
    document::{Member, Node, Number},
    error::{self, Error},
    layout::{Sizes, SourceMode, SourceTasks},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Looks at the source of a config that starts from one; tells whether its tensors are known.
pub(super) fn check(
    config: &KnownConfig<'_>,
    known: &Sizes,
    around: &Surroundings,
    folder: &Path,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<bool, Error> {
    let Some((source, mode)) = config.method.layout().source_of(config.fields) else { return Ok(false) };
    let path = config.fields.member(source.path).filter(|_| config.is_sound(source.path));
    let Some((member, path)) = path.and_then(|member| Some((member, member.value.as_str()?))) else { return Ok(false) };
    // Not the name of a file: a rule says so.
    if path.is_empty() {
        return Ok(false);
    }
    let Some(file) = locate(path, member, around, folder, diagnostics)? else { return Ok(false) };
    let (catalogue, problems) = checkpoint::read(&file, &around.budget)?;
    let errors: Vec<_> = problems.into_iter().filter(|problem| problem.severity == Severity::Error).collect();
    if !errors.is_empty() {
        diagnostics.push(unreadable(&errors, member));
        return Ok(false);
    }
    let source = SourceCheckpoint { config, mode, catalogue: &catalogue, member };
    let found: Vec<_> = source.faults(known).into_iter().chain(source.tasks()).collect();
    let fits = found.iter().all(|finding| finding.severity != Severity::Error);
    diagnostics.extend(found);
    diagnostics.extend(fits.then(|| source.used()));
    Ok(true)
}

/// Where a source was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    /// PEFT would not find it there, unless it is started there.
    pub(crate) is_beside_config: bool,
}

/// What a path leads to: from the working directory, where PEFT looks, or else from the config's folder.
///
/// # Errors
/// A folder on the way may not be entered.
pub(crate) fn find_source(path: &str, working_directory: &Path, folder: &Path) -> Result<Option<SourceFile>, Error> {
    for (from, is_beside_config) in [(working_directory, false), (folder, true)] {
        let file = SourceFile { path: below(from, path), is_beside_config };
        // A file whose path ends in a slash is not there, although it would be without.
        match from.join(path).try_exists() {
            Ok(true) => return Ok(Some(file)),
            Err(source) if source.kind() == io::ErrorKind::PermissionDenied => {
                return Err(Error::Io { path: file.path, source });
            }
            // Names that no file can have lead to none.
            Ok(false) | Err(_) => {}
        }
    }
    Ok(None)
}

/// The file of the source, with what is to be said of where it is.
fn locate(
    path: &str,
    member: &Member,
    around: &Surroundings,
    folder: &Path,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<PathBuf>, Error> {
    let at = |diagnostic: Diagnostic, label: &str| diagnostic.label(member.value.span, label).pointer(pointer(member));
    let name = shortened_path(path);
    if path.contains('\0') {
        let message = format!("the path of the source checkpoint, `{name}`, holds a null character");
        let finding = at(Diagnostic::new(&UNREADABLE_SOURCE, message), "no file can be called so");
        diagnostics.push(finding.note("PEFT stops with `ValueError: embedded null byte` when the model is created"));
        return Ok(None);
    }
    let found = find_source(path, &around.working_directory, folder)?;
    let Some(SourceFile { path: file, is_beside_config }) = found else {
        let message = format!("the source checkpoint `{name}` is not there");
        let finding = at(Diagnostic::new(&SOURCE_NOT_FOUND, message), "looked for from the working directory");
        let error = exception(path, &around.working_directory);
        let finding = finding.note(format!("PEFT stops with `{error}`, also when it loads the trained adapter"));
        diagnostics.push(around.missing(finding));
        return Ok(None);
    };
    if is_beside_config {
        let message = format!("the source checkpoint `{name}` lies beside the config, where PEFT does not look");
        let finding = at(Diagnostic::new(&SOURCE_BESIDE_CONFIG, message), "looked for from the working directory");
        diagnostics.push(finding.note("PEFT finds it only when it is started in the config's folder"));
    }
    let Some(kind) = fs::metadata(&file).ok().map(|metadata| metadata.file_type()).filter(|kind| !kind.is_file())
    else {
        return Ok(Some(file));
    };
    let error = if kind.is_dir() { "IsADirectoryError" } else { "OSError" };
    let message = format!("the source checkpoint `{name}` is {}", error::kind(kind));
    let finding = at(Diagnostic::new(&UNREADABLE_SOURCE, message), "must be a file with tensors");
    diagnostics.push(finding.note(format!("PEFT stops with `{error}` when the model is created")));
    Ok(None)
}

/// What Python raises for a path that leads to nothing: torch's reader tells whether a file stands in the place of a folder.
fn exception(path: &str, working_directory: &Path) -> &'static str {
    match working_directory.join(path).try_exists() {
        Err(error) if error.kind() == io::ErrorKind::NotADirectory && !path.ends_with(".safetensors") => {
            "NotADirectoryError"
        }
        _ => "FileNotFoundError",
    }
}

/// A path, cut in the middle where a message would get too long: both ends tell more. Control characters are escaped.
fn shortened_path(path: &str) -> String {
    const LONGEST: usize = 80;
    const AT_EACH_END: usize = 38;
    let cut = path.chars().count().saturating_sub(LONGEST);
    let parts = (path.char_indices().nth(AT_EACH_END), path.char_indices().nth_back(AT_EACH_END.saturating_sub(1)));
    let shown = match parts {
        (Some((start, _)), Some((end, _))) if cut > 0 => {
            format!("{}…{}", path.get(..start).unwrap_or_default(), path.get(end..).unwrap_or_default())
        }
        _ => path.to_owned(),
    };
    let escaped = |character: char| {
        if character.is_control() { character.escape_default().to_string() } else { character.to_string() }
    };
    shown.chars().map(escaped).collect()
}

fn unreadable(errors: &[Diagnostic], member: &Member) -> Diagnostic {
    /// Of a badly broken file the first errors tell enough.
    const MOST_REASONS: usize = 3;
    let first = errors.first().map(|error| error.message.as_str()).unwrap_or_default();
    let finding = Diagnostic::new(&UNREADABLE_SOURCE, format!("the source checkpoint cannot be read: {first}"))
        .label(member.value.span, "the source")
        .pointer(pointer(member));
    let others = errors.iter().skip(1).take(MOST_REASONS).map(|error| error.message.clone());
    let notes = errors.iter().take(1).flat_map(|error| error.notes.clone());
    others.chain(notes).fold(finding, Diagnostic::note)
}

fn pointer(member: &Member) -> String {
    format!("/{}", member.key)
}

/// A source whose tensors are known.
struct SourceCheckpoint<'a> {
    config: &'a KnownConfig<'a>,
    mode: &'static SourceMode,
    catalogue: &'a Catalogue,
    member: &'a Member,
}

impl SourceCheckpoint<'_> {
    /// What does not fit the config.
    fn faults(&self, known: &Sizes) -> Vec<Diagnostic> {
        let layout = self.config.method.layout();
        let needed = self.mode.tensors.iter().filter_map(|name| layout.tensor(name));
        // How many tasks the source has is its own affair.
        let known = self.counted_by().map_or_else(|| known.clone(), |count| known.without(count));
        let mut faults = compare(needed, &known, self.catalogue).faults;
        faults.retain(|fault| !self.is_harmless(fault));
        let mut told = diagnostics(&faults, Subject::Source, self.config.fields, self.config.anchor());
        for ((place, finding), fault) in told.iter_mut().zip(&faults) {
            if *place == Place::Tensors {
                finding.pointer = pointer(self.member);
            }
            finding.labels.push(self.label());
            if let Fault::Type { dtype, tensors } = fault {
                self.judge_type(*dtype, tensors, finding);
            }
        }
        told.into_iter().map(|(_, finding)| finding).collect()
    }

    fn label(&self) -> crate::diagnostic::Label {
        crate::diagnostic::Label { span: self.member.value.span, text: "the source".to_owned() }
    }

    fn counted_by(&self) -> Option<&'static str> {
        match self.mode.tasks {
            SourceTasks::Unread => None,
            SourceTasks::Mean { count } | SourceTasks::One { count, .. } => Some(count),
        }
    }

    /// Tensors may have different numbers of tasks, of which one item each is made.
    fn is_harmless(&self, fault: &Fault<'_>) -> bool {
        matches!(fault, Fault::Disagree { axis, .. } if axis.fields.iter().all(|field| Some(*field) == self.counted_by()))
    }

    /// PEFT converts every type, but torch has no mean of whole numbers.
    fn judge_type(&self, dtype: Dtype, tensors: &[&Tensor], finding: &mut Diagnostic) {
        let layout = self.config.method.layout();
        let is_averaged = matches!(self.mode.tasks, SourceTasks::Mean { .. })
            && tensors
                .iter()
                .any(|tensor| layout.tensor(&tensor.name).is_some_and(|layout| self.has_tasks(layout.axes)));
        if is_averaged && !dtype.has_mean() {
            finding.severity = Severity::Error;
            finding.notes = vec!["torch has no mean of it: PEFT stops with `NotImplementedError`".to_owned()];
        } else {
            finding.severity = Severity::Warning;
        }
    }

    fn has_tasks(&self, axes: &[crate::layout::Axis]) -> bool {
        axes.first().is_some_and(|axis| axis.fields.iter().any(|field| Some(*field) == self.counted_by()))
    }

    /// The needed tensors that have an item for each task, with the number of their items.
    fn task_counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let layout = self.config.method.layout();
        let needed = self.mode.tensors.iter().filter_map(|name| layout.tensor(name));
        needed.filter(|tensor| self.has_tasks(tensor.axes)).filter_map(|tensor| {
            let shape = &self.catalogue.get(tensor.name)?.shape;
            Some((tensor.name, shape.first().copied()?))
        })
    }

    /// Whether the source has the tasks that the mode asks for.
    fn tasks(&self) -> Option<Diagnostic> {
        let finding = match self.mode.tasks {
            SourceTasks::Unread => return None,
            SourceTasks::Mean { .. } => {
                let (name, _) = self.task_counts().find(|(_, tasks)| *tasks == 0)?;
                let message = format!("the source has no tasks: `{name}` is empty, and the mean of nothing is NaN");
                Diagnostic::new(&UNSUITABLE_SOURCE, message).pointer(pointer(self.member))
            }
            SourceTasks::One { task, .. } => {
                let chosen = self.chosen(task)?;
                let (name, tasks) = self.task_counts().find(|(_, tasks)| !is_index(chosen, *tasks))?;
                let finding = self.out_of_range(task, chosen, tasks);
                finding.note(format!(
                    "PEFT stops with `IndexError: index {chosen} is out of bounds for dimension 0 with size {tasks}` (`{name}`)"
                ))
            }
        };
        Some(Diagnostic { labels: finding.labels.into_iter().chain([self.label()]).collect(), ..finding })
    }

    fn chosen(&self, task: &str) -> Option<i128> {
        let sound = self.config.fields.get(task).filter(|_| self.config.is_sound(task));
        sound.and_then(Node::as_number).and_then(Number::as_i128)
    }

    fn out_of_range(&self, task: &str, chosen: i128, tasks: u64) -> Diagnostic {
        let has = if tasks == 1 { "1 task".to_owned() } else { format!("{tasks} tasks") };
        let message = format!("`{task}` is {chosen}, but the source has {has}, counted from 0");
        let finding = Diagnostic::new(&SOURCE_TASK_OUT_OF_RANGE, message).pointer(format!("/{task}"));
        match self.config.fields.member(task) {
            Some(member) => finding.label(member.value.span, "no task of the source"),
            None => finding,
        }
    }

    /// What PEFT will do with a source that fits.
    fn used(&self) -> Diagnostic {
        let tasks = self.task_counts().map(|(_, tasks)| tasks).min().unwrap_or_default();
        let does = match self.mode.tasks {
            SourceTasks::Unread => "starts from the source's shared prompt; the rest is random".to_owned(),
            SourceTasks::Mean { .. } => {
                format!("starts from the source's shared prompt and the mean of its {tasks} tasks")
            }
            SourceTasks::One { task, .. } => {
                let chosen = self.chosen(task).unwrap_or_default();
                let from_start = if chosen < 0 { chosen.saturating_add(i128::from(tasks)) } else { chosen };
                format!("starts from the source's shared prompt and its task {from_start} of {tasks}, counted from 0")
            }
        };
        Diagnostic::new(&SOURCE_USED, format!("PEFT {does}"))
            .label(self.member.value.span, "the source")
            .pointer(pointer(self.member))
    }
}

/// Whether a number chooses one of so many items, negative ones from the end.
fn is_index(number: i128, items: u64) -> bool {
    let items = i128::from(items);
    number < items && number >= items.saturating_neg()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_keeps_both_ends() {
        let long = format!("start/{}/end", "é/".repeat(100));
        let short = shortened_path(&long);
        assert_eq!(short.chars().count(), 77);
        assert!(short.starts_with("start/é/") && short.ends_with("/é//end"), "{short}");
        assert_eq!(shortened_path("a\0b"), "a\\u{0}b");
    }
}
