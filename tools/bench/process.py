"""Runs a command again and again, and prints for each run the seconds and the most bytes of memory of the whole process.

A process of its own, and a small one: what a program is started from counts towards its peak, so that it cannot be seen below that.
"""

import json
import os
import subprocess
import sys
import time


def run(arguments):
    started = time.perf_counter()
    running = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(running.pid, 0)
    elapsed = time.perf_counter() - started
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)} exited with {running.returncode}")
    return elapsed, usage.ru_maxrss * 1024


if __name__ == "__main__":
    count, *command = sys.argv[1:]
    print(json.dumps([run(command) for _ in range(int(count))]))
