"""Runs one piece of work in a process of its own and prints its seconds and the peak of memory as JSON.

`python -m benchmarks.run_work MODULE FUNCTION [SIZE ...]`. The function makes the records before the clock starts and
answers with what is timed: everybody reads the same records within the time. Seconds are those of the processor: every
work is one thread, and other programs on the machine move them less than those of the clock.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import sys
import time
from importlib import import_module

from benchmarks.work import Work

MODULES = ("engine_works", "cudd_works", "z3_works")


def main() -> None:
    """Run it once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("module", choices=MODULES)
    parser.add_argument("function")
    parser.add_argument("sizes", type=int, nargs="*")
    options = parser.parse_args()
    work: Work = getattr(import_module(f"benchmarks.{options.module}"), options.function)(*options.sizes)
    # What was made before is not work, and neither is looking through it for garbage.
    gc.collect()
    gc.freeze()
    # As the command sets it, for every side alike.
    gc.set_threshold(200_000, 20, 50)
    start = time.process_time()
    answer = work()
    seconds = time.process_time() - start
    # Kilobytes on Linux, bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1 << 20 if sys.platform == "darwin" else 1 << 10
    )
    del answer
    print(json.dumps({"seconds": seconds, "megabytes": peak}))


if __name__ == "__main__":
    main()
