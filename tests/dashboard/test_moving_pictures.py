"""How the screens that live on data look, from made data: the session in each phase, the alignment, and the wall."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from picture import at_rest, check_picture, sizes
from screen_waiting import shown
from test_pictures import DEPTH_DEG, SETUP, STATUS, SilentLink, made_rep, made_trace
from textual.pilot import Pilot
from textual.screen import Screen

from calibration.errors import CalibrationError
from calibration.guide import Guidance, Stage
from kneeimu.coaching.pain import advise_pain
from kneeimu.coaching.stage import Phase, Say, View
from kneeimu.coaching.tempo import Pace
from kneeimu.dashboard.app import KneeimuApp
from kneeimu.dashboard.screens.align import AlignScreen
from kneeimu.dashboard.screens.live import link_facts
from kneeimu.dashboard.screens.session import SessionScreen
from kneeimu.dashboard.screens.session_work import WorkPanel
from kneeimu.dashboard.screens.watch import WatchScreen
from kneeimu.dashboard.screens.watch_one import WatchOneScreen
from kneeimu.dashboard.source import Task
from kneeimu.dashboard.widgets.link_bar import LinkBar
from kneeimu.exercises.programmes.plan import Bout, plan_session
from kneeimu.exercises.programmes.programme import SHIPPED, load_programme
from kneeimu.live import LiveSession
from kneeimu.sensors.stream import LinkState
from kneeimu.telemetry.broker import Broker
from kneeimu.telemetry.payloads import State
from kneeimu.telemetry.watcher import Patient, Watcher, WatcherStatus

BAND = plan_session(load_programme(SHIPPED / "band.toml"), "right")
SQUATS = next(bout for bout in BAND if bout.item.exercise == "squat")
STRETCH = plan_session(load_programme(SHIPPED / "relief.toml"), "right")[0]
WORK = View(
    Phase.WORK, False, SQUATS, BAND[-1], 2, len(BAND), detected=6, corrected=7, clean=5, last_rep=made_rep(6, 6.1),
    pace=Pace("out", 0.5, 1.0, 0.5),
)  # fmt: skip
VIEWS = {
    "session-move": replace(WORK, phase=Phase.MOVE),
    "session-ready": replace(WORK, phase=Phase.READY),
    "session-countdown": replace(WORK, phase=Phase.COUNTDOWN, seconds_left=2.4, seconds_total=3.0),
    "session-work": replace(WORK, said=Say("slower", "amber"), notices=("battery-low",)),
    "session-lost": replace(WORK, notices=("link-lost",), advice=advise_pain("before", 4)),
    "session-paused": replace(WORK, paused=True),
    "session-timed": replace(WORK, bout=STRETCH, seconds_left=17.2, seconds_total=30.0, still=False, pace=None),
    "session-rest": replace(WORK, phase=Phase.REST, seconds_left=41.0, seconds_total=60.0, upcoming=SQUATS),
    "session-pain": replace(WORK, phase=Phase.PAIN),
}
WORDS = {
    "session-move": ("Front of the right thigh", "Done, it sits"),
    "session-ready": ("Start moving", "set 1 of 2", "The sensor can't see"),
    "session-work": ("of 10–15", "clean", "last rep", "Pain: stop", "battery is low"),
    "session-rest": ("seconds of rest", "Next: Squat"),
    "session-pain": ("6–10 stop this exercise",),
}
GUIDED = {
    "align-stand": Guidance(Stage.STAND, 0.4, 0.8, 0, 0.0),
    "align-squats": Guidance(Stage.MOVE, 0.6, 0.0, 3, 21.0),
    "align-done": Guidance(
        Stage.DONE, 1.0, 1.0, 6, 0.0, result=cast(Any, SimpleNamespace(quality="good", yaw_uncertainty_deg=2.6))
    ),
    "align-refused": Guidance(Stage.REFUSED, 1.0, 0.0, 5, 3.0, refusal=CalibrationError("too-fast", "quick", "slow")),
}


class StillDriver:
    """A session that stands at one moment."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.live = LiveSession(SETUP, SilentLink())
        self.tell: Any = None

    def begin(self) -> None:
        pass

    def tick(self) -> None:
        pass

    async def end(self) -> None:
        pass


class StillSource:
    """A sensor that says nothing."""

    name = "made"

    def link(self, _task: Task) -> SilentLink:
        return SilentLink()


class StillWatcher(Watcher):
    """Sees who is put in by hand."""

    def start(self) -> None:
        self.status = WatcherStatus(connected=True)
        if self.on_status is not None:
            self.on_status(self.status)


async def compare(pilot: Pilot[Any], name: str) -> list[str]:
    """Give what looks different, or is cut off, at any size."""
    different = []
    async for size in sizes(pilot):
        seen = " ".join(shown(pilot).split())
        different += [f"{name}-{size} does not show {words!r}" for words in WORDS.get(name, ()) if words not in seen]
        try:
            check_picture(pilot.app, f"{name}-{size}")
        except AssertionError as error:
            different.append(str(error))
    return different


async def test_every_phase_of_a_session_looks_as_it_did() -> None:
    driver = StillDriver(WORK)
    screen = SessionScreen(cast(Any, driver), title="Band")
    different = []
    async with KneeimuApp(lambda: screen).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        panel, used = screen.query_one(WorkPanel), cast(Bout | None, None)
        screen.query_one(LinkBar).facts = link_facts(STATUS)
        for name, driver.view in VIEWS.items():
            if driver.view.bout is not used and driver.view.bout is not None:
                used = driver.view.bout
                await panel.use(used, driver.live)
                await pilot.pause()
                assert panel.board is not None
                panel.board.push_trace(made_trace(30.0), DEPTH_DEG)
                panel.board.draw(30.0)
            different += await compare(pilot, name)
    assert not different


async def test_every_stage_of_the_alignment_looks_as_it_did() -> None:
    screen = AlignScreen(cast(Any, StillSource()), "right", "thigh")
    different = []
    async with KneeimuApp(lambda: screen).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen.query_one(LinkBar).facts = link_facts(replace(STATUS, state=LinkState.STREAMING))
        for name, guidance in GUIDED.items():
            screen._show(guidance)
            different += await compare(pilot, name)
    assert not different


async def test_the_wall_and_one_large_look_as_they_did(tmp_path: Path) -> None:
    watcher = StillWatcher(Broker("127.0.0.1", 9))
    anna = State("s", name="Anna", phase="set", exercise="squat", side="right", mount="thigh", set_number=2, target=10,
                 count=7, clean=6, total=19, drift_deg=4.6, zone="amber", range_deg=57.0, cue="knee-in")  # fmt: skip
    people = {"anna": anna, "ben": replace(anna, name="Ben", phase="rest", drift_deg=0.4, zone="good", cue="")}
    for wearer, state in people.items():
        watcher.patients[wearer] = Patient(wearer, online=True, state=state)
    screen = WatchScreen(watcher)
    app = KneeimuApp(lambda: cast(Screen[Any], screen))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await screen.paint()
        await at_rest(pilot)
        different = await compare(pilot, "watch-wall")
        await pilot.press("enter")
        assert isinstance(app.screen, WatchOneScreen)
        different += await compare(pilot, "watch-one")
    assert not different
