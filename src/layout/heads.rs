//! The heads of classifiers, which PEFT trains and saves beside the adapter (`PeftModelForSequenceClassification` and its kin).

/// The modules that are the head, by task type.
const HEADS: [(&str, &[&str]); 3] =
    [("SEQ_CLS", &["classifier", "score"]), ("TOKEN_CLS", &["classifier", "score"]), ("QUESTION_ANS", &["qa_outputs"])];

/// The tasks whose models have a head that is trained and saved with the adapter.
pub const TASKS_WITH_HEAD: [&str; HEADS.len()] = [HEADS[0].0, HEADS[1].0, HEADS[2].0];

/// The names that the head of a model for a task may have; none where it has no head of its own.
#[must_use]
#[cfg(any(feature = "check", feature = "embedding"))]
pub fn heads(task_type: Option<&str>) -> &'static [&'static str] {
    HEADS.iter().find(|(task, _)| Some(*task) == task_type).map_or(&[], |(_, heads)| heads)
}
