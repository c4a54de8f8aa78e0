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
    python3 tools/conformance/scanners.py
    python3 tools/conformance/peft_adapters.py {{ if PYTHON == "" { "" } else { "--python " + PYTHON } }}

# Compare `compat` and `check --peft` with old releases of PEFT; installs them on first use. PYTHON has torch and transformers.
releases PYTHON="":
    cargo build --release
    python3 tools/conformance/releases.py {{ if PYTHON == "" { "" } else { "--python " + PYTHON } }}

# Time the whole process side by side with the native sourcemeta CLI.
startup:
    cargo build --release
    python3 tools/conformance/startup.py

# Time the forward pass beside torch's, the value scan beside plain reading, and a 2 GiB file; needs torch and peft.
bench-torch python="python3":
    {{python}} tools/bench/run.py

# Fuzz one target (`cargo fuzz list`) for some seconds; needs cargo-fuzz and a nightly compiler.
fuzz target seconds="600": fuzz-seeds
    cargo +nightly fuzz run {{target}} -- -max_total_time={{seconds}} -rss_limit_mb=2048 -timeout=10 -max_len=65536 -dict=fuzz/words.dict

# Make the seeds of the fuzz targets of the recorded corpus.
fuzz-seeds:
    cargo run --quiet --release --features fuzzing --example fuzz-seeds

# Build the catalogue of hostile checkpoints again; nothing of it is executed.
hostile:
    python3 tools/hostile/build.py

# Run every property on mutated files of the corpus, in one process, and measure memory; what is given back to the C library does not count.
soak files="1000000" seed="1":
    MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072 cargo run --release --features fuzzing --example soak -- {{files}} {{seed}}

# Which lines the tests reach; needs cargo-llvm-cov.
coverage:
    cargo llvm-cov --all-features --lib --test it --ignore-filename-regex '(^|/)(src/fuzzing|fuzz/tools|tests/it)/' --summary-only

# Whether the tests notice mistakes in what decides and in what reads bytes; needs cargo-mutants and Python.
mutants *arguments:
    python3 tools/mutants/run.py {{arguments}}

# Licences, bans, duplicate versions (needs cargo-deny).
deny:
    cargo deny check bans licenses sources
