#!/usr/bin/env python3
"""Install what is needed and run all checks: ruff, mypy, import contracts, tests. Arguments go to pytest.

With --all also what is large and needed by few tests: other people's readers, fuzzers, a browser's driver.
"""

from __future__ import annotations

import subprocess
import sys
import time

from environment import PROJECT, all_extras, check_python, prepare

LARGE = {"readers", "fuzz", "browser", "cluster"}
"""A gigabyte in all, some of it not for every Python; tests that need it are skipped without it."""

PARALLEL = ["-n", "4", "--dist", "loadfile"]
"""On two cores: half of the tests wait for a radio or a screen. A file's tests share what they have simulated."""


def main(arguments: list[str]) -> int:
    """Run every check, also after one failed; give 0 when all passed."""
    check_python()
    everything = "--all" in arguments
    python = str(prepare(all_extras() if everything else all_extras() - LARGE))
    checks = {
        "ruff": [python, "-m", "ruff", "check", "."],
        "mypy": [python, "-m", "mypy"],
        "import contracts": [python, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        "tests": [python, "-m", "pytest", *PARALLEL, *(word for word in arguments if word != "--all")],
    }
    results = {}
    for name, command in checks.items():
        print(f"── {name}", flush=True)
        started = time.monotonic()
        passed = subprocess.call(command, cwd=PROJECT) == 0
        results[name] = f"{'passed' if passed else 'FAILED'}  {name} ({time.monotonic() - started:.0f} s)"
    print("──", *results.values(), sep="\n")
    return int(any(text.startswith("FAILED") for text in results.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
