//! What an adapter holds, for programs: version 1, to which fields are only ever added.

use super::adapter::Inspection;
use super::tasks::Tasks;
use crate::{Report, checkpoint::Scan, json_v1};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The document, written tensor by tensor: as one tree it would take many times what the file does.
pub(super) fn document(inspection: &Inspection) -> impl Serialize + '_ {
    let catalogue = &inspection.catalogue;
    Document {
        version: 1,
        path: inspection.weights.source.name(),
        config: inspection.config.as_ref().map(|config| config.source.name()),
        format: catalogue.format.as_str(),
        metadata: catalogue.metadata.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect(),
        peft_type: peft_type(inspection),
        layout: layout(inspection),
        dimensions: &inspection.dimensions,
        tensors: Tensors(inspection),
        parameters: parameters(inspection),
        bytes: inspection.bytes(),
        similarity: inspection.tasks.as_ref().and_then(similarity),
        similarity_left_out: inspection.tasks.as_ref().and_then(|tasks| tasks.similarity.as_ref().err()),
        diagnostics: inspection.reports().flat_map(diagnostics).collect(),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    version: u8,
    path: &'a str,
    config: Option<&'a str>,
    format: &'static str,
    metadata: Map<String, Value>,
    peft_type: Option<String>,
    layout: Option<Value>,
    dimensions: &'a BTreeMap<String, u64>,
    tensors: Tensors<'a>,
    parameters: Value,
    bytes: u64,
    similarity: Option<Value>,
    similarity_left_out: Option<&'a String>,
    diagnostics: Vec<Value>,
}

/// The tensors of an adapter.
struct Tensors<'a>(&'a Inspection);

impl Serialize for Tensors<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scans = self.0.scans.as_deref().unwrap_or_default();
        serializer.collect_seq(self.0.catalogue.tensors.iter().enumerate().map(|(index, tensor)| Entry {
            name: &tensor.name,
            dtype: tensor.dtype.as_str(),
            shape: &tensor.shape,
            bytes: tensor.dtype.bytes_of(&tensor.shape),
            values: scans.get(index).map(|scan| scan.as_ref().map_or(Value::Null, values)),
        }))
    }
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    dtype: &'static str,
    shape: &'a [u64],
    bytes: Option<u64>,
    /// Left out unless values were asked for; null where they cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Value>,
}

/// As the config says; without a config, as the tensors tell.
fn peft_type(inspection: &Inspection) -> Option<String> {
    match &inspection.config {
        Some(config) => config.peft_type.clone(),
        None => inspection.method.map(|method| method.peft_type.to_string()),
    }
}

/// How the tensors match those that the method declares; null where it names none, or not all are known.
fn layout(inspection: &Inspection) -> Option<Value> {
    let declared = inspection.declared()?;
    let names: Vec<&str> = declared.iter().map(|tensor| tensor.name).collect();
    Some(json!({"expected": names, "missing": inspection.missing(declared).collect::<Vec<_>>(),
                "others": inspection.others(declared).collect::<Vec<_>>()}))
}

fn values(scan: &Scan) -> Value {
    json!({"count": scan.values, "nan": scan.nans, "infinite": scan.infinities,
           "first_non_finite": scan.first_non_finite, "all_zero": scan.all_zero, "all_subnormal": scan.all_subnormal})
}

/// Counts as numbers as far as 64 bits hold them.
fn parameters(inspection: &Inspection) -> Value {
    let count = |number: u128| u64::try_from(number).ok();
    match &inspection.tasks {
        None => json!({"total": count(inspection.parameters())}),
        Some(Tasks { parameters, .. }) => json!({
            "total": count(inspection.parameters()), "shared": count(parameters.shared),
            "of_each_task": count(parameters.of_each_task), "tasks": count(parameters.tasks),
            "per_task": parameters.per_task(),
        }),
    }
}

/// Rows of cosines; null where one is not known.
fn similarity(tasks: &Tasks) -> Option<Value> {
    let cosines = tasks.similarity.as_ref().ok()?;
    // Six digits are the same on every machine.
    let rounded = |cosine: &f64| (cosine * 1e6).round() / 1e6 + 0.0;
    let rows = cosines.outer_iter().map(|row| row.iter().map(|cosine| json!(rounded(cosine))).collect::<Value>());
    Some(json!({"measure": "cosine", "tasks": cosines.nrows(), "matrix": rows.collect::<Vec<_>>()}))
}

/// The findings about a file, as `check` prints them, each with its path.
fn diagnostics(report: &Report) -> Vec<Value> {
    let source = &report.source;
    let values = report.diagnostics.iter().map(|found| json_v1::value(source, found));
    values
        .map(|mut value| {
            if let Some(members) = value.as_object_mut() {
                members.insert("path".to_owned(), source.name().into());
            }
            value
        })
        .collect()
}
