"""Times the forward pass beside torch's own, the value scan beside plain reading, and the check of a 2 GiB file.

Usage: python3 run.py [--runs N]; needs `cargo`, and torch and peft in the Python that runs it. Everything is on one thread and
takes turns, so that a busy machine slows all alike; the medians count.
"""

import argparse
import json
import os
import statistics
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import forward

ROOT = Path(__file__).resolve().parents[2]
WARM_UP = 3
# Without these, the C library hands memory of this size back to the operating system each time, and gets it page by page.
KEEP_MEMORY = "glibc.malloc.mmap_threshold=1073741824:glibc.malloc.trim_threshold=8589934592"


def build():
    """The program of `benches/turns.rs`, and the command."""
    arguments = ["cargo", "bench", "--all-features", "--bench", "turns", "--no-run", "--message-format=json"]
    lines = subprocess.run(arguments, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    artifacts = [json.loads(line) for line in lines]
    turns = [a["executable"] for a in artifacts if a.get("target", {}).get("name") == "turns" and a.get("executable")]
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
    return turns[0], ROOT / "target" / "release" / "peftspec"


class Turns:
    """The other program: it measures what it is asked."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def timer(self, *words):
        def run():
            print(*words, file=self.process.stdin, flush=True)
            return float(self.process.stdout.readline())

        return run


def medians(timers, runs):
    """The median of each timer in seconds, all taking turns."""
    times = {name: [] for name in timers}
    for turn in range(WARM_UP + runs):
        for name, timer in timers.items():
            seconds = timer()
            if turn >= WARM_UP:
                times[name].append(seconds)
    return {name: statistics.median(taken) for name, taken in times.items()}


def forward_table(turns, runs):
    """Milliseconds of the forward pass; the ratio is torch's time to ours."""
    timers = {"write": turns.timer("fill"), "write, new memory": turns.timer("fill-fresh")}
    cases = [(1, 8), (1, 32), (16, 8), (16, 32)]
    for ranks, tasks in cases:
        timers["torch", ranks, tasks] = forward.timer(ranks, tasks)
        timers["ours", ranks, tasks] = turns.timer("forward", ranks, tasks)
        timers["into", ranks, tasks] = turns.timer("forward-into", ranks, tasks)
    took = medians(timers, runs)
    ms = lambda key: f"{took[key] * 1e3:.1f}"
    print(f"writing the output only: {ms('write')} ms; into new memory: {ms('write, new memory')} ms\n")
    print("| rank | tasks among 32 requests | torch ms | forward ms | ratio | forward_into ms | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for case in cases:
        torch, ours, into = (took[name, *case] for name in ("torch", "ours", "into"))
        cells = [*case, ms(("torch", *case)), ms(("ours", *case)), f"{torch / ours:.2f}"]
        print("|", " | ".join(map(str, [*cells, ms(("into", *case)), f"{torch / into:.2f}"])), "|")


def write_weights(path, dtype, size, count):
    """A safetensors file with tensors of small finite numbers."""
    each = 16 << 20
    offsets = range(0, count * each, each)
    header = {f"t{at}": {"dtype": dtype, "shape": [each // size], "data_offsets": [at, at + each]} for at in offsets}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    # Every byte below 0x7b: no exponent has all its bits.
    values = bytes(byte % 0x7B for byte in os.urandom(each))
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _ in offsets:
            file.write(values)


def scan_table(turns, folder, runs):
    """Gigabytes a second of the scan and of reading alone."""
    print("| type | scan of a file GB/s | read() alone GB/s | ratio | scan in memory GB/s | sum in memory GB/s | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for dtype, size in [("F32", 4), ("F16", 2), ("BF16", 2), ("F64", 8), ("F8_E4M3", 1), ("F8_E5M2", 1)]:
        path = Path(folder, f"{dtype}.safetensors")
        write_weights(path, dtype, size, 16)
        names = ["scan", "read", "scan-memory", "sum-memory"]
        took = medians({name: turns.timer(name, path) for name in names}, runs)
        rates = [path.stat().st_size / took[name] / 1e9 for name in names]
        path.unlink()
        cells = [*rates[:2], rates[0] / rates[1], *rates[2:], rates[2] / rates[3]]
        print(f"| {dtype} |", " | ".join(f"{cell:.2f}" for cell in cells), "|")


def large_file(folder):
    """An adapter of 2 GiB: a real header, and values that take no room on the disk."""
    total, layers = 2 << 30, 64
    each = total // (layers * 2)
    rank = 64
    header, at = {}, 0
    for layer in range(layers):
        for name, shape in [("lora_A", [rank, each // 4 // rank]), ("lora_B", [each // 4 // rank, rank])]:
            module = f"base_model.model.model.layers.{layer}.self_attn.q_proj.{name}.weight"
            header[module] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + each]}
            at += each
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(Path(folder, "adapter_model.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + total)
    config = {"peft_type": "LORA", "r": rank, "target_modules": ["q_proj"], "inference_mode": True}
    Path(folder, "adapter_config.json").write_text(json.dumps(config), "utf-8")


def processes(arguments, runs):
    """Seconds and most bytes of memory of each run."""
    helper = [sys.executable, Path(__file__).with_name("process.py"), str(WARM_UP + runs), *arguments]
    return json.loads(subprocess.run(helper, check=True, stdout=subprocess.PIPE).stdout)[WARM_UP:]


def large_file_table(command, folder, runs):
    large_file(folder)
    print("| command | ms | peak memory MB |\n| --- | --- | --- |")
    for name in ("check", "inspect"):
        taken = processes([command, name, folder], runs)
        milliseconds = statistics.median(elapsed for elapsed, _ in taken) * 1e3
        print(f"| peftspec {name} | {milliseconds:.2f} | {max(peak for _, peak in taken) / 1e6:.1f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20, help="runs of each (default: 20)")
    parser.add_argument("--forward-only", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--turns", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    forward.one_thread()
    if arguments.forward_only:
        forward_table(Turns(arguments.turns), arguments.runs)
        return
    program, command = build()
    print(f"{forward.versions()}; load {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors; {arguments.runs} runs\n")
    print("forward pass, 32 requests × 100 tokens × 4096, float32; every output in new memory\n")
    again = [sys.executable, __file__, "--forward-only", "--turns", program, "--runs", str(arguments.runs)]
    subprocess.run(again, check=True)
    print("\nthe same, the C library told to keep memory that is given back, for both\n")
    subprocess.run(again, check=True, env={**os.environ, "GLIBC_TUNABLES": KEEP_MEMORY})
    print("\nvalue scan\n")
    with tempfile.TemporaryDirectory() as folder:
        scan_table(Turns(program), folder, arguments.runs)
    print("\na safetensors file of 2 GiB with its config, whole process\n")
    with tempfile.TemporaryDirectory() as folder:
        large_file_table(command, folder, arguments.runs)


if __name__ == "__main__":
    main()
