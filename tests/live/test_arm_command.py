from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_printed_lines_run_the_whole_live_command() -> None:
    """What `make arm` prints, pasted into a shell, scans the example as a live Azure; Ctrl-C ends the server tidily."""
    words = [sys.executable, "-m", "tests.arm", "--example", "open"]
    serving = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert serving.stdout is not None
    try:
        lines = [serving.stdout.readline() for _ in range(6)]
        place = Path(lines[1].partition("REQUESTS_CA_BUNDLE=")[2].strip()).parent
        assert place.is_dir()
        done = subprocess.run(
            ["/bin/sh", "-c", "".join(lines)],
            cwd=ROOT,
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        serving.send_signal(signal.SIGINT)
        ended = serving.wait(30)
        serving.stdout.close()
    assert "aks-web" in done.stdout
    assert done.returncode == 1, done.stderr
    assert ended == 0
    assert not place.exists()
