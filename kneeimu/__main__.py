"""``python -m kneeimu`` is the command ``kneeimu``."""

from kneeimu.cli import main

if __name__ == "__main__":
    main()
