//! The machine: a stack, a memo, and one operation after the other.

use super::{
    Failure, Pickled,
    object::{Heap, Id, Object, Storage},
    opcode,
};
use crate::{
    checkpoint::{
        Budget,
        findings::{Findings, over_budget},
    },
    diagnostic::{BROKEN_PICKLE, Diagnostic, UNSUPPORTED_PICKLE},
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Machine<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    /// Where the current operation stands.
    pub(super) here: usize,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: BTreeMap<u64, Id>,
    pub(super) heap: Heap,
    pub(super) storages: Vec<Storage>,
    pub(super) storage_numbers: BTreeMap<String, Vec<u32>>,
    pub(super) name: &'a str,
    pub(super) budget: &'a Budget,
    pub(super) findings: &'a mut Findings,
    /// The names and operations that were reported already.
    pub(super) told: BTreeSet<String>,
    operations: usize,
}

impl<'a> Machine<'a> {
    pub(super) fn new(bytes: &'a [u8], name: &'a str, budget: &'a Budget, findings: &'a mut Findings) -> Self {
        Self {
            bytes,
            at: 0,
            here: 0,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: BTreeMap::new(),
            heap: Heap::new(budget),
            storages: Vec::new(),
            storage_numbers: BTreeMap::new(),
            name,
            budget,
            findings,
            told: BTreeSet::new(),
            operations: 0,
        }
    }

    pub(super) fn run(mut self) -> Result<Pickled, Failure> {
        loop {
            self.here = self.at;
            self.count_operation()?;
            let Some(&[code]) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk()) else {
                return Err(Failure::Truncated(format!("the pickle ends at byte {} without STOP", self.at)));
            };
            self.at = self.at.saturating_add(1);
            if code == b'.' {
                return self.stop();
            }
            self.tell_unknown_to_torch(code)?;
            if let Some(value) = self.literal(code)? {
                self.push(value)?;
            } else {
                self.operate(code)?;
            }
        }
    }

    pub(super) fn count_operation(&mut self) -> Result<(), Failure> {
        self.operations = self.operations.saturating_add(1);
        if self.operations > self.budget.operations {
            let limit = self.budget.operations;
            return Err(Failure::fatal(over_budget(
                "checkpoint.operations",
                "the pickle has too many operations",
                "more follow",
                limit,
            )));
        }
        Ok(())
    }

    fn stop(mut self) -> Result<Pickled, Failure> {
        let root = self.pop()?;
        let left = self.stack.len().saturating_add(self.marks.len());
        if left > 0 {
            let message = format!("the pickle leaves {left} more values on its stack (in {})", self.name);
            self.findings.tell(&BROKEN_PICKLE, message);
        }
        Ok(Pickled { root, heap: self.heap, storages: self.storages, end: self.at })
    }

    /// Torch's reader stops at operations that it does not know; this machine goes on.
    fn tell_unknown_to_torch(&mut self, code: u8) -> Result<(), Failure> {
        if opcode::is_read_by_torch(code) {
            return Ok(());
        }
        let at = self.here;
        let Some(name) = opcode::name(code) else {
            return Err(Failure::broken(format!("byte {at} is 0x{code:02x}, which is no operation of a pickle")));
        };
        if self.told.insert(name.to_owned()) {
            let message = format!(
                "the pickle uses the operation {name} at byte {at} (in {}), which torch's weights_only reader refuses",
                self.name
            );
            let finding = Diagnostic::new(&UNSUPPORTED_PICKLE, message);
            self.findings.add(finding.note("torch itself writes protocol 2; PEFT stops with `UnpicklingError`"));
        }
        Ok(())
    }

    /// Every operation that does more than push a value of its own.
    fn operate(&mut self, code: u8) -> Result<(), Failure> {
        match code {
            b'(' => self.mark(),
            b'0' => self.discard(),
            b'1' => self.pop_mark().map(drop),
            b'2' => self.top().and_then(|top| self.push(top)),
            b'a' | b'e' | 0x90 => self.append(code),
            b's' | b'u' => self.set_items(code),
            b't' | b'l' | b'd' | 0x85..=0x87 | 0x91 => self.collect(code),
            b'g' | b'h' | b'j' => self.recall(code),
            b'p' | b'q' | b'r' | 0x94 => self.memorise(code),
            0x80 => self.protocol(),
            0x95 => self.take(8).map(drop),
            0x98 => Ok(()),
            _ => self.call_operation(code),
        }
    }

    fn protocol(&mut self) -> Result<(), Failure> {
        let &[version] = self.chunk()?;
        if version > 5 {
            return Err(Failure::broken(format!("the pickle claims protocol {version}; the newest is 5")));
        }
        Ok(())
    }

    // The stack.

    pub(super) fn push(&mut self, id: Id) -> Result<(), Failure> {
        self.check_stack()?;
        self.stack.push(id);
        Ok(())
    }

    fn mark(&mut self) -> Result<(), Failure> {
        self.check_stack()?;
        self.marks.push(self.stack.len());
        Ok(())
    }

    fn check_stack(&self) -> Result<(), Failure> {
        let limit = self.budget.stack;
        if self.stack.len().saturating_add(self.marks.len()) >= limit {
            return Err(Failure::fatal(over_budget(
                "checkpoint.stack",
                "the pickle's stack grows too high",
                "more is pushed",
                limit,
            )));
        }
        Ok(())
    }

    fn bottom(&self) -> usize {
        self.marks.last().copied().unwrap_or_default()
    }

    fn empty_stack(&self) -> Failure {
        Failure::broken(format!("the operation at byte {} finds the stack empty", self.here))
    }

    pub(super) fn pop(&mut self) -> Result<Id, Failure> {
        if self.stack.len() <= self.bottom() {
            return Err(self.empty_stack());
        }
        self.stack.pop().ok_or_else(|| self.empty_stack())
    }

    pub(super) fn top(&self) -> Result<Id, Failure> {
        let above = self.stack.get(self.bottom()..).unwrap_or_default();
        above.last().copied().ok_or_else(|| self.empty_stack())
    }

    /// POP takes a value, or the mark where no value is above it.
    fn discard(&mut self) -> Result<(), Failure> {
        if self.stack.len() <= self.bottom() && self.marks.pop().is_some() {
            return Ok(());
        }
        self.pop().map(drop)
    }

    pub(super) fn pop_mark(&mut self) -> Result<Vec<Id>, Failure> {
        let message = || Failure::broken(format!("the operation at byte {} finds no mark", self.here));
        let bottom = self.marks.pop().ok_or_else(message)?;
        Ok(self.stack.split_off(bottom.min(self.stack.len())))
    }

    // The memo.

    fn recall(&mut self, code: u8) -> Result<(), Failure> {
        let index = self.memo_index(code)?;
        let Some(id) = self.memo.get(&index).copied() else {
            let message = format!("byte {} reads memo entry {index}, which is not set", self.here);
            return Err(Failure::broken(message));
        };
        self.push(id)
    }

    fn memorise(&mut self, code: u8) -> Result<(), Failure> {
        let index = match code {
            0x94 => u64::try_from(self.memo.len()).unwrap_or(u64::MAX),
            _ => self.memo_index(code)?,
        };
        let top = self.top()?;
        self.memo.insert(index, top);
        if self.memo.len() > self.budget.memo {
            let limit = self.budget.memo;
            return Err(Failure::fatal(over_budget(
                "checkpoint.memo",
                "the pickle's memo has too many entries",
                "more are set",
                limit,
            )));
        }
        Ok(())
    }

    fn memo_index(&mut self, code: u8) -> Result<u64, Failure> {
        Ok(match code {
            b'h' | b'q' => self.chunk::<1>().map(|[index]| u64::from(*index))?,
            b'j' | b'r' => self.chunk().map(|bytes| u64::from(u32::from_le_bytes(*bytes)))?,
            _ => {
                let line = self.line()?;
                let number = std::str::from_utf8(line).ok().and_then(|text| text.parse().ok());
                number.ok_or_else(|| Failure::broken(format!("byte {} has no number for the memo", self.here)))?
            }
        })
    }

    // Containers.

    fn append(&mut self, code: u8) -> Result<(), Failure> {
        let items = if code == b'a' { vec![self.pop()?] } else { self.pop_mark()? };
        let target = self.top()?;
        match self.heap.get_mut(target) {
            Some(Object::List(list)) if code != 0x90 => list.extend(items),
            Some(Object::Refused | Object::Other("a set")) => {}
            _ => return Err(self.wrong_target("appends to", target)),
        }
        Ok(())
    }

    fn set_items(&mut self, code: u8) -> Result<(), Failure> {
        let items = if code == b's' {
            let value = self.pop()?;
            vec![self.pop()?, value]
        } else {
            self.pop_mark()?
        };
        let target = self.top()?;
        match self.heap.get_mut(target) {
            Some(Object::Dict(dict)) => dict.entries.extend(pairs(&items)),
            Some(Object::Refused) => {}
            _ => return Err(self.wrong_target("sets items of", target)),
        }
        if items.len() % 2 == 1 {
            return Err(Failure::broken(format!("byte {} sets a key without a value", self.here)));
        }
        Ok(())
    }

    fn wrong_target(&self, does: &str, target: Id) -> Failure {
        Failure::broken(format!("byte {} {does} {}", self.here, self.heap.get(target).noun()))
    }

    fn collect(&mut self, code: u8) -> Result<(), Failure> {
        let items = match code {
            0x85..=0x87 => {
                let mut items = Vec::new();
                for _ in 0x84..code {
                    items.push(self.pop()?);
                }
                items.reverse();
                items
            }
            _ => self.pop_mark()?,
        };
        let object = match code {
            b'l' => Object::List(items),
            b'd' => {
                let dict = super::object::Dict { entries: pairs(&items).collect(), ..Default::default() };
                Object::Dict(Box::new(dict))
            }
            0x91 => Object::Other("a frozenset"),
            _ => Object::Tuple(items.into()),
        };
        let id = self.heap.add(object)?;
        self.push(id)
    }

    // The bytes.

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Failure> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(taken) = rest.get(..count) else {
            let left = rest.len();
            let message = format!("byte {} of the pickle announces {count} bytes, but {left} follow", self.here);
            return Err(Failure::Truncated(message));
        };
        self.at = self.at.saturating_add(count);
        Ok(taken)
    }

    pub(super) fn chunk<const COUNT: usize>(&mut self) -> Result<&'a [u8; COUNT], Failure> {
        let taken = self.take(COUNT)?;
        taken.first_chunk().ok_or_else(|| Failure::Truncated("the pickle ends".to_owned()))
    }

    /// Everything up to the end of the line, which is skipped.
    pub(super) fn line(&mut self) -> Result<&'a [u8], Failure> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
            return Err(Failure::Truncated(format!("byte {} of the pickle begins a line that never ends", self.here)));
        };
        let line = self.take(length)?;
        self.at = self.at.saturating_add(1);
        Ok(line)
    }
}

fn pairs(items: &[Id]) -> impl Iterator<Item = (Id, Id)> {
    items.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?)))
}
