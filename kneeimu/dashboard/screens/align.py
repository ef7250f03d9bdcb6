"""The alignment with live feedback: a bar for stillness, a counter for movements, a verdict with its cure."""

from __future__ import annotations

import asyncio
from math import ceil
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Button, Footer, Static

from calibration.guide import MOVES, RETURN_S, STAND_S, AlignmentGuide, Guidance, Stage
from kneeimu.dashboard.screens.guided import GuidedScreen
from kneeimu.dashboard.screens.live import link_facts
from kneeimu.dashboard.screens.session_style import CARD_CSS
from kneeimu.dashboard.sound import Sound
from kneeimu.dashboard.source import FOUND_WITHIN_S, Source, Task
from kneeimu.dashboard.voice import Voice
from kneeimu.dashboard.widgets.big_count import BigCount
from kneeimu.dashboard.widgets.link_bar import LinkBar
from kneeimu.errors import KneeimuError
from kneeimu.sensors.stream import Batch, LinkStatus
from kneeimu.types import Alignment, Mount, Side
from kneeimu.words import _, decimal, mark

USUAL_RATE_HZ = 100.0
LABEL, BAR = 12, 30
"""Columns of a label, and of the bar beside it where there is room."""
ASKS = {
    Stage.STAND: (mark("Stand still"), mark("Both feet on the floor, legs straight. Four seconds.")),
    Stage.MOVE: (
        mark("Five slow squats"),
        mark("As well as you can, knees over the toes: your reference."),
    ),
    Stage.LIFT: (mark("Lift the leg to the side"), mark("Once, slowly, straight knee. A hand on a chair is fine.")),
    Stage.RETURN: (mark("Stand still again"), mark("Almost done.")),
    Stage.DONE: (mark("Done"), ""),
    Stage.REFUSED: (mark("That did not work yet"), ""),
}
CURES = {
    "not-still": mark("Stand with both feet on the floor and wait until the bar is full before you move."),
    "too-little-motion": mark("Make the movements larger and slower, and come back to standing after each."),
    "too-fast": mark("Make the movements slow: one second down, one second up."),
    "axis-wobble": mark("Move slowly, each time the same way, knee over the toes. Tighten the strap."),
    "tilted-stance": mark("Stand upright with straight legs, the weight on both feet."),
    "strap-moved": mark("The strap slid. Tighten it, then begin again."),
    "wrong-mount": mark("The sensor seems to sit elsewhere on the leg than in the drawing. Check and begin again."),
    "wrong-side": mark("The sensor seems to sit on the other leg. Check and begin again."),
    "doubtful": mark("Several small things together. Tighten the strap, move slowly, and begin again."),
    "acc-unit": mark("The sensor's numbers look wrong. Switch it off and on; if it stays, calibrate it."),
    "too-slow": mark("Take your time, but keep going: five squats in about half a minute."),
    "gap": mark("The connection broke. Come closer to this machine and begin again."),
}


class AlignScreen(GuidedScreen[Alignment | None]):
    """Gives the alignment, or None when it was left out.

    Args:
        source: of samples.
        side, mount: where the sensor was put.
        sound, voice: for the one who stands two metres away; None is silent.
    """

    class Seen(Message):
        """Something new from the sensor."""

        def __init__(
            self, guidance: Guidance | None = None, status: LinkStatus | None = None, problem: str = ""
        ) -> None:
            super().__init__()
            self.guidance, self.status, self.problem = guidance, status, problem

    CSS = (
        CARD_CSS
        + """
    #align-body { height: 1fr; padding: 1 2; }
    #align-count { width: 2fr; margin: 0 3 0 0; }
    #align-side { width: 3fr; height: 100%; align: left middle; }
    #align-steps { height: auto; margin: 0 0 1 0; }
    .meter { height: 1; margin: 0 0 1 0; text-style: bold; }
    #align-verdict { height: auto; margin: 1 0; text-style: bold; }
    #align-verdict.good { color: $success; }
    #align-verdict.poor { color: $warning; }
    #align-buttons { height: auto; }
    #align-buttons Button { margin: 0 1 0 0; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", _("Go on"), id="align.go-on", priority=True),
        Binding("r", "again", _("Again"), id="align.again"),
        Binding("escape", "skip", _("Later"), id="align.skip"),
        Binding("p", "skip", _("Pain: stop"), show=False),
    ]
    HELP = _("Tells how the sensor sits on the leg. Reps are counted without it; the knee's drift needs it.")

    def __init__(
        self, source: Source, side: Side, mount: Mount, *, sound: Sound | None = None, voice: Voice | None = None
    ) -> None:
        super().__init__()
        self._sound, self._voice = sound or Sound(None), voice or Voice(None)
        self._source, self._side, self._mount = source, side, mount
        self._link = source.link(Task("squat", side, mount, reps=MOVES, align=True))
        self._guide: AlignmentGuide | None = None
        self._rate_hz = USUAL_RATE_HZ
        self._work: asyncio.Task[None] | None = None
        self.guidance: Guidance | None = None

    def compose(self) -> ComposeResult:
        yield LinkBar(id="link")
        with Horizontal(id="align-body"):
            yield BigCount(id="align-count")
            with VerticalScroll(id="align-side"):
                yield Static(id="align-steps")
                yield Static(id="align-title", classes="title", markup=False)
                yield Static(id="align-how", classes="body", markup=False)
                yield Static(id="align-still", classes="meter", markup=False)
                yield Static(id="align-moves", classes="meter", markup=False)
                yield Static(id="align-verdict", markup=False)
                with Horizontal(id="align-buttons"):
                    yield Button(_("Go on"), id="go-on", variant="primary")
                    yield Button(_("Again"), id="again")
                    yield Button(_("Later"), id="skip")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Listen to the sensor."""
        self._show(Guidance(Stage.STAND, 0.0, 0.0, 0, 0.0))
        self.set_timer(FOUND_WITHIN_S, self._miss)
        self._work = asyncio.create_task(self._listen(), name="alignment")

    async def on_unmount(self) -> None:
        """Listen no more."""
        await self._link.close()
        if self._work is not None:
            _done, late = await asyncio.wait({self._work}, timeout=5.0)
            for task in late:
                task.cancel()

    # --- the sensor --------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            async with self._link:
                async for item in self._link:
                    self._take(item)
        except KneeimuError as error:
            self.post_message(self.Seen(problem=str(error)))

    def _take(self, item: Batch | LinkStatus) -> None:
        if isinstance(item, LinkStatus):
            self._rate_hz = item.nominal_rate_hz or self._rate_hz
            self.post_message(self.Seen(status=item))
            return
        samples = item.samples
        if samples is None or not len(samples):
            return
        if self._guide is None:
            self._guide = AlignmentGuide(self._side, self._mount, self._rate_hz)
            self.post_message(self.Seen(guidance=self._guide.state))
        if samples.restart and self._guide.state.stage not in (Stage.DONE, Stage.REFUSED):
            self._guide.restart()
        before = self._guide.state
        guidance = self._guide.feed(samples.time_s, samples.acc_m_s2, samples.gyr_rad_s)
        if guidance is not before:
            self.post_message(self.Seen(guidance=guidance))

    def on_align_screen_seen(self, message: Seen) -> None:
        """Show what is new."""
        if message.status is not None:
            self.query_one(LinkBar).facts = link_facts(message.status)
        if message.problem:
            self.notify(message.problem, severity="error", timeout=15, markup=False)
        if message.guidance is not None:
            self._show(message.guidance)

    # --- drawing -----------------------------------------------------------------------------------------------------

    def _show(self, guidance: Guidance) -> None:
        self._tell(self.guidance, guidance)
        was_done = self._done
        self.guidance = guidance
        if self._done is not was_done:
            self.refresh_bindings()
        title, how = ASKS[guidance.stage]
        over = guidance.stage in (Stage.DONE, Stage.REFUSED)
        self.query_one("#align-steps", Static).update(_steps(guidance))
        self.query_one("#align-title", Static).update(_(title))
        self.query_one("#align-how", Static).update(_(how))
        self._count(guidance)
        still, moves = self.query_one("#align-still", Static), self.query_one("#align-moves", Static)
        still.display = moves.display = not over
        waiting = guidance.progress if guidance.stage in (Stage.STAND, Stage.RETURN) else guidance.stillness
        room = still.size.width - LABEL
        still.update(f"{_('Stillness'):<{LABEL}}{_bar(waiting, min(BAR, room) if room > 0 else BAR)}")
        done = min(guidance.movements, MOVES)
        moves.update(f"{_('Movements'):<{LABEL}}{'● ' * done}{'○ ' * (MOVES - done)} {done}/{MOVES}")
        verdict = self.query_one("#align-verdict", Static)
        verdict.display = over
        verdict.update(_verdict(guidance))
        verdict.set_class(guidance.stage is Stage.DONE, "good")
        verdict.set_class(guidance.stage is Stage.REFUSED, "poor")
        self.query_one("#go-on", Button).display = guidance.stage is Stage.DONE
        self.query_one("#again", Button).display = over
        self.query_one("#skip", Button).display = guidance.stage is not Stage.DONE

    def _miss(self) -> None:
        """Nothing came from the sensor: who stands still and waits for it is told."""
        if self._guide is None:
            missing = _("No sensor yet. Is it on?")
            self.query_one("#align-title", Static).update(missing)
            self.query_one("#align-how", Static).update(_("It begins by itself as soon as the sensor is there."))
            self._voice.say(missing)

    def _tell(self, before: Guidance | None, now: Guidance) -> None:
        """Sound and voice for a person who does not look."""
        if before is None or now.stage is not before.stage:
            self._sound.say("end" if now.stage in (Stage.DONE, Stage.REFUSED) else "start")
            self._voice.say(_(ASKS[now.stage][0]))
        elif now.movements > before.movements:
            self._sound.say("rep")

    def _count(self, guidance: Guidance) -> None:
        """What can be read from two metres away: seconds to stand, or movements done."""
        count = self.query_one("#align-count", BigCount)
        wait_s = {Stage.STAND: STAND_S, Stage.RETURN: RETURN_S}.get(guidance.stage)
        if wait_s is not None:
            count.count = ceil((1.0 - guidance.progress) * wait_s)
            count.caption = _("seconds to go")
        else:
            count.count = min(guidance.movements, MOVES)
            count.caption = _("of {n}").format(n=MOVES)

    # --- keys and buttons --------------------------------------------------------------------------------------------

    @property
    def _done(self) -> bool:
        return self.guidance is not None and self.guidance.result is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to go on with before the end."""
        if action == "go_on":
            return self._done
        return super().check_action(action, parameters)

    def action_go_on(self) -> None:
        """Keep the alignment."""
        focused = self.focused
        if isinstance(focused, Button) and focused.id != "go-on" and focused.display:
            focused.press()
            return
        result = self.guidance.result if self.guidance is not None else None
        if result is None:
            return
        from kneeimu.sessions.alignments import alignment_of, store_alignment

        alignment = alignment_of(result)
        try:
            store_alignment(alignment, result, self._source.name)
        except KneeimuError as error:
            self.notify(str(error), severity="warning", markup=False)
        self.dismiss(alignment)

    def action_again(self) -> None:
        """Begin again with standing still."""
        if self._guide is not None:
            self._guide.restart()
            self._show(self._guide.state)

    def action_skip(self) -> None:
        """Go on without: reps are counted all the same, the knee's drift is not measured."""
        self.dismiss(None)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The mouse does what the keys do."""
        {"go-on": self.action_go_on, "again": self.action_again, "skip": self.action_skip}[event.button.id or ""]()


def _steps(guidance: Guidance) -> Text:
    order = [Stage.STAND, Stage.MOVE, Stage.LIFT, Stage.RETURN]
    names = [_("stand"), _("squats"), _("lift"), _("stand")]
    at = order.index(guidance.stage) if guidance.stage in order else len(order)
    if guidance.stage is Stage.REFUSED:
        at = 0
    text = Text(no_wrap=True)
    for place, name in enumerate(names):
        shape = "●" if place < at else "◐" if place == at else "○"
        text.append(f"{shape} {name}   ", "bold" if place == at else "dim")
    return text


def _bar(share: float, width: int) -> str:
    full = round(width * min(1.0, max(0.0, share)))
    return "█" * full + "░" * (width - full)


def _verdict(guidance: Guidance) -> str:
    if guidance.refusal is not None:
        code = guidance.refusal.code
        cure = _(CURES[code]) if code in CURES else guidance.refusal.advice
        return "■ " + cure
    result = guidance.result
    if result is None:
        return ""
    sure = _("How it is turned on the leg is known to ±{n}°.").format(n=decimal(result.yaw_uncertainty_deg, 0))
    if result.quality == "good":
        return "● " + _("The sensor sits well.") + f" {sure}"
    cures = dict.fromkeys(
        _(CURES[check.code]) for check in result.checks if check.level == "warn" and check.code in CURES
    )
    return " ".join(("▲", _("Usable, could be better."), sure, *cures))
