# Recipes for people who work on peftspec. `.ci/run` is what every change must pass.

# List the recipes.
default:
    @just --list

# What continuous integration runs.
ci:
    bash .ci/run

# The tests.
test:
    cargo test --all-features

# Time the fused forward pass of the prompt embedding beside the reference and the memory.
bench:
    cargo bench --features embedding --bench embedding

# Write the generated files again: schemas, their overview, the pinned findings, the snapshots.
generate:
    UPDATE_GENERATED=1 INSTA_UPDATE=always cargo test --quiet --all-features

# What a release of PEFT on PyPI has that tests/facts does not record, and the other way round.
facts version:
    python3 -m pip download --quiet --no-deps --dest target/peft peft=={{version}}
    python3 tools/peft_facts.py compare target/peft/peft-{{version}}-py3-none-any.whl

# Build the reference as a book with search in target/book; needs mdbook (`cargo install mdbook`).
book:
    mdbook build

# Compare with ajv, python-jsonschema, the sourcemeta CLI and PEFT itself; installs them on first use. PYTHON may have PEFT already.
conformance PYTHON="":
    python3 tools/conformance/run.py
    python3 tools/conformance/editors.py
    cargo build --release --all-features
    python3 tools/conformance/generated.py {{ if PYTHON == "" { "--allow-missing" } else { "--peft-python " + PYTHON } }}
    python3 tools/conformance/peft_adapters.py {{ if PYTHON == "" { "" } else { "--python " + PYTHON } }}

# Time the whole process side by side with the native sourcemeta CLI.
startup:
    cargo build --release
    python3 tools/conformance/startup.py

# Time the forward pass beside torch's, the value scan beside plain reading, and a 2 GiB file; needs torch and peft.
bench-torch python="python3":
    {{python}} tools/bench/run.py

# Licences, bans, duplicate versions (needs cargo-deny).
deny:
    cargo deny check bans licenses sources
