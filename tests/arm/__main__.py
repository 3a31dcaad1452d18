"""Serve an example, or any folder of ARM documents, as a live Azure: `python -m tests.arm --example broken`."""

from __future__ import annotations

import argparse
import gc
import shlex
import signal
import sys
from pathlib import Path

from auditor.resources import examples
from tests.arm.access import EVERYTHING, READER, Access
from tests.arm.estate import Estate
from tests.arm.server import ArmServer

_SWITCH = 0.0005
"""Seconds after which a thread lets others go on: many wait for the end of their latency at the same time."""
_ENDS = frozenset({signal.SIGINT, signal.SIGTERM})


def main(arguments: list[str]) -> int:
    """Serve until interrupted; the lines that are printed make another shell ready."""
    parser = argparse.ArgumentParser(prog="python -m tests.arm", description=__doc__)
    names = sorted(path.name for path in examples().iterdir() if path.is_dir())
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--example", choices=names, default="broken", help="a bundled example")
    source.add_argument("--folder", type=Path, help="a folder of ARM documents")
    parser.add_argument("--port", type=int, default=0, help="0 takes any that is free")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="of each answer")
    parser.add_argument("--page-size", type=int, default=100, metavar="N", help="entries on a page of a list")
    parser.add_argument("--all-actions", action="store_true", help="grant more than Reader does, for --deep")
    chosen = parser.parse_args(arguments)
    sys.setswitchinterval(_SWITCH)
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)  # so that the server's folder is cleared away by either
    with ArmServer(Estate.of_folder(chosen.folder or examples() / chosen.example), chosen.port) as server:
        gc.freeze()  # the estate stays: looking through it for garbage would make answers late
        server.latency = chosen.latency
        server.remembered = {}
        server.manager.page_size = chosen.page_size
        server.manager.access = Access({"": EVERYTHING if chosen.all_actions else READER})
        sys.stdout.write("\n".join([*_lines(server), ""]))
        sys.stdout.flush()
        signal.sigwait(_ENDS)
    return 0


def _lines(server: ArmServer) -> list[str]:
    """Lines for another shell, ready to paste."""
    sets = [f"export {name}={shlex.quote(value)}" for name, value in server.environment.items()]
    chosen = " ".join(
        f"--subscription {shlex.quote(item['subscriptionId'])}" for item in server.estate.subscriptions()
    )
    return [
        f"# {server.url} plays Azure until Ctrl-C; in another shell:",
        *sets,
        f"egress-audit scan {chosen} --auth environment --cloud {shlex.quote(str(server.cloud_file))}",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
