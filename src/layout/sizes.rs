//! The sizes that fields stand for, as far as they are known.

use super::{Axis, Layout, TensorLayout};
use crate::rule::Fields;
use std::collections::{BTreeMap, BTreeSet};

/// Values of fields that decide shapes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes {
    known: BTreeMap<&'static str, u64>,
    /// The fields whose value the base model gives, not the config.
    of_base_model: BTreeSet<&'static str>,
    /// The fields whose value in the config PEFT does not heed.
    fixed: BTreeSet<&'static str>,
}

impl FromIterator<(&'static str, u64)> for Sizes {
    fn from_iter<I: IntoIterator<Item = (&'static str, u64)>>(sizes: I) -> Self {
        Self { known: sizes.into_iter().collect(), ..Self::default() }
    }
}

impl Sizes {
    /// The sizes that a config gives, or that PEFT derives from it; fields that are not `sound` say nothing.
    #[must_use]
    pub fn of_config(layout: &Layout, fields: &Fields<'_>, is_sound: impl Fn(&str) -> bool) -> Self {
        let named = layout.tensors.iter().flat_map(|tensor| tensor.axes).flat_map(|axis| axis.fields);
        let sound = named.copied().filter(|field| is_sound(field));
        sound.filter_map(|field| Some((field, layout.size(field, fields)?))).collect()
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<u64> {
        self.known.get(field).copied()
    }

    /// The fields that are known, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.known.iter().map(|(field, size)| (*field, *size))
    }

    /// The same with what PEFT ends up with once it has read the base model; of fields that are `fixed`, it heeds no value of the
    /// config.
    #[must_use]
    pub fn with_base_model(
        &self,
        resolved: impl IntoIterator<Item = (&'static str, u64)>,
        is_fixed: impl Fn(&str) -> bool,
    ) -> Self {
        let mut sizes = self.clone();
        for (field, size) in resolved {
            let given = sizes.known.insert(field, size);
            if given != Some(size) || is_fixed(field) {
                sizes.of_base_model.insert(field);
            }
            if is_fixed(field) {
                sizes.fixed.insert(field);
            }
        }
        sizes
    }

    /// Whether the value of a field is the base model's.
    #[must_use]
    pub fn is_of_base_model(&self, field: &str) -> bool {
        self.of_base_model.contains(field)
    }

    /// The same without a field.
    #[must_use]
    pub fn without(&self, field: &str) -> Self {
        let mut sizes = self.clone();
        sizes.known.remove(field);
        sizes
    }

    /// The shape of a tensor, if all its axes are known.
    #[must_use]
    pub fn shape(&self, tensor: &TensorLayout) -> Option<Vec<u64>> {
        tensor.axes.iter().map(|axis| self.of_axis(*axis)).collect()
    }

    /// The size of an axis, if all its fields are known.
    #[must_use]
    pub fn of_axis(&self, axis: Axis) -> Option<u64> {
        axis.fields.iter().try_fold(axis.times, |product, field| product.checked_mul(self.get(field)?))
    }

    /// The fields of an axis with their values, if all are known.
    #[must_use]
    pub fn factors(&self, axis: Axis) -> Option<Vec<(&'static str, u64)>> {
        axis.fields.iter().map(|field| Some((*field, self.get(field)?))).collect()
    }

    /// Takes the size of an axis for the field of it that is not known, if there is just one.
    pub fn learn(&mut self, axis: Axis, size: u64) {
        let mut unknown = axis.fields.iter().filter(|field| !self.known.contains_key(**field));
        if let (Some(field), None) = (unknown.next(), unknown.next())
            && let Some(value) = self.quotient(axis, field, size)
        {
            self.known.insert(field, value);
        }
    }

    /// The fields of an axis, each with the value by which alone the axis would have this size; the best first. Beside fields
    /// that are the base model's, those that the config gives are to stay as they are.
    #[must_use]
    pub fn agreeing(&self, axis: Axis, size: u64) -> Vec<(&'static str, u64)> {
        let has_other = axis.fields.iter().any(|field| self.is_of_base_model(field));
        let may_change = |field: &str| !self.fixed.contains(field) && (!has_other || self.is_of_base_model(field));
        let fields = axis.fields.iter().filter(|field| may_change(field));
        let fields = fields.filter_map(|field| Some((*field, self.quotient(axis, field, size)?)));
        let mut agreeing: Vec<_> = fields.collect();
        // A factor of one is no coincidence: the tensors were made without that factor.
        agreeing.sort_by_key(|(_, value)| *value != 1);
        agreeing
    }

    /// The size divided by the other fields of the axis, if that goes.
    fn quotient(&self, axis: Axis, field: &str, size: u64) -> Option<u64> {
        let others = axis.fields.iter().filter(|other| **other != field);
        let product =
            others.into_iter().try_fold(axis.times, |product, other| product.checked_mul(self.get(other)?))?;
        size.checked_rem(product).filter(|rest| *rest == 0)?;
        size.checked_div(product).filter(|value| *value > 0)
    }
}
