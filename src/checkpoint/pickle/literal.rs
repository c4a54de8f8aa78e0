//! The operations that push a value of their own: numbers, strings, empty containers.

use super::{
    Failure,
    machine::Machine,
    object::{Id, Object},
};

impl Machine<'_> {
    /// The value that an operation stands for; `None` if it is none of these operations.
    pub(super) fn literal(&mut self, code: u8) -> Result<Option<Id>, Failure> {
        let object = match code {
            b'N' => Object::None,
            0x88 | 0x89 => Object::Bool(code == 0x88),
            b'J' => Object::Int(self.chunk().map(|bytes| i64::from(i32::from_le_bytes(*bytes)))?),
            b'K' => Object::Int(self.chunk::<1>().map(|[byte]| i64::from(*byte))?),
            b'M' => Object::Int(self.chunk().map(|bytes| i64::from(u16::from_le_bytes(*bytes)))?),
            b'G' => self.take(8).map(|_| Object::Float)?,
            b'F' => self.line().map(|_| Object::Float)?,
            b'I' | b'L' => self.decimal()?,
            0x8a | 0x8b => self.long(code)?,
            b')' => Object::Tuple(Box::default()),
            b']' => Object::List(Vec::new()),
            b'}' => Object::Dict(Box::default()),
            0x8f => Object::Other("a set"),
            0x97 => Object::Other("a buffer"),
            b'S' | b'V' | b'T' | b'U' | b'X' | 0x8c | 0x8d => return self.text(code).map(Some),
            b'B' | b'C' | 0x8e | 0x96 => {
                let length = self.length(code)?;
                self.take(length)?;
                Object::Other("bytes")
            }
            _ => return Ok(None),
        };
        self.heap.add(object).map(Some)
    }

    fn text(&mut self, code: u8) -> Result<Id, Failure> {
        let bytes = if matches!(code, b'S' | b'V') {
            let line = self.line()?;
            let unquoted = |quote: &[u8]| line.strip_prefix(quote).and_then(|line| line.strip_suffix(quote));
            unquoted(b"'").or_else(|| unquoted(b"\"")).filter(|_| code == b'S').unwrap_or(line)
        } else {
            let length = self.length(code)?;
            self.take(length)?
        };
        self.heap.add_text(bytes)
    }

    /// The length that stands before the bytes of a string.
    fn length(&mut self, code: u8) -> Result<usize, Failure> {
        let length = match code {
            b'U' | b'C' | 0x8c => self.chunk::<1>().map(|[length]| u64::from(*length))?,
            b'T' | b'X' | b'B' => self.chunk().map(|bytes| u64::from(u32::from_le_bytes(*bytes)))?,
            _ => self.chunk().map(|bytes| u64::from_le_bytes(*bytes))?,
        };
        usize::try_from(length).map_err(|_| Failure::Truncated(format!("byte {} announces {length} bytes", self.here)))
    }

    fn decimal(&mut self) -> Result<Object, Failure> {
        let line = self.line()?;
        let text = std::str::from_utf8(line).unwrap_or_default();
        match text {
            "00" | "01" => return Ok(Object::Bool(text == "01")),
            _ => {}
        }
        let digits = text.strip_suffix('L').unwrap_or(text);
        let is_number = digits.strip_prefix('-').unwrap_or(digits).bytes().all(|byte| byte.is_ascii_digit());
        match digits.parse() {
            Ok(value) => Ok(Object::Int(value)),
            Err(_) if is_number && !digits.is_empty() => Ok(Object::Other("a long whole number")),
            Err(_) => Err(Failure::broken(format!("byte {} has no whole number", self.here))),
        }
    }

    /// A whole number of a given count of bytes, little-endian, in two's complement.
    fn long(&mut self, code: u8) -> Result<Object, Failure> {
        let length = match code {
            0x8a => self.chunk::<1>().map(|[length]| u32::from(*length))?,
            _ => self.chunk().map(|bytes| u32::from_le_bytes(*bytes))?,
        };
        let bytes = self.take(usize::try_from(length).unwrap_or(usize::MAX))?;
        if bytes.len() > 8 {
            self.heap.count_text(bytes.len())?;
            return Ok(Object::Long(bytes.into()));
        }
        let filler = if bytes.last().is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
        let mut whole = [filler; 8];
        whole.iter_mut().zip(bytes).for_each(|(byte, given)| *byte = *given);
        Ok(Object::Int(i64::from_le_bytes(whole)))
    }
}
