#!/usr/bin/env python3
"""Build the pages and the library's reference; a warning is an error. Argument: the folder; else docs/_build."""

import sys

from environment import PROJECT, become, prepare

if __name__ == "__main__":
    python = prepare({"docs"})
    target = sys.argv[1] if len(sys.argv) > 1 else str(PROJECT / "docs/_build")
    become([str(python), "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(PROJECT / "docs"), target])
