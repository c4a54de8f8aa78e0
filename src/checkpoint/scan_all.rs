//! The values of all tensors at a glance: each place once, within a budget, and what is wrong with them.

use super::{
    Checkpoint, Place, Scan, Tensor, ValuesError,
    dtype::Dtype,
    findings::{Findings, first_few, over_budget, shown},
};
use crate::{
    diagnostic::{
        ALL_ZERO_CHECKPOINT, ALL_ZERO_TENSOR, Diagnostic, NON_FINITE_VALUES, SUBNORMAL_TENSOR, Severity, counted,
    },
    error::Error,
};
use std::collections::BTreeMap;

impl Checkpoint<'_> {
    /// Scans all tensors of the catalogue; gives what the values are like, in its order, and what is wrong with them. Tensors
    /// that share their values are looked at once. A tensor whose values cannot be read has no scan, and a finding unless the
    /// file has errors already; so have those for which nothing is left of [`Budget::scanned`](super::Budget::scanned), which
    /// have one finding together.
    ///
    /// # Errors
    /// Fails only where reading does.
    pub fn scan_all(&self) -> Result<(Vec<Option<Scan>>, Vec<Diagnostic>), Error> {
        let is_sound = self.diagnostics.iter().all(|found| found.severity != Severity::Error);
        let mut pass = Pass::over(self);
        let scans = self.catalogue.tensors.iter().map(|tensor| pass.scan(tensor)).collect::<Result<Vec<_>, _>>()?;
        let mut findings = findings(&self.catalogue.tensors, &scans);
        for fault in pass.faults.drain(..).filter(|_| is_sound) {
            findings.add(fault);
        }
        if let Some(skipped) = pass.skipped() {
            findings.add(skipped);
        }
        Ok((scans, findings.into_diagnostics()))
    }
}

/// Where values lie and how they are to be read: what makes two tensors the same numbers.
type Values<'c> = (&'c Place, Dtype, &'c [u64]);

/// One way through the tensors of a checkpoint.
struct Pass<'c, 'file> {
    checkpoint: &'c Checkpoint<'file>,
    known: BTreeMap<Values<'c>, Option<Scan>>,
    /// Bytes that may be read, unpacked or picked by strides in all.
    limit: u64,
    left: u64,
    buffer: Vec<u8>,
    faults: Vec<Diagnostic>,
    skipped: u64,
    skipped_bytes: u64,
}

impl<'c, 'file> Pass<'c, 'file> {
    fn over(checkpoint: &'c Checkpoint<'file>) -> Self {
        let limit = checkpoint.budget.scanned.max(checkpoint.input.len());
        Self {
            checkpoint,
            known: BTreeMap::new(),
            limit,
            left: limit,
            buffer: Vec::new(),
            faults: Vec::new(),
            skipped: 0,
            skipped_bytes: 0,
        }
    }

    fn scan(&mut self, tensor: &'c Tensor) -> Result<Option<Scan>, Error> {
        let values = tensor.place.as_ref().map(|place| (place, tensor.dtype, tensor.shape.as_slice()));
        if let Some(known) = values.and_then(|values| self.known.get(&values)) {
            return Ok(*known);
        }
        let cost = self.checkpoint.cost(tensor);
        let Some(left) = self.left.checked_sub(cost) else {
            self.skipped = self.skipped.saturating_add(1);
            self.skipped_bytes = self.skipped_bytes.saturating_add(cost);
            return Ok(None);
        };
        self.left = left;
        let scan = match self.checkpoint.scan_through(tensor, &mut self.buffer) {
            Ok(scan) => Some(scan),
            Err(ValuesError::Read(error)) => return Err(error),
            Err(ValuesError::Fault(fault)) => {
                self.faults.push(*fault);
                None
            }
        };
        self.known.extend(values.map(|values| (values, scan)));
        Ok(scan)
    }

    /// The finding about the tensors that were left out.
    fn skipped(&self) -> Option<Diagnostic> {
        let needed = self.limit.saturating_sub(self.left).saturating_add(self.skipped_bytes);
        let tensors = counted(self.skipped, "tensor was", "tensors were");
        let what = format!("the values of {tensors} not read, since all together take too many bytes");
        (self.skipped > 0).then(|| over_budget("checkpoint.scanned", &what, needed, self.limit).note(
            "tensors that overlap in the file, or that are compressed, are read from it again and again: save the checkpoint \
             anew as safetensors, where each has its own bytes",
        ))
    }
}

/// What the scans have to say: of each tensor that is not finite, and of those together that hold nothing.
fn findings(tensors: &[Tensor], scans: &[Option<Scan>]) -> Findings {
    let mut findings = Findings::default();
    let scanned = || tensors.iter().zip(scans).filter_map(|(tensor, scan)| Some((tensor, scan.as_ref()?)));
    for (tensor, scan) in scanned() {
        if let Some(first) = scan.first_non_finite {
            findings.add(non_finite(tensor, scan, first));
        }
    }
    let names = |is_meant: fn(&Scan) -> bool| -> Vec<&str> {
        scanned()
            .filter(|(_, scan)| scan.is_finite() && is_meant(scan))
            .map(|(tensor, _)| tensor.name.as_str())
            .collect()
    };
    let is_all_zero = scanned().count() == tensors.len() && scanned().all(|(_, scan)| scan.all_zero);
    if is_all_zero && !tensors.is_empty() {
        let message = "every value of the checkpoint is zero";
        let finding = Diagnostic::new(&ALL_ZERO_CHECKPOINT, message);
        findings.add(finding.note("PEFT loads it without a word; go back to the checkpoint that was trained"));
    } else if let Some(names) = listed(&names(|scan| scan.all_zero)) {
        let note = "PEFT loads them without a word: what started as zeros was not trained, anything else was lost";
        findings.add(Diagnostic::new(&ALL_ZERO_TENSOR, format!("all values of {names} are zero")).note(note));
    }
    if let Some(names) = listed(&names(|scan| scan.all_subnormal)) {
        let message = format!("all values of {names} are too close to zero for the full precision of their type");
        let note = "many processors take such numbers for zero, and what they are multiplied with vanishes";
        findings.add(Diagnostic::new(&SUBNORMAL_TENSOR, message).note(note));
    }
    findings
}

fn non_finite(tensor: &Tensor, scan: &Scan, first: u64) -> Diagnostic {
    let message =
        format!("tensor `{}` has {}, the first at {}", shown(&tensor.name), counts(scan), place(tensor, first));
    Diagnostic::new(&NON_FINITE_VALUES, message)
        .note("PEFT loads them without a word, and what they are multiplied with becomes NaN or infinite as well")
        .note("go back to the last sound checkpoint; a lower learning rate, or bfloat16 instead of float16, helps")
}

/// ``tensor `a` ``, or ``5 tensors (`a`, `b`, `c` and 2 more)``.
fn listed(names: &[&str]) -> Option<String> {
    let few = first_few(names.iter().copied());
    match names.len() {
        0 => None,
        1 => Some(format!("tensor {few}")),
        count => Some(format!("{count} tensors ({few})")),
    }
}

/// `1 NaN and 2 infinite values of 96`
fn counts(scan: &Scan) -> String {
    let kinds = [(scan.nans, "NaN"), (scan.infinities, "infinite")].into_iter().filter(|(count, _)| *count > 0);
    let kinds: Vec<String> = kinds.map(|(count, kind)| format!("{count} {kind}")).collect();
    let values = if scan.nans + scan.infinities == 1 { "value" } else { "values" };
    format!("{} {values} of {}", kinds.join(" and "), scan.values)
}

/// An element by its index in each dimension: `[1, 0, 17]`.
fn place(tensor: &Tensor, element: u64) -> String {
    let mut rest = element;
    let mut indices: Vec<u64> = Vec::new();
    for dimension in tensor.shape.iter().rev() {
        indices.push(rest.checked_rem(*dimension).unwrap_or_default());
        rest = rest.checked_div(*dimension).unwrap_or_default();
    }
    indices.reverse();
    format!("{indices:?}")
}
