//! The values of a tensor at a glance: how many are no finite numbers and where the first one is, and whether all are zero.

#![expect(
    clippy::inline_always,
    reason = "loops are compiled anew for every set of instructions, with all that they call"
)]

use super::{Checkpoint, Dtype, Tensor, ValuesError};
use crate::vectorized::vectorized;

/// What the values of a tensor are like. A complex number counts as two values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scan {
    /// How many values there are.
    pub values: u64,
    /// How many are NaN.
    pub nans: u64,
    /// How many are infinite, of either sign.
    pub infinities: u64,
    /// The element that is NaN or infinite first, in row-major order.
    pub first_non_finite: Option<u64>,
    /// Whether there are values, and all are zero.
    pub all_zero: bool,
    /// Whether no value is a normal number, but not all are zero. False for types that tell no such numbers apart.
    pub all_subnormal: bool,
}

impl Scan {
    /// Whether every value is a finite number.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.first_non_finite.is_none()
    }
}

impl Checkpoint<'_> {
    /// Looks at every value of a tensor of this checkpoint, in one pass and without holding more than a piece of them. Whole
    /// numbers and types that put several numbers in a byte are only asked whether they are zero.
    ///
    /// # Errors
    /// As with [`each_chunk`](Self::each_chunk).
    pub fn scan(&self, tensor: &Tensor) -> Result<Scan, ValuesError> {
        self.scan_through(tensor, &mut Vec::new())
    }

    /// As [`scan`](Self::scan), through a buffer that the next tensor can use again.
    pub(super) fn scan_through(&self, tensor: &Tensor, buffer: &mut Vec<u8>) -> Result<Scan, ValuesError> {
        let encoding = Encoding::of(tensor.dtype);
        let mut scan = Scan::default();
        let mut seen_bits = 0;
        self.each_chunk_through(tensor, buffer, |bytes| {
            seen_bits |= scan_piece(bytes, &encoding, &mut scan);
        })?;
        let magnitude = seen_bits & encoding.magnitude;
        scan.all_zero = scan.values > 0 && magnitude == 0 && encoding.has_zero;
        scan.all_subnormal = magnitude != 0 && encoding.exponent != 0 && magnitude & encoding.exponent == 0;
        if encoding.is_complex {
            scan.first_non_finite = scan.first_non_finite.map(|value| value / 2);
        }
        Ok(scan)
    }
}

/// How a type writes its numbers, in the bits of a word.
struct Encoding {
    /// The bytes of a word.
    bytes: u8,
    /// The bits that are zero in a zero.
    magnitude: u64,
    /// The bits of the exponent, if there are numbers without one: those that are not normal.
    exponent: u64,
    /// Of a word that is no finite number, these bits…
    special: u64,
    /// … are these.
    special_pattern: u64,
    /// The magnitude of an infinity.
    infinity: Option<u64>,
    /// Whether there is a zero.
    has_zero: bool,
    /// Whether two words are one element.
    is_complex: bool,
}

impl Encoding {
    fn of(dtype: Dtype) -> Self {
        match dtype {
            Dtype::Float16 => Self::ieee(2, 0x7fff, 0x7c00),
            Dtype::Bfloat16 => Self::ieee(2, 0x7fff, 0x7f80),
            Dtype::Float32 => Self::ieee(4, 0x7fff_ffff, 0x7f80_0000),
            Dtype::Float64 => Self::ieee(8, 0x7fff_ffff_ffff_ffff, 0x7ff0_0000_0000_0000),
            Dtype::Complex32 => Self { is_complex: true, ..Self::of(Dtype::Float16) },
            Dtype::Bcomplex32 => Self { is_complex: true, ..Self::of(Dtype::Bfloat16) },
            Dtype::Complex64 => Self { is_complex: true, ..Self::of(Dtype::Float32) },
            Dtype::Complex128 => Self { is_complex: true, ..Self::of(Dtype::Float64) },
            Dtype::Float8E5m2 => Self::ieee(1, 0x7f, 0x7c),
            Dtype::Float8E4m3fn => {
                Self { special: 0x7f, special_pattern: 0x7f, infinity: None, ..Self::ieee(1, 0x7f, 0x78) }
            }
            Dtype::Float8E4m3fnuz => Self::without_minus_zero(0x78),
            Dtype::Float8E5m2fnuz => Self::without_minus_zero(0x7c),
            Dtype::Float8E8m0fnu => Self { has_zero: false, special_pattern: 0xff, ..Self::without_minus_zero(0) },
            _ => Self::whole(),
        }
    }

    /// As IEEE 754 has it: all bits of the exponent are set in infinities and NaN.
    const fn ieee(bytes: u8, magnitude: u64, exponent: u64) -> Self {
        Self {
            bytes,
            magnitude,
            exponent,
            special: exponent,
            special_pattern: exponent,
            infinity: Some(exponent),
            has_zero: true,
            is_complex: false,
        }
    }

    /// Nothing but zero is special.
    const fn whole() -> Self {
        Self { special: 0, special_pattern: 1, infinity: None, ..Self::ieee(1, u64::MAX, 0) }
    }

    /// The bits of minus zero are the one NaN, and nothing is infinite.
    const fn without_minus_zero(exponent: u64) -> Self {
        Self { special: 0xff, special_pattern: 0x80, infinity: None, ..Self::ieee(1, 0xff, exponent) }
    }
}

/// Bytes that are judged in one go where that is possible; every element size divides it.
const BLOCK: usize = 8192;

/// Adds what the words of a piece tell; gives bits that are set in them, as many as decide what `scan` asks.
fn scan_piece(bytes: &[u8], encoding: &Encoding, scan: &mut Scan) -> u64 {
    vectorized(
        #[inline(always)]
        || scan_blocks(bytes, encoding, scan),
    )
}

#[inline(always)]
fn scan_blocks(bytes: &[u8], encoding: &Encoding, scan: &mut Scan) -> u64 {
    let mut seen_bits = 0;
    for block in bytes.chunks(BLOCK) {
        seen_bits |= at_once(block, encoding).unwrap_or_else(|| one_by_one(block, encoding, scan));
        scan.values += (block.len() / usize::from(encoding.bytes)) as u64;
    }
    seen_bits
}

/// Bits of the words of a block, if none of these is special and the bits are enough to know whether all words are zero or
/// none has an exponent.
#[inline(always)]
fn at_once(block: &[u8], encoding: &Encoding) -> Option<u64> {
    let Encoding { bytes, exponent, special, special_pattern, .. } = *encoding;
    if special == 0 {
        return Some(all_bits(block));
    }
    let any_special = match bytes {
        // One byte is special, not all that have some bits.
        1 if special == 0xff => u8::try_from(special_pattern).is_ok_and(|pattern| block.contains(&pattern)),
        1 => any_with_all_u8(block, special),
        2 => any_with_all_u16(block, special),
        4 => any_with_all_u32(block, special),
        _ => any_with_all_u64(block, special),
    };
    if any_special {
        return None;
    }
    // Almost always the first word decides.
    let is_normal = |word: &u64| exponent == 0 || word & exponent != 0;
    words(block, bytes).find(is_normal).or_else(|| (all_bits(block) == 0).then_some(0))
}

/// All bits that are set in any byte.
#[inline(always)]
fn all_bits(block: &[u8]) -> u64 {
    u64::from(block.iter().fold(0, |bits, byte| bits | byte))
}

/// The words of a block, the least significant byte first.
fn words(block: &[u8], bytes: u8) -> impl Iterator<Item = u64> {
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    block.chunks_exact(usize::from(bytes)).map(word)
}

/// Whether any word of a block has all bits of a mask, which has not the highest bit: only then their sum with what the mask
/// lacks reaches that bit. There is no comparison in it, so that it becomes three instructions for as many bytes as the processor
/// takes at once.
macro_rules! any_with_all {
    ($($name:ident $word:ident)+) => {$(
        #[inline(always)]
        fn $name(block: &[u8], mask: u64) -> bool {
            const HIGHEST: $word = 1 << ($word::BITS - 1);
            let mask = $word::try_from(mask).unwrap_or_default();
            let rest = HIGHEST - mask;
            let words = block.as_chunks::<{ size_of::<$word>() }>().0.iter().map(|bytes| $word::from_le_bytes(*bytes));
            words.fold(0, |found, word| found | ((word & mask) + rest)) & HIGHEST != 0
        }
    )+};
}
any_with_all! { any_with_all_u8 u8 any_with_all_u16 u16 any_with_all_u32 u32 any_with_all_u64 u64 }

/// All bits that are set in the words of a block; those that are no finite numbers are counted.
fn one_by_one(block: &[u8], encoding: &Encoding, scan: &mut Scan) -> u64 {
    let mut bits = 0;
    for (word, at) in words(block, encoding.bytes).zip(scan.values..) {
        if word & encoding.special == encoding.special_pattern {
            scan.first_non_finite.get_or_insert(at);
            let is_infinite = encoding.infinity == Some(word & encoding.magnitude);
            *(if is_infinite { &mut scan.infinities } else { &mut scan.nans }) += 1;
        }
        bits |= word;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Budget;
    use std::io::Cursor;
    use std::path::Path;

    /// The scan of one tensor of `count` elements with these bytes.
    fn scan(dtype: &str, count: usize, bytes: &[u8]) -> Scan {
        let header = format!(r#"{{"t":{{"dtype":"{dtype}","shape":[{count}],"data_offsets":[0,{}]}}}}"#, bytes.len());
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend_from_slice(header.as_bytes());
        file.extend_from_slice(bytes);
        let checkpoint =
            Checkpoint::from_reader(Cursor::new(file), Path::new("x.safetensors"), &Budget::default()).unwrap();
        assert_eq!(checkpoint.diagnostics, []);
        checkpoint.scan(&checkpoint.catalogue.tensors[0]).unwrap()
    }

    /// Every byte as a number, as the documents of the five types have it: how many are NaN, how many infinite, the first of them.
    #[test]
    fn every_float_of_eight_bits_is_what_its_type_says() {
        let all: Vec<u8> = (0..=255).collect();
        let counts = |dtype| {
            let Scan { nans, infinities, first_non_finite, .. } = scan(dtype, 256, &all);
            (nans, infinities, first_non_finite)
        };
        assert_eq!(counts("F8_E4M3"), (2, 0, Some(0x7f)));
        assert_eq!(counts("F8_E5M2"), (6, 2, Some(0x7c)));
        assert_eq!(counts("F8_E4M3FNUZ"), (1, 0, Some(0x80)));
        assert_eq!(counts("F8_E5M2FNUZ"), (1, 0, Some(0x80)));
        assert_eq!(counts("F8_E8M0"), (1, 0, Some(0xff)));
        assert_eq!(counts("U8"), (0, 0, None));
        assert_eq!(scan("F8_E5M2", 2, &[0, 0x7f]).nans, 1, "no infinity is among them");
    }

    /// Rust's own classification of every pattern of 16 bits, and of 32-bit patterns around those that matter.
    #[test]
    fn wider_floats_are_classified_as_rust_does() {
        let halves: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
        for (dtype, infinity) in [("F16", 0x7c00_u64), ("BF16", 0x7f80)] {
            let found = scan(dtype, 1 << 16, &halves);
            // From infinity to the largest pattern, of both signs.
            assert_eq!(found.nans + found.infinities, 2 * (0x8000 - infinity), "{dtype}");
            assert_eq!((found.infinities, found.first_non_finite), (2, Some(infinity)), "{dtype}");
        }
        let patterns: Vec<u32> = (0..=u32::from(u16::MAX)).map(|upper| upper << 16 | upper & 1).collect();
        let floats: Vec<f32> = patterns.iter().copied().map(f32::from_bits).collect();
        let bytes: Vec<u8> = floats.iter().flat_map(|float| float.to_le_bytes()).collect();
        let found = scan("F32", floats.len(), &bytes);
        assert_eq!(found.nans, floats.iter().filter(|float| float.is_nan()).count() as u64);
        assert_eq!(found.infinities, floats.iter().filter(|float| float.is_infinite()).count() as u64);
        assert_eq!(found.first_non_finite, floats.iter().position(|float| !float.is_finite()).map(|at| at as u64));
    }

    #[test]
    fn zeros_and_subnormal_numbers_are_told_apart() {
        let of = |values: [f64; 2]| {
            let found = scan("F64", 2, &values.map(f64::to_le_bytes).concat());
            (found.all_zero, found.all_subnormal)
        };
        assert_eq!(of([0.0, -0.0]), (true, false));
        assert_eq!(of([0.0, 5e-324]), (false, true));
        assert_eq!(of([1.0, 5e-324]), (false, false));
        assert!(scan("I32", 2, &[0; 8]).all_zero && !scan("I32", 2, &[0, 0, 0, 0, 0, 1, 0, 0]).all_zero);
        assert!(!scan("F8_E8M0", 1, &[0]).all_zero, "the type has no zero: these bits are 2^-127");
        assert!(!scan("F32", 0, &[]).all_zero, "there is nothing that could be zero");
    }

    #[test]
    fn an_element_of_a_complex_tensor_is_two_values() {
        let values = [0.0, 1.0, 2.0, 3.0, 4.0, f32::NAN].map(f32::to_le_bytes).concat();
        let found = scan("C64", 3, &values);
        assert_eq!((found.values, found.nans, found.first_non_finite), (6, 1, Some(2)));
        for (dtype, bytes, exponent) in [
            (Dtype::Complex32, 2, 0x7c00),
            (Dtype::Bcomplex32, 2, 0x7f80),
            (Dtype::Complex64, 4, 0x7f80_0000),
            (Dtype::Complex128, 8, 0x7ff0_0000_0000_0000),
        ] {
            let Encoding { is_complex, bytes: found, exponent: bits, .. } = Encoding::of(dtype);
            assert_eq!((is_complex, found, bits), (true, bytes, exponent), "{dtype:?}");
        }
    }

    #[test]
    fn positions_count_across_blocks_and_pieces() {
        let mut values = vec![0_u8; 4 << 20];
        values[4 * 1_000_000..][..4].copy_from_slice(&f32::INFINITY.to_le_bytes());
        let found = scan("F32", 1 << 20, &values);
        assert_eq!((found.values, found.infinities, found.first_non_finite), (1 << 20, 1, Some(1_000_000)));
    }
}
