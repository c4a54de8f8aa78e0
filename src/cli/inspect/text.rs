//! What an adapter holds, for people.

use super::{
    super::table,
    adapter::{Inspection, elements},
    heat_map::{self, Colors},
    tasks::Tasks,
};
use crate::{
    checkpoint::{Dtype, Scan, Tensor},
    diagnostic::shown,
};

/// Tensors that are listed; of a larger checkpoint the first ones.
const MOST_TENSORS: usize = 400;

/// Everything but the findings, which follow.
pub(super) fn render(inspection: &Inspection, color: bool) -> String {
    let catalogue = &inspection.catalogue;
    let mut text = format!("{}\n\n", inspection.weights.source.name());
    if !catalogue.tensors.is_empty() {
        text.push_str(&tensors(inspection));
        text.push('\n');
    }
    text.push_str(&table(&facts(inspection)));
    text.push('\n');
    if let Some(Tasks { similarity, parameters, .. }) = &inspection.tasks {
        match similarity {
            Ok(cosines) if cosines.nrows() > 1 => {
                text.push_str("cosine similarity of the tasks' prompts\n\n");
                text.push_str(&heat_map::draw(cosines, Colors::of_terminal(color)));
                text.push_str(&extremes(cosines));
                text.push('\n');
            }
            Err(reason) if parameters.tasks > 1 => {
                text.push_str(&format!("the tasks' prompts were not compared: {reason}\n\n"));
            }
            _ => {}
        }
    }
    text
}

fn extremes(cosines: &ndarray::Array2<f64>) -> String {
    match heat_map::extremes(cosines) {
        Some([most, least]) if (most.0, most.1) != (least.0, least.1) => format!(
            "    most alike: tasks {} and {} ({:.2}); least alike: tasks {} and {} ({:.2})\n",
            most.0, most.1, most.2, least.0, least.1, least.2
        ),
        _ => String::new(),
    }
}

/// Keys and values, aligned.
fn table(facts: &[(&str, String)]) -> String {
    let width = facts.iter().map(|(key, _)| key.len()).max().unwrap_or_default();
    facts.iter().map(|(key, value)| format!("{key:width$}  {value}\n")).collect()
}

fn facts(inspection: &Inspection) -> Vec<(&'static str, String)> {
    let catalogue = &inspection.catalogue;
    let metadata = |(key, value): &(String, String)| format!("{} = {}", shown(key), shown(value));
    let dimension = |(field, size): (&String, &u64)| format!("{field} {size}");
    let mut facts = vec![("format", catalogue.format.as_str().to_owned())];
    if !catalogue.metadata.is_empty() {
        facts.push(("metadata", joined(catalogue.metadata.iter().map(metadata))));
    }
    facts.push(("method", method(inspection)));
    facts.extend(layout(inspection).map(|text| ("tensors", text)));
    if !inspection.dimensions.is_empty() {
        facts.push(("dimensions", joined(inspection.dimensions.iter().map(dimension))));
    }
    facts.push(("parameters", grouped(inspection.parameters())));
    if let Some(Tasks { parameters, .. }) = &inspection.tasks {
        let (shared, of_each) = (grouped(parameters.shared), grouped(parameters.of_each_task));
        let value = format!("{shared} shared + {} × {of_each}", grouped(parameters.tasks));
        facts.push(("  of which", value));
        if let Some(per_task) = parameters.per_task() {
            facts.push(("  per task", format!("{} with its part of the shared ones", decimal(per_task))));
        }
    }
    facts.push(("memory", memory(inspection)));
    facts
}

fn method(inspection: &Inspection) -> String {
    let by_config = inspection.config.as_ref().map(|config| config.peft_type.as_deref());
    match (by_config, inspection.method) {
        (Some(Some(name)), _) => shown(name),
        (Some(None), _) => "not told by the config".to_owned(),
        (None, Some(method)) => format!("{} by the names of the tensors; there is no config", method.peft_type),
        (None, None) => "unknown: there is no config, and the names of the tensors do not tell".to_owned(),
    }
}

/// How the tensors match what the method declares, if it names them all and all are known.
fn layout(inspection: &Inspection) -> Option<String> {
    let declared = inspection.declared()?;
    let others = inspection.others(declared).count();
    let others = if others == 0 { String::new() } else { format!(", and {others} more") };
    let missing: Vec<&str> = inspection.missing(declared).collect();
    if missing.is_empty() {
        return Some(format!("all {} that the method has{others}", declared.len()));
    }
    Some(format!(
        "{} of the {} that the method has{others}; missing: {}",
        declared.len() - missing.len(),
        declared.len(),
        missing.join(", ")
    ))
}

fn memory(inspection: &Inspection) -> String {
    let bytes = size(u128::from(inspection.bytes()));
    if inspection.catalogue.tensors.iter().all(|tensor| tensor.dtype == Dtype::Float32) {
        return bytes;
    }
    format!("{bytes} in the file, {} as float32", size(inspection.parameters().saturating_mul(4)))
}

/// The tensors, numbers to the right.
fn tensors(inspection: &Inspection) -> String {
    let all = &inspection.catalogue.tensors;
    let listed = all.get(..MOST_TENSORS.min(all.len())).unwrap_or_default();
    let scans = inspection.scans.as_deref().unwrap_or_default();
    let mut rows: Vec<[String; 6]> = Vec::new();
    for (index, tensor) in listed.iter().enumerate() {
        let values = scans.get(index).map(|scan| scan.as_ref().map_or("not read".to_owned(), values));
        rows.push(row(tensor, values.unwrap_or_default()));
    }
    for column in [3, 4] {
        align_right(&mut rows, column);
    }
    let values = if scans.is_empty() { "" } else { "VALUES" };
    let mut text = table::render(["TENSOR", "DTYPE", "SHAPE", "PARAMETERS", "SIZE", values], &rows);
    if all.len() > listed.len() {
        text.push_str(&format!("… and {} more\n", all.len() - listed.len()));
    }
    text
}

fn row(tensor: &Tensor, values: String) -> [String; 6] {
    let Tensor { name, dtype, shape, .. } = tensor;
    let bytes = dtype.bytes_of(shape).map_or("–".to_owned(), |bytes| size(u128::from(bytes)));
    [shown(name), dtype.to_string(), format!("{shape:?}"), grouped(elements(shape)), bytes, values]
}

fn align_right(rows: &mut [[String; 6]], column: usize) {
    let width = rows.iter().filter_map(|row| row.get(column)).map(|entry| entry.chars().count()).max();
    for entry in rows.iter_mut().filter_map(|row| row.get_mut(column)) {
        *entry = format!("{entry:>width$}", width = width.unwrap_or_default());
    }
}

fn values(scan: &Scan) -> String {
    match scan {
        _ if !scan.is_finite() => format!("{} NaN, {} infinite", scan.nans, scan.infinities),
        Scan { all_zero: true, .. } => "all zero".to_owned(),
        Scan { all_subnormal: true, .. } => "all subnormal".to_owned(),
        Scan { values: 0, .. } => "none".to_owned(),
        _ => "finite".to_owned(),
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// `1,234,567`
pub(super) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A mean: whole, or with one digit after the point.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of parameters")]
fn decimal(number: f64) -> String {
    let tenths = (number * 10.0).round() as u128;
    let rest = tenths % 10;
    if rest == 0 { grouped(tenths / 10) } else { format!("{}.{rest}", grouped(tenths / 10)) }
}

/// `512 B`, `1.5 KiB`, `2.0 GiB`
fn size(bytes: u128) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut tenths = bytes.saturating_mul(10) / 1024;
    let mut units = UNITS.into_iter();
    let mut unit = units.next().unwrap_or_default();
    while tenths >= 10240 {
        let Some(larger) = units.next() else { break };
        (unit, tenths) = (larger, tenths / 1024);
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0, 1023, 1536, 2 << 30].map(size), ["0 B", "1023 B", "1.5 KiB", "2.0 GiB"]);
        assert_eq!([286.66, 12.0].map(decimal), ["286.7", "12"]);
    }
}
