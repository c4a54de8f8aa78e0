//! The functions and classes that torch's `weights_only` reader knows: what is not here is refused.

use crate::checkpoint::dtype::Dtype;

/// Something of torch's allow-list, as far as it matters to a catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::checkpoint) enum Global {
    /// `OrderedDict` or `Counter`.
    Mapping,
    /// `torch.nn.Parameter`.
    Parameter,
    /// `torch.Size`.
    Size,
    /// `torch.Tensor` and its old subclasses, one for each type and device.
    TensorClass,
    /// A class of storages; an untyped one has no type.
    StorageClass(Option<Dtype>),
    /// A `torch.dtype`.
    Dtype(Dtype),
    /// `_rebuild_tensor`, `_rebuild_tensor_v2`, `_rebuild_qtensor`.
    RebuildTensor,
    /// `_rebuild_tensor_v3`, which names the type.
    RebuildTensorV3,
    /// `_rebuild_parameter`, `_rebuild_parameter_with_state`, `_rebuild_device_tensor_from_cpu_tensor`: the first argument
    /// is the tensor.
    RebuildAround,
    /// `_rebuild_meta_tensor_no_storage`.
    RebuildMeta,
    /// `_rebuild_wrapper_subclass`.
    RebuildWrapper,
    /// `_rebuild_from_type_v2`, which calls another of these.
    RebuildFromType,
    /// Makes a value that is no tensor PEFT can use.
    Makes(&'static str),
}

/// The classes of torch's storages and the type of their elements.
const STORAGES: &[(&str, Dtype)] = &[
    ("DoubleStorage", Dtype::Float64),
    ("FloatStorage", Dtype::Float32),
    ("HalfStorage", Dtype::Float16),
    ("LongStorage", Dtype::Int64),
    ("IntStorage", Dtype::Int32),
    ("ShortStorage", Dtype::Int16),
    ("CharStorage", Dtype::Int8),
    ("ByteStorage", Dtype::Uint8),
    ("BoolStorage", Dtype::Bool),
    ("BFloat16Storage", Dtype::Bfloat16),
    ("ComplexDoubleStorage", Dtype::Complex128),
    ("ComplexFloatStorage", Dtype::Complex64),
    ("QUInt8Storage", Dtype::Quint8),
    ("QInt8Storage", Dtype::Qint8),
    ("QInt32Storage", Dtype::Qint32),
    ("QUInt4x2Storage", Dtype::Quint4x2),
    ("QUInt2x4Storage", Dtype::Quint2x4),
];

/// The old classes of tensors.
const TENSORS: &[&str] = &[
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
    "HalfTensor",
    "BoolTensor",
    "BFloat16Tensor",
];

/// The classes of torch on the list, for whoever makes up pickles.
#[cfg(feature = "fuzzing")]
pub(in crate::checkpoint) fn known_classes() -> impl Iterator<Item = &'static str> {
    STORAGES.iter().map(|(class, _)| *class).chain(TENSORS.iter().copied())
}

/// What a name of the allow-list stands for.
pub(super) fn find(module: &str, name: &str) -> Option<Global> {
    Some(match (module, name) {
        ("collections", "OrderedDict" | "Counter") => Global::Mapping,
        ("torch.nn.parameter", "Parameter") => Global::Parameter,
        ("torch.serialization", "_get_layout") => Global::Makes("a layout"),
        ("torch", "device") => Global::Makes("a device"),
        ("_codecs", "encode") => Global::Makes("bytes"),
        ("builtins", "bytearray") => Global::Makes("a bytearray"),
        ("builtins", "set") => Global::Makes("a set"),
        ("builtins", "complex") => Global::Makes("a complex number"),
        ("torch", "Size") => Global::Size,
        ("torch", "Tensor") => Global::TensorClass,
        ("torch.storage", "UntypedStorage" | "TypedStorage") => Global::StorageClass(None),
        ("torch._tensor", "_rebuild_from_type_v2") => Global::RebuildFromType,
        ("torch._utils", function) => rebuild(function)?,
        ("torch", name) => return of_torch(name).or_else(|| storage(name)),
        // Quantised numbers have no storages there.
        ("torch.cuda", name) if !name.starts_with('Q') => return storage(name).or_else(|| tensor_class(name)),
        ("torch.sparse" | "torch.cuda.sparse", name) if name != "BoolTensor" => tensor_class(name)?,
        _ => return None,
    })
}

fn of_torch(name: &str) -> Option<Global> {
    const QUANTIZATION: &[&str] = &[
        "per_tensor_affine",
        "per_tensor_symmetric",
        "per_channel_affine",
        "per_channel_symmetric",
        "per_channel_affine_float_qparams",
    ];
    let scheme = QUANTIZATION.contains(&name).then_some(Global::Makes("a quantization scheme"));
    // Two types exist in safetensors only.
    let dtype = Dtype::of_torch(name)
        .filter(|dtype| !matches!(dtype, Dtype::Float6E2m3fn | Dtype::Float6E3m2fn | Dtype::Float4E2m1fn));
    dtype.map(Global::Dtype).or(scheme).or_else(|| tensor_class(name))
}

fn tensor_class(name: &str) -> Option<Global> {
    TENSORS.contains(&name).then_some(Global::TensorClass)
}

fn storage(name: &str) -> Option<Global> {
    STORAGES.iter().find(|(class, _)| *class == name).map(|(_, dtype)| Global::StorageClass(Some(*dtype)))
}

fn rebuild(function: &str) -> Option<Global> {
    Some(match function {
        "_rebuild_tensor" | "_rebuild_tensor_v2" | "_rebuild_qtensor" => Global::RebuildTensor,
        "_rebuild_tensor_v3" => Global::RebuildTensorV3,
        "_rebuild_parameter" | "_rebuild_parameter_with_state" | "_rebuild_device_tensor_from_cpu_tensor" => {
            Global::RebuildAround
        }
        "_rebuild_meta_tensor_no_storage" => Global::RebuildMeta,
        "_rebuild_wrapper_subclass" => Global::RebuildWrapper,
        "_rebuild_sparse_tensor" => Global::Makes("a sparse tensor"),
        "_rebuild_device_tensor_from_numpy" => Global::Makes("a tensor made of a NumPy array"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_names_are_known() {
        assert_eq!(find("torch", "float32"), Some(Global::Dtype(Dtype::Float32)));
        assert_eq!(find("torch", "FloatStorage"), Some(Global::StorageClass(Some(Dtype::Float32))));
        assert_eq!(find("torch.cuda", "HalfTensor"), Some(Global::TensorClass));
        for (module, name) in [
            ("os", "system"),
            ("torch", "load"),
            ("torch.serialization", "os.system"),
            ("torch", "serialization.os.system"),
            ("torch._utils", "_rebuild_tensor_v4"),
            ("builtins", "eval"),
            ("torch", "float6_e2m3fn"),
            ("torch.sparse", "BoolTensor"),
            ("collections", "defaultdict"),
        ] {
            assert_eq!(find(module, name), None, "{module}.{name}");
        }
    }
}
