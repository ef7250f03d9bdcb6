#!/usr/bin/env python3
"""Install what is needed and open the app on the simulated sensor. Arguments go to ``kneeimu demo``."""

import sys

from environment import become, prepare

if __name__ == "__main__":
    become([str(prepare({"sim"})), "-m", "kneeimu", "demo", *sys.argv[1:]])
