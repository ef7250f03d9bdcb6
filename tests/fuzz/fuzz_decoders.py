"""Feeds a family's decoder a million made-up inputs, of up to eight notifications each, and tells what came of it.

    python tests/fuzz/fuzz_decoders.py FAMILY [INPUTS]

With atheris (``pip install -e '.[fuzz]'``) new code paths steer what is tried next; without, known notifications are
spoilt at random. Prints one line; the exit status is not 0 when a decoder raised or gave something unsound.
"""

from __future__ import annotations

import contextlib
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

try:
    import atheris
except ImportError:
    atheris = None

watched: Any = atheris.instrument_imports(include=["kneeimu.sensors"]) if atheris else contextlib.nullcontext()
with watched:
    from decoder_oracle import SEEDS, Oracle, mended, notifications, pack, weight

INPUTS = 1_000_000
LONGEST_INPUT = 400
MEND = 0x80  # of a notification's number
MOST_KEPT_BYTES = 1_000_000


class Trial:
    """Tries inputs until it has seen enough, then reports and ends the process."""

    def __init__(self, family: str, wanted: int) -> None:
        self.family, self.wanted = family, wanted
        self.inputs = self.notifications = self.samples = 0
        self.began = time.perf_counter()

    def __call__(self, data: bytes) -> None:
        """Decode the notifications of one input, one after the other, by one driver."""
        oracle = Oracle(self.family)
        self.inputs += 1
        for order, (number, part) in enumerate(notifications(data)):
            oracle.hear(number & ~MEND, mended(self.family, order, part) if number & MEND else part)
            self.notifications += 1
        self.samples += oracle.samples
        if self.inputs % 1000 == 0:
            assert weight(oracle.driver) < MOST_KEPT_BYTES
        if self.inputs >= self.wanted:
            print(self.report(), flush=True)
            os._exit(0)  # libFuzzer takes any other end for a crash

    def report(self) -> str:
        elapsed = time.perf_counter() - self.began
        return (
            f"{self.family}: {self.inputs} inputs by {'atheris' if atheris else 'chance'}, "
            f"{self.notifications} notifications, {self.samples} samples out of them, none raised, {elapsed:.0f} s"
        )


def seeds(family: str) -> list[bytes]:
    """Give inputs to start from: each good notification by itself, and all of them together."""
    parts = [(number, bytes.fromhex(text)) for number, text in SEEDS[family]]
    mendable = [(number | MEND, part) for number, part in parts]
    return [pack([part]) for part in parts] + [pack(parts), pack(mendable)]


def by_atheris(trial: Trial) -> None:
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for number, seed in enumerate(seeds(trial.family)):
            (corpus / str(number)).write_bytes(seed)
        options = [f"-max_len={LONGEST_INPUT}", "-len_control=0", "-seed=1", f"-artifact_prefix={Path.cwd()}/"]
        atheris.Setup([sys.argv[0], *options, str(corpus)], trial)
        atheris.Fuzz()


def by_chance(trial: Trial) -> None:
    chance = random.Random(1)
    known = seeds(trial.family)
    while True:
        data = bytearray(chance.choice(known) + chance.choice(known))
        for _ in range(chance.randrange(8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.2:
            data = bytearray(chance.randbytes(chance.randrange(LONGEST_INPUT)))
        trial(bytes(data[: chance.randrange(1, LONGEST_INPUT)]))


if __name__ == "__main__":
    trial = Trial(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else INPUTS)
    (by_atheris if atheris else by_chance)(trial)
