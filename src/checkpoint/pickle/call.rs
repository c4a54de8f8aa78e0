//! The operations that name and call things. Nothing is called: what torch's own functions would build is worked out, the
//! rest is reported.

use super::{
    Failure,
    globals::{self, Global},
    machine::Machine,
    object::{Dict, Id, Object},
};
use crate::{
    checkpoint::findings::shown,
    diagnostic::{DANGEROUS_PICKLE, Diagnostic},
};

/// How many different names are reported.
const MOST_NAMES: usize = 1000;

impl Machine<'_> {
    pub(super) fn call_operation(&mut self, code: u8) -> Result<(), Failure> {
        let value = match code {
            b'c' => self.global()?,
            0x93 => self.stack_global()?,
            b'R' | 0x81 => {
                let arguments = self.pop()?;
                let function = self.pop()?;
                self.call(function, arguments)?
            }
            0x92 => {
                self.pop()?;
                let arguments = self.pop()?;
                let class = self.pop()?;
                self.call(class, arguments)?
            }
            b'i' => {
                let class = self.global()?;
                let arguments = self.pop_mark()?;
                self.call_with(class, arguments)?
            }
            b'o' => {
                let mut arguments = self.pop_mark()?;
                if arguments.is_empty() {
                    return Err(Failure::broken(format!("byte {} names no class to build", self.here)));
                }
                let class = arguments.remove(0);
                self.call_with(class, arguments)?
            }
            b'b' => return self.build(),
            b'P' | b'Q' => self.persistent(code)?,
            0x82..=0x84 => self.extension(code)?,
            _ => return Err(Failure::broken(format!("byte {} is no operation of a pickle", self.here))),
        };
        self.push(value)
    }

    fn global(&mut self) -> Result<Id, Failure> {
        let module = String::from_utf8_lossy(self.line()?);
        let name = String::from_utf8_lossy(self.line()?);
        self.named(&module, &name)
    }

    fn stack_global(&mut self) -> Result<Id, Failure> {
        let (name, module) = (self.pop()?, self.pop()?);
        let (Some(module), Some(name)) = (self.heap.text(module), self.heap.text(name)) else {
            return Err(Failure::broken(format!("byte {} names a global by something else than strings", self.here)));
        };
        let (module, name) = (module.to_owned(), name.to_owned());
        self.named(&module, &name)
    }

    /// What a module and a name in it stand for, by the allow-list.
    fn named(&mut self, module: &str, name: &str) -> Result<Id, Failure> {
        // The only module of Python 2 that holds something of the list under another name.
        let module = if module == "__builtin__" { "builtins" } else { module };
        if let Some(global) = globals::find(module, name) {
            return self.heap.add(Object::Global(global));
        }
        self.refuse(module, name);
        self.heap.add(Object::Refused)
    }

    fn refuse(&mut self, module: &str, name: &str) {
        let full = format!("{}.{}", shown(module), shown(name));
        if self.told.len() < MOST_NAMES && self.told.insert(full.clone()) {
            let message = format!(
                "the pickle names `{full}` at byte {} (in {}), which is outside the allow-list of torch's weights_only reader",
                self.here, self.name
            );
            let finding = Diagnostic::new(&DANGEROUS_PICKLE, message);
            self.findings
                .add(finding.note("PEFT refuses it; a reader without that list would import it and may call it"));
        }
    }

    fn extension(&mut self, code: u8) -> Result<Id, Failure> {
        let number = match code {
            0x82 => self.chunk::<1>().map(|[number]| u32::from(*number))?,
            0x83 => self.chunk().map(|bytes| u32::from(u16::from_le_bytes(*bytes)))?,
            _ => self.chunk().map(|bytes| u32::from_le_bytes(*bytes))?,
        };
        self.refuse("copyreg extension", &number.to_string());
        self.heap.add(Object::Refused)
    }

    fn call(&mut self, function: Id, arguments: Id) -> Result<Id, Failure> {
        let Some(items) = self.heap.items(arguments) else {
            let message = format!("byte {} calls with {}, not a tuple", self.here, self.heap.get(arguments).noun());
            return Err(Failure::broken(message));
        };
        // What is built of long argument lists reads a few of them only.
        let items = items.iter().copied().take(16).collect();
        self.call_with(function, items)
    }

    /// The value of a call.
    fn call_with(&mut self, mut function: Id, mut arguments: Vec<Id>) -> Result<Id, Failure> {
        loop {
            let global = match self.heap.get(function) {
                Object::Global(global) => *global,
                Object::Refused => return self.heap.add(Object::Refused),
                other => {
                    let is = other.noun();
                    let message = format!("the pickle calls {is} at byte {} (in {})", self.here, self.name);
                    self.findings.tell(&DANGEROUS_PICKLE, message);
                    return self.heap.add(Object::Refused);
                }
            };
            if global != Global::RebuildFromType {
                return self.build_value(global, &arguments);
            }
            // `_rebuild_from_type_v2(function, class, arguments, state)`: one call more, which costs an operation.
            self.count_operation()?;
            let (Some(inner), Some(items)) = (arguments.first(), arguments.get(2).and_then(|id| self.heap.items(*id)))
            else {
                return self.heap.add(Object::Other("a tensor of a subclass"));
            };
            (function, arguments) = (*inner, items.iter().copied().take(16).collect());
        }
    }

    fn build_value(&mut self, global: Global, arguments: &[Id]) -> Result<Id, Failure> {
        let object = match global {
            Global::Mapping => Object::Dict(Box::new(self.mapping(arguments)?)),
            Global::RebuildTensor => self.tensor(arguments, None),
            Global::RebuildTensorV3 => self.tensor_v3(arguments),
            Global::RebuildMeta => self.tensor_without_storage(arguments.first(), arguments.get(1)),
            Global::RebuildWrapper => self.tensor_without_storage(arguments.get(1), arguments.get(2)),
            Global::RebuildAround | Global::Parameter | Global::Size => match arguments.first() {
                Some(inner) => return Ok(*inner),
                None => Object::Other("an empty value"),
            },
            Global::TensorClass => Object::Other("an empty tensor"),
            Global::Makes(what) => Object::Other(what),
            Global::StorageClass(_) => Object::Other("a storage made by hand"),
            Global::Dtype(_) | Global::RebuildFromType => Object::Other("a value that cannot be made"),
        };
        self.heap.add(object)
    }

    /// An `OrderedDict`, empty or made of pairs.
    fn mapping(&mut self, arguments: &[Id]) -> Result<Dict, Failure> {
        let mut dict = Dict { has_attributes: true, ..Dict::default() };
        let pairs = arguments.first().and_then(|list| self.heap.items(*list)).unwrap_or_default().to_vec();
        for pair in pairs {
            self.heap.count_copy()?;
            if let Some([key, value]) = self.heap.items(pair) {
                dict.entries.push((*key, *value));
            }
        }
        Ok(dict)
    }

    /// BUILD sets attributes, which matter to nobody here, or fills an empty tensor.
    fn build(&mut self) -> Result<(), Failure> {
        let state = self.pop()?;
        let target = self.top()?;
        match self.heap.get(target) {
            Object::Other("an empty tensor") => {
                let items: Vec<Id> = self.heap.items(state).unwrap_or_default().iter().copied().take(8).collect();
                let tensor = self.tensor(&items, None);
                if let Some(object) = self.heap.get_mut(target) {
                    *object = tensor;
                }
            }
            Object::Dict(dict) if dict.has_attributes => {}
            Object::Tensor(_) | Object::Refused | Object::Other(_) => {}
            other => {
                let message = format!("byte {} sets the state of {}", self.here, other.noun());
                return Err(Failure::broken(message));
            }
        }
        Ok(())
    }
}
