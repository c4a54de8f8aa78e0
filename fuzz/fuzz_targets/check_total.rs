//! No bytes, whatever the format, make the check panic, hang or point outside its text.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for name in ["adapter_config.json", "adapter_config.yaml", "adapter_config.toml"] {
        let report = peftspec::check_bytes(name, bytes.to_vec(), &peftspec::Limits::default());
        for label in report.diagnostics.iter().flat_map(|found| &found.labels) {
            assert!(label.span.start <= label.span.end && label.span.end <= report.source.text().len());
        }
    }
});
