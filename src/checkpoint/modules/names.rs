//! The names of tensors that belong to modules, taken apart.

use super::path::{ModulePath, Wrapper, wrappers};
use crate::{
    checkpoint::{Catalogue, Tensor},
    layout::modules::{ModuleLayout, PREFIX, Part},
};
use std::collections::BTreeMap;

/// The tensors of a checkpoint by the module that they adapt, and what is unusual about their names.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    /// By the path of the module in the base model.
    pub(super) modules: Modules<'a>,
    /// Tensors that are no part of the method.
    pub(super) others: Vec<&'a Tensor>,
    /// Names that hold the name of the adapter, which PEFT takes out when it saves; with the name that they should have.
    pub(super) with_adapter: Vec<(&'a Tensor, String)>,
    /// Names without the prefix.
    pub(super) without_prefix: Vec<&'a Tensor>,
    /// Names with more than one prefix.
    pub(super) with_two_prefixes: Vec<&'a Tensor>,
    /// Names with wrappers in them.
    pub(super) wrapped: Vec<(&'a Tensor, Vec<&'static Wrapper>)>,
}

/// Modules by their path.
pub(super) type Modules<'a> = BTreeMap<ModulePath<'a>, Module<'a>>;

/// The modules of which something holds however their path is read, as they are written.
pub(super) fn in_every_reading<'a>(modules: &Modules<'a>, holds: impl Fn(&str) -> bool) -> Vec<&'a str> {
    modules.keys().filter(|module| module.possible().all(&holds)).map(|module| module.written).collect()
}

/// The tensors of one module, by part.
#[derive(Debug, Default)]
pub(super) struct Module<'a>(pub(super) Vec<(&'static Part, &'a Tensor)>);

impl<'a> Module<'a> {
    pub(super) fn part(&self, name: &str) -> Option<&'a Tensor> {
        self.0.iter().find(|(part, _)| part.name == name).map(|(_, tensor)| *tensor)
    }
}

impl<'a> Names<'a> {
    pub(super) fn of(layout: &'static ModuleLayout, catalogue: &'a Catalogue) -> Self {
        let mut names = Self::default();
        for tensor in &catalogue.tensors {
            let of_part = layout.parts.iter().find_map(|part| Some((part, taken_apart(&tensor.name, part)?)));
            match of_part {
                Some((part, parted)) => names.add(tensor, part, &parted),
                None => names.others.push(tensor),
            }
        }
        names
    }

    /// Whether every tensor of the method is where PEFT looks for it.
    pub(super) fn are_regular(&self) -> bool {
        self.with_adapter.is_empty() && self.without_prefix.is_empty() && self.with_two_prefixes.is_empty()
    }

    fn add(&mut self, tensor: &'a Tensor, part: &'static Part, parted: &Parted<'a>) {
        let mut module = parted.before;
        match module.strip_prefix(PREFIX) {
            None => self.without_prefix.push(tensor),
            Some(rest) => {
                module = rest;
                if rest.starts_with(PREFIX) {
                    self.with_two_prefixes.push(tensor);
                }
                while let Some(rest) = module.strip_prefix(PREFIX) {
                    module = rest;
                }
            }
        }
        let path = ModulePath::new(module);
        // What stands before the prefix is reported with it.
        if path.unwrapped.is_some() && parted.before.starts_with(PREFIX) {
            self.wrapped.push((tensor, wrappers(module).collect()));
        }
        if parted.has_adapter {
            self.with_adapter.push((tensor, format!("{}.{}", parted.before, part.name)));
        }
        self.modules.entry(path).or_default().0.push((part, tensor));
    }
}

/// The name of a tensor without the part that it is.
struct Parted<'a> {
    before: &'a str,
    has_adapter: bool,
}

/// `module.lora_A.weight` or, with the name of an adapter in it, `module.lora_A.default.weight`.
fn taken_apart<'a>(name: &'a str, part: &Part) -> Option<Parted<'a>> {
    if let Some(before) = name.strip_suffix(part.name).and_then(|before| before.strip_suffix('.')) {
        return Some(Parted { before, has_adapter: false });
    }
    let (kind, tail) = part.name.split_once('.').map_or((part.name, None), |(kind, tail)| (kind, Some(tail)));
    let without_tail = match tail {
        Some(tail) => name.strip_suffix(tail)?.strip_suffix('.')?,
        None => name,
    };
    let (before, adapter) = without_tail.rsplit_once('.')?;
    let before = before.strip_suffix(kind)?.strip_suffix('.')?;
    // Numbers and the ends of other parts are no names of adapters.
    let is_name = !adapter.is_empty() && adapter != "weight" && adapter != "bias" && adapter.parse::<u64>().is_err();
    is_name.then_some(Parted { before, has_adapter: true })
}
