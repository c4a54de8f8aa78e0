"""Proves that the real PEFT loads the adapters that `peftspec init` and `peftspec export-task` write, and finds in them what it
would have made itself.

Usage: python3 peft_adapters.py [--python PYTHON] [--peftspec COMMAND]; needs `cargo build --release --all-features`.
PYTHON has torch, transformers and PEFT; without it they are installed into .venv-peft beside this file.
"""

import argparse
import contextlib
import copy
import io
import json
import os
import subprocess
import sys
import tempfile
import venv
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from engines import HERE, Missing, install_once, successful

ROOT = HERE.parent.parent
VENV = HERE / ".venv-peft"
TOKENIZER = ROOT / "tests" / "corpus" / "tokenizer" / "tokenizer.json"
FILE = "adapter_model.safetensors"
TASKS = 3
RANKS = 8
TOKENS = 100
WIDTH = 64
WORDS = 96
BATCH = 4


def library_python():
    """The Python of the environment that has the library."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pins = HERE / "peft-requirements.txt"

    def install():
        venv.create(VENV, with_pip=True)
        successful([str(python), "-m", "pip", "install", "--quiet", "--requirement", str(pins)])

    install_once(VENV, pins, install, sys.version)
    return str(python)


@dataclass
class Row:
    """What one adapter showed."""

    case: str
    exact: int = 0
    random: int = 0
    note: str = ""
    failures: list = field(default_factory=list)

    def check(self, holds, what):
        if not holds:
            self.failures.append(what)
        return holds


class Lab:
    """Tiny base models with random weights, and a source adapter for each, in a folder of their own."""

    def __init__(self, folder, peftspec):
        self.folder = Path(folder)
        self.peftspec = peftspec
        self.models = {"gpt2": self.gpt2, "t5": self.t5, "t5-encoder": self.t5, "gpt2-seqcls": self.gpt2_classifier}
        for name in self.models:
            with quiet():
                self.base(name).save_pretrained(self.folder / name)
                self.write_source(name)
        tokenizer = self.folder / "tokenizer"
        tokenizer.mkdir()
        (tokenizer / "tokenizer.json").write_bytes(TOKENIZER.read_bytes())
        (tokenizer / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')

    def gpt2_config(self):
        return transformers.GPT2Config(
            vocab_size=WORDS, n_positions=256, n_embd=WIDTH, n_layer=2, n_head=2, num_labels=3, pad_token_id=0,
            bos_token_id=1, eos_token_id=1,
        )  # fmt: skip

    def gpt2(self):
        return transformers.GPT2LMHeadModel(self.gpt2_config())

    def gpt2_classifier(self):
        return transformers.GPT2ForSequenceClassification(self.gpt2_config())

    def t5(self):
        config = transformers.T5Config(
            vocab_size=WORDS, d_model=WIDTH, d_kv=16, d_ff=32, num_layers=2, num_heads=4, decoder_start_token_id=0
        )
        return transformers.T5ForConditionalGeneration(config)

    def base(self, name):
        """The same model every time."""
        torch.manual_seed(0)
        return self.models[name]().eval()

    def task_type(self, name):
        return {"gpt2": "CAUSAL_LM", "gpt2-seqcls": "SEQ_CLS"}.get(name, "SEQ_2_SEQ_LM")

    def write_source(self, name):
        """An adapter whose tasks differ, as safetensors and in torch's format."""
        config = self.config(name, prompt_tuning_init="RANDOM", num_tasks=TASKS)
        model = peft.get_peft_model(self.base(name), config)
        encoder = model.prompt_encoder["default"]
        torch.manual_seed(1)
        with torch.no_grad():
            for parameter in (encoder.prefix_task_cols, encoder.prefix_task_rows):
                parameter.normal_()
        model.save_pretrained(self.folder / f"{name}-source")
        model.save_pretrained(self.folder / f"{name}-source-bin", safe_serialization=False)

    def config(self, name, method="MULTITASK_PROMPT_TUNING", **fields):
        shared = {"task_type": self.task_type(name), "num_virtual_tokens": TOKENS, "token_dim": WIDTH}
        if name == "t5-encoder":
            shared["num_transformer_submodules"] = 1
        if method == "MULTITASK_PROMPT_TUNING":
            return peft.MultitaskPromptTuningConfig(**{**shared, "num_ranks": RANKS, **fields})
        return peft.PromptTuningConfig(**{**shared, **fields})

    def run(self, *arguments):
        return subprocess.run([self.peftspec, *arguments], cwd=self.folder, capture_output=True, encoding="utf-8")

    def load(self, name, folder):
        with warnings.catch_warnings(record=True) as caught, quiet():
            warnings.simplefilter("always")
            model = peft.PeftModel.from_pretrained(self.base(name), self.folder / folder)
        return model.eval(), [str(warning.message).splitlines()[0] for warning in caught if "peft" in warning.filename]


def quiet():
    return contextlib.redirect_stdout(io.StringIO())


def parameters(model):
    """The parameters of a prompt under the names of the file."""
    encoder = model.prompt_encoder["default"]
    names = {"embedding.weight": "prompt_embeddings"}
    return {names.get(name, name): value.detach().clone() for name, value in encoder.named_parameters()}


def own_initialisation(lab, name, config, seed):
    """What PEFT makes of the config, from the lab's folder, where its relative paths lead."""
    base = lab.base(name)
    torch.manual_seed(seed)
    with contextlib.chdir(lab.folder), quiet():
        return parameters(peft.get_peft_model(base, config))


def init_case(lab, name, title, config, *arguments):
    """An adapter of `init` beside PEFT's own initialisation of the same config."""
    row = Row(f"init {name} {title}")
    folder = f"made-{len(list(lab.folder.iterdir()))}"
    with quiet():
        config.save_pretrained(lab.folder / f"{folder}-config")
    done = lab.run("init", f"{folder}-config/adapter_config.json", "--output", folder, "--seed", "5", *arguments)
    if "built without tokenizers" in done.stderr:
        row.note = "SKIPPED: peftspec was built without tokenizers"
        return row
    if not row.check(done.returncode == 0, done.stderr + done.stdout):
        return row
    model, caught = lab.load(name, folder)
    row.check(not caught, f"PEFT warns: {caught}")
    if config.token_dim is None:
        compare_sizes(row, lab, name, config, folder)
    found = parameters(model)
    stored = safetensors.torch.load_file(lab.folder / folder / FILE)
    heads = {key for key in stored if key.startswith("base_model.")}
    row.check(found.keys() == stored.keys() - heads, f"parameters {list(found)}, file {list(stored)}")
    row.check(bool(heads) == (name == "gpt2-seqcls"), f"heads: {heads}")
    row.check(all(torch.equal(found[key], stored[key]) for key in found), "PEFT loaded other values than the file has")
    first, second = (own_initialisation(lab, name, config, seed) for seed in (11, 12))
    for key, value in found.items():
        if not row.check(value.shape == first[key].shape, f"{key}: {value.shape}, PEFT {first[key].shape}"):
            continue
        if torch.equal(first[key], second[key]):
            row.exact += 1
            row.check(torch.equal(value, first[key]), f"{key} is not what PEFT makes")
        else:
            row.random += 1
            compare_random(row, lab, name, config, key, value, first[key])
    with torch.no_grad():
        outputs = forward(model, name, torch.zeros(BATCH, dtype=torch.long) if "MULTITASK" in config.peft_type else None)
    row.check(torch.isfinite(outputs).all().item(), "the forward pass is not finite")
    return row


def compare_sizes(row, lab, name, config, folder):
    """The sizes that were filled in are those that PEFT infers and saves."""
    with quiet():
        inferred = peft.get_peft_model(lab.base(name), copy.deepcopy(config)).peft_config["default"].to_dict()
    saved = json.loads((lab.folder / folder / "adapter_config.json").read_text("utf-8"))
    for field_name in ("token_dim", "num_layers", "num_attention_heads", "num_transformer_submodules"):
        ours, theirs = saved[field_name], inferred[field_name]
        row.check(ours == theirs, f"{field_name}: {ours}, PEFT {theirs}")


def compare_random(row, lab, name, config, key, ours, theirs):
    """Random tensors: words of the vocabulary, or numbers of one distribution (Kolmogorov and Smirnov, at 0.1 %)."""
    if config.prompt_tuning_init == "SAMPLE_VOCAB" and key == "prompt_embeddings":
        words = lab.base(name).get_input_embeddings().weight
        are_words = (ours.unsqueeze(1) == words.unsqueeze(0)).all(dim=2).any(dim=1).all().item()
        row.check(are_words, "rows that are no word embeddings")
        return
    first, second = ours.flatten().sort().values, theirs.flatten().sort().values
    both = torch.cat([first, second])
    below = [torch.searchsorted(values, both, right=True) / len(values) for values in (first, second)]
    distance = (below[0] - below[1]).abs().max().item()
    limit = 1.95 * (2 / len(first)) ** 0.5
    row.check(distance < limit, f"{key}: distributions differ by {distance:.4f}, over {limit:.4f}")
    deviation = 1.0 if key == "prompt_embeddings" else 0.02
    error = abs(ours.std().item() / deviation - 1)
    row.check(error < 5 / (2 * len(first)) ** 0.5, f"{key}: standard deviation {ours.std().item():.5f}")


def forward(model, name, task_ids=None, generates=False):
    """The logits of a small batch, or of what is generated for it."""
    torch.manual_seed(2)
    inputs = {"input_ids": torch.randint(2, WORDS, (BATCH, 6)), "attention_mask": torch.ones(BATCH, 6, dtype=torch.long)}
    if task_ids is not None:
        inputs["task_ids"] = task_ids
    if name.startswith("t5") and not generates:
        inputs["labels"] = torch.randint(2, WORDS, (BATCH, 5))
    with torch.no_grad():
        if generates:
            options = {"do_sample": False, "max_new_tokens": 5, "output_logits": True, "return_dict_in_generate": True}
            return torch.stack(model.generate(**inputs, **options).logits)
        return model(**inputs).logits


def export_cases(lab, name):
    """Each task of the source, exported, beside the source with that task id."""
    # Plain prompt tuning gives the decoder no prompt, while multitask prompt tuning does, but in `generate` neither.
    generates = name == "t5"
    row = Row(f"export-task {name}, {TASKS} tasks")
    largest, apart = 0.0, 0.0
    multitask, _ = lab.load(name, f"{name}-source")
    for task in range(TASKS):
        folder = f"{name}-task-{task}"
        done = lab.run("export-task", f"{name}-source", "--task", str(task), "--output", folder)
        if not row.check(done.returncode == 0, done.stderr + done.stdout):
            continue
        plain, caught = lab.load(name, folder)
        row.check(not caught, f"PEFT warns: {caught}")
        row.check(plain.peft_config["default"].peft_type == "PROMPT_TUNING", "not PROMPT_TUNING")
        expected = forward(multitask, name, torch.full((BATCH,), task), generates)
        found = forward(plain, name, generates=generates)
        row.check(found.shape == expected.shape, f"logits {found.shape}, multitask {expected.shape}")
        largest = max(largest, (found - expected).abs().max().item())
        other = forward(multitask, name, torch.full((BATCH,), (task + 1) % TASKS), generates)
        apart = max(apart, (other - expected).abs().max().item())
        row.exact += 1
    row.check(largest <= 1e-5, f"logits differ by {largest:e}")
    row.check(apart > 100 * max(largest, 1e-7), f"the tasks differ by {apart:e} only, which shows nothing")
    what = "generated logits" if generates else "logits"
    row.note = f"largest difference of {what} {largest:.1e} (between tasks {apart:.1e})"
    return row


def init_cases(lab):
    for name in ("gpt2", "t5"):
        base = ("--base-model", name)
        source = f"{name}-source/{FILE}"
        sizes_open = lab.config(name, prompt_tuning_init="RANDOM", num_tasks=TASKS, token_dim=None)
        yield init_case(lab, name, "RANDOM, sizes from the base model", sizes_open, *base)
        for mode, more in [
            ("AVERAGE_SOURCE_TASKS", {"num_tasks": 1}),
            ("EXACT_SOURCE_TASK", {"num_tasks": 1, "prompt_tuning_init_task": 2}),
            ("EXACT_SOURCE_TASK", {"num_tasks": 1, "prompt_tuning_init_task": -1}),
            ("ONLY_SOURCE_SHARED", {"num_tasks": 2}),
        ]:
            from_source = {"prompt_tuning_init": mode, "prompt_tuning_init_state_dict_path": source, **more}
            title = f"{mode} {more.get('prompt_tuning_init_task', '')}".strip()
            yield init_case(lab, name, title, lab.config(name, **from_source))
        from_bin = {"prompt_tuning_init": "AVERAGE_SOURCE_TASKS", "num_tasks": 1}
        from_bin["prompt_tuning_init_state_dict_path"] = f"{name}-source-bin/adapter_model.bin"
        yield init_case(lab, name, "AVERAGE_SOURCE_TASKS of a .bin", lab.config(name, **from_bin))
        text = {"prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "classify if the review is good or bad or neutral"}
        text["tokenizer_name_or_path"] = str(lab.folder / "tokenizer")
        for method, more in [("MULTITASK_PROMPT_TUNING", {"num_tasks": 2}), ("PROMPT_TUNING", {})]:
            title = "" if more else "PROMPT_TUNING "
            sampled = lab.config(name, method, prompt_tuning_init="SAMPLE_VOCAB", **more)
            yield init_case(lab, name, f"{title}SAMPLE_VOCAB", sampled, *base)
            yield init_case(lab, name, f"{title}TEXT", lab.config(name, method, **text, **more), *base)
        yield init_case(lab, name, "PROMPT_TUNING RANDOM", lab.config(name, "PROMPT_TUNING"))
    classifier = lab.config("gpt2-seqcls", prompt_tuning_init="RANDOM", num_tasks=TASKS)
    yield init_case(lab, "gpt2-seqcls", "RANDOM", classifier, "--base-model", "gpt2-seqcls")


def print_table(rows):
    print("| adapter | loads | equal | random, of the same distribution | |")
    print("|---|---|---|---|---|")
    for row in rows:
        loads = "skipped" if row.note.startswith("SKIPPED") else "no" if row.failures else "yes"
        print(f"| {row.case} | {loads} | {row.exact or '–'} | {row.random or '–'} | {row.note} |")
        for failure in row.failures:
            print(f"FAILED {row.case}: {failure}")


def compare(peftspec):
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(folder, peftspec)
        rows = [*init_cases(lab), *(export_cases(lab, name) for name in lab.models)]
    print(f"peft {peft.__version__}, torch {torch.__version__}, transformers {transformers.__version__}\n")
    print_table(rows)
    skipped = sum(row.note.startswith("SKIPPED") for row in rows)
    exact, random = (sum(getattr(row, name) for row in rows if "init" in row.case) for name in ("exact", "random"))
    failures = sum(len(row.failures) for row in rows)
    print(f"\n{len(rows)} cases: {exact} tensors of init equal, {random} random; {failures} failures, {skipped} skipped")
    return 1 if failures else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    suffix = ".exe" if os.name == "nt" else ""
    parser.add_argument("--peftspec", default=str(ROOT / "target" / "release" / f"peftspec{suffix}"))
    parser.add_argument("--python", help="a Python that has the library; without it, one is installed")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        return compare(options.peftspec)
    try:
        python = options.python or library_python()
    except Missing as missing:
        print(f"FAILED: {missing}")
        return 1
    inside = [python, "-W", "ignore::FutureWarning", __file__, "--inside", "--peftspec", str(Path(options.peftspec).resolve())]
    return subprocess.run(inside, env={**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}).returncode


if __name__ == "__main__":
    if "--inside" in sys.argv:
        import peft
        import safetensors.torch
        import torch
        import transformers
    sys.exit(main())
