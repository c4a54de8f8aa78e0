//! The types of tensor elements, spelt as torch spells them.

use std::fmt;

/// Declares the types: variant, torch's name, bits of one element, the name in a safetensors header.
macro_rules! dtypes {
    (@name $name:literal) => { Some($name) };
    (@name) => { None };
    ($($variant:ident $name:literal $bits:literal $($safetensors:literal)?;)+) => {
        /// The type of a tensor's elements.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Dtype {
            $(#[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl Dtype {
            /// Torch's name without `torch.`: `float32`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The size of one element in bits; some types are smaller than a byte.
            #[must_use]
            pub const fn bits(self) -> u64 {
                match self { $(Self::$variant => $bits,)+ }
            }

            /// The type of that name in torch.
            pub(super) fn of_torch(name: &str) -> Option<Self> {
                Some(match name { $($name => Self::$variant,)+ _ => return None })
            }

            /// The type of that name in a safetensors header.
            pub(super) fn of_safetensors(name: &str) -> Option<Self> {
                Some(match name { $($($safetensors => Self::$variant,)?)+ _ => return None })
            }

            /// The name in a safetensors header; `None` for types that the format does not have.
            pub(super) const fn as_safetensors(self) -> Option<&'static str> {
                match self { $(Self::$variant => dtypes!(@name $($safetensors)?),)+ }
            }

            /// The names a safetensors header may use.
            pub(super) const SAFETENSORS: &'static [&'static str] = &[$($($safetensors,)?)+];
        }
    };
}

dtypes! {
    Bool "bool" 8 "BOOL";
    Uint8 "uint8" 8 "U8";
    Uint16 "uint16" 16 "U16";
    Uint32 "uint32" 32 "U32";
    Uint64 "uint64" 64 "U64";
    Int8 "int8" 8 "I8";
    Int16 "int16" 16 "I16";
    Int32 "int32" 32 "I32";
    Int64 "int64" 64 "I64";
    Float16 "float16" 16 "F16";
    Bfloat16 "bfloat16" 16 "BF16";
    Float32 "float32" 32 "F32";
    Float64 "float64" 64 "F64";
    Complex32 "complex32" 32;
    Bcomplex32 "bcomplex32" 32;
    Complex64 "complex64" 64 "C64";
    Complex128 "complex128" 128;
    Float8E4m3fn "float8_e4m3fn" 8 "F8_E4M3";
    Float8E5m2 "float8_e5m2" 8 "F8_E5M2";
    Float8E4m3fnuz "float8_e4m3fnuz" 8 "F8_E4M3FNUZ";
    Float8E5m2fnuz "float8_e5m2fnuz" 8 "F8_E5M2FNUZ";
    Float8E8m0fnu "float8_e8m0fnu" 8 "F8_E8M0";
    Float6E2m3fn "float6_e2m3fn" 6 "F6_E2M3";
    Float6E3m2fn "float6_e3m2fn" 6 "F6_E3M2";
    Float4E2m1fn "float4_e2m1fn" 4 "F4";
    Float4E2m1fnX2 "float4_e2m1fn_x2" 8;
    Qint8 "qint8" 8;
    Quint8 "quint8" 8;
    Qint32 "qint32" 32;
    Quint4x2 "quint4x2" 8;
    Quint2x4 "quint2x4" 8;
    Bits8 "bits8" 8;
    Bits16 "bits16" 16;
    Bits1x8 "bits1x8" 8;
    Bits2x4 "bits2x4" 8;
    Bits4x2 "bits4x2" 8;
    Uint1 "uint1" 8;
    Uint2 "uint2" 8;
    Uint3 "uint3" 8;
    Uint4 "uint4" 8;
    Uint5 "uint5" 8;
    Uint6 "uint6" 8;
    Uint7 "uint7" 8;
    Int1 "int1" 8;
    Int2 "int2" 8;
    Int3 "int3" 8;
    Int4 "int4" 8;
    Int5 "int5" 8;
    Int6 "int6" 8;
    Int7 "int7" 8;
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the elements of a type are, to someone who looks for trained numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DtypeKind {
    /// What training writes: floats of 16 or 32 bits.
    Trained,
    /// Floats of other widths: they load, and change their values on the way.
    OtherFloat,
    /// Whole numbers, truth values, complex and quantised numbers.
    NoFloat,
}

impl Dtype {
    /// Whether torch takes the mean of such elements, as starting from the mean of tasks does.
    #[must_use]
    pub const fn has_mean(self) -> bool {
        matches!(
            self,
            Self::Float16 | Self::Bfloat16 | Self::Float32 | Self::Float64 | Self::Complex64 | Self::Complex128
        )
    }

    /// What the elements are.
    #[must_use]
    pub const fn kind(self) -> DtypeKind {
        match self {
            Self::Float32 | Self::Float16 | Self::Bfloat16 => DtypeKind::Trained,
            Self::Float64
            | Self::Float8E4m3fn
            | Self::Float8E5m2
            | Self::Float8E4m3fnuz
            | Self::Float8E5m2fnuz
            | Self::Float8E8m0fnu
            | Self::Float6E2m3fn
            | Self::Float6E3m2fn
            | Self::Float4E2m1fn
            | Self::Float4E2m1fnX2 => DtypeKind::OtherFloat,
            _ => DtypeKind::NoFloat,
        }
    }
}

/// The number of elements of a shape; `None` if it does not fit 64 bits.
pub(super) fn elements(shape: &[u64]) -> Option<u64> {
    // A zero anywhere makes a product of zero, but the factors before it may overflow all the same, as they do in torch.
    shape.iter().try_fold(1_u64, |product, dimension| product.checked_mul(*dimension))
}

impl Dtype {
    /// The bytes that change places with the byte order: an element, or each half of a complex one.
    pub(super) const fn swapped_bytes(self) -> u64 {
        match self {
            Self::Complex32 | Self::Bcomplex32 | Self::Complex64 | Self::Complex128 => self.bits() / 16,
            _ => self.bits() / 8,
        }
    }

    /// The bytes that a tensor of this type and shape takes; `None` if that overflows or ends within a byte.
    #[must_use]
    pub fn bytes_of(self, shape: &[u64]) -> Option<u64> {
        let bits = elements(shape)?.checked_mul(self.bits())?;
        bits.is_multiple_of(8).then_some(bits / 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_checked() {
        assert_eq!(Dtype::Float32.bytes_of(&[2, 3]), Some(24));
        assert_eq!(Dtype::Float32.bytes_of(&[]), Some(4));
        assert_eq!(Dtype::Float4E2m1fn.bytes_of(&[3]), None);
        assert_eq!(Dtype::Float4E2m1fn.bytes_of(&[4]), Some(2));
        assert_eq!(Dtype::Float64.bytes_of(&[u64::MAX / 8]), None);
        assert_eq!(Dtype::Float64.bytes_of(&[1 << 40, 1 << 40, 0]), None);
    }

    /// What `tensor.mean(0)` of torch 2.15.0 takes; of any other type it stops with a `NotImplementedError`.
    #[test]
    fn means_are_taken_of_the_types_that_torch_takes_them_of() {
        let taken = ["float16", "bfloat16", "float32", "float64", "complex64", "complex128"];
        let refused = [
            "bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 complex32",
            "float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu",
        ];
        let refused = refused.iter().flat_map(|names| names.split(' '));
        for (name, has_mean) in taken.map(|name| (name, true)).into_iter().chain(refused.map(|name| (name, false))) {
            assert_eq!(Dtype::of_torch(name).map(Dtype::has_mean), Some(has_mean), "{name}");
        }
    }

    #[test]
    fn names_lead_back_to_their_types() {
        assert_eq!(Dtype::of_torch("bfloat16"), Some(Dtype::Bfloat16));
        assert_eq!(Dtype::of_safetensors("F8_E4M3"), Some(Dtype::Float8E4m3fn));
        assert_eq!(Dtype::of_safetensors("F31"), None);
        let names = Dtype::SAFETENSORS.iter().map(|name| Dtype::of_safetensors(name).and_then(Dtype::as_safetensors));
        assert!(names.eq(Dtype::SAFETENSORS.iter().map(|name| Some(*name))));
        assert_eq!(Dtype::SAFETENSORS.len(), 22);
    }
}
