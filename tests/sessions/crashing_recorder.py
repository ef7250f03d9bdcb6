"""Records squats for ever, telling what it has written: the process that the crash tests kill.

Arguments: folder, speed (times real time).
"""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path

from recordings import SETUP, STARTED, batches, squats

from kneeimu.engine import Engine
from kneeimu.sessions.recording import RawNotification, Recorder


def main(folder: str, speed: float) -> None:
    recorder = Recorder.create(Path(folder), SETUP, sensor={}, started_utc=STARTED)
    engine = Engine(SETUP)
    print(recorder.path, flush=True)
    begin_s = time.monotonic()
    for number, batch in zip(itertools.count(), batches(squats(100)), strict=False):
        now_s = float(batch.time_s[-1])
        time.sleep(max(0.0, begin_s + now_s / speed - time.monotonic()))
        recorder.write_notification(RawNotification(now_s, "6e1e0002", bytes([number % 256]) * 60))
        recorder.write_samples(batch)
        for event in engine.feed(batch):
            recorder.write_event(event)
        print(now_s, flush=True)


main(sys.argv[1], float(sys.argv[2]))
