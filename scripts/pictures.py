#!/usr/bin/env python3
"""Make the README's pictures from the running program: the demo over the virtual radio, and the replay of that session.

    .venv/bin/python scripts/pictures.py [FOLDER]

The simulated sensor runs faster than time, so that it takes less than a minute.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path

from screenshots import square_blocks

PROJECT = Path(__file__).resolve().parent.parent
SIZE = (110, 32)
SPEED = 6.0
REPS = 8
TIMEOUT_S = 90.0


async def live_picture(target: Path) -> Path:
    """Run the demo until enough reps are counted, take its picture, and give the recording."""
    from kneeimu.commands.demo import DEMO_VALGUS_DEG
    from kneeimu.dashboard.app import KneeimuApp
    from kneeimu.dashboard.screens.live_start import demo_screen

    screen = demo_screen("squat", "right", "thigh", speed=SPEED, valgus_deg=DEMO_VALGUS_DEG)
    async with KneeimuApp(lambda: screen).run_test(size=SIZE) as pilot:
        async with asyncio.timeout(TIMEOUT_S):
            while screen.session.tally.count < REPS:
                await pilot.pause(0.02)
        await pilot.pause(0.6 / SPEED)
        save(pilot.app.export_screenshot(title="kneeimu demo"), target / "live.svg")
        await pilot.press("q")
    assert screen.session.path is not None
    return screen.session.path


async def replay_picture(recording: Path, target: Path) -> None:
    """Show the recording in the middle of its last rep but one, over the best one."""
    from kneeimu.dashboard.app import KneeimuApp
    from kneeimu.dashboard.screens.replay import ReplayScreen
    from kneeimu.playback import load_playback

    playback = load_playback(recording)
    screen = ReplayScreen(playback)
    async with KneeimuApp(lambda: screen).run_test(size=SIZE) as pilot:
        await pilot.press("space", "c")
        rep = playback.reps[-2].rep
        assert rep is not None
        screen.go(rep.turn_s)
        await pilot.pause(0.2)
        save(pilot.app.export_screenshot(title=f"kneeimu replay {recording.name}"), target / "replay.svg")


def save(svg: str, path: Path) -> None:
    """Write a picture that fetches nothing from elsewhere."""
    svg = re.sub(r"\s*@font-face \{.*?\}\n", "\n", svg, flags=re.DOTALL)
    path.write_text(square_blocks(svg.replace("Fira Code", "DejaVu Sans Mono")), encoding="utf-8")
    print(path)


async def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "docs" / "images"
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"KNEEIMU_HOME": home, "KNEEIMU_LANGUAGE": "en", "KNEEIMU_SOUND": "off"}
        recording = await live_picture(target)
        await replay_picture(recording, target)


if __name__ == "__main__":
    asyncio.run(main())
