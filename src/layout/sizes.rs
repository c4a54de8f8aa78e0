//! The sizes that fields stand for, as far as they are known.

use super::{Axis, Layout, TensorLayout};
use crate::rule::Fields;
use std::collections::BTreeMap;

/// Values of fields that decide shapes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes(BTreeMap<&'static str, u64>);

impl FromIterator<(&'static str, u64)> for Sizes {
    fn from_iter<I: IntoIterator<Item = (&'static str, u64)>>(sizes: I) -> Self {
        Self(sizes.into_iter().collect())
    }
}

impl Sizes {
    /// The sizes that a config gives, or that PEFT derives from it; fields that are not `sound` say nothing.
    #[must_use]
    pub fn of_config(layout: &Layout, fields: &Fields<'_>, is_sound: impl Fn(&str) -> bool) -> Self {
        let named = layout.tensors.iter().flat_map(|tensor| tensor.axes).flat_map(|axis| axis.fields);
        let sound = named.copied().filter(|field| is_sound(field));
        Self(sound.filter_map(|field| Some((field, layout.size(field, fields)?))).collect())
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<u64> {
        self.0.get(field).copied()
    }

    /// The fields that are known, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|(field, size)| (*field, *size))
    }

    /// The same, with those fields of `others` that decide shapes as `others` says.
    #[must_use]
    pub fn with(&self, others: impl IntoIterator<Item = (&'static str, u64)>) -> Self {
        let mut sizes = self.clone();
        sizes.0.extend(others);
        sizes
    }

    /// The same without a field.
    #[must_use]
    pub fn without(&self, field: &str) -> Self {
        Self(self.0.iter().filter(|(known, _)| **known != field).map(|(known, size)| (*known, *size)).collect())
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
        let mut unknown = axis.fields.iter().filter(|field| !self.0.contains_key(**field));
        if let (Some(field), None) = (unknown.next(), unknown.next())
            && let Some(value) = self.quotient(axis, field, size)
        {
            self.0.insert(field, value);
        }
    }

    /// The fields of an axis, each with the value by which alone the axis would have this size; the best first.
    #[must_use]
    pub fn agreeing(&self, axis: Axis, size: u64) -> Vec<(&'static str, u64)> {
        let fields = axis.fields.iter().filter_map(|field| Some((*field, self.quotient(axis, field, size)?)));
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
