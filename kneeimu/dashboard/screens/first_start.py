"""The first start: a plain word, which knee, which sensor, where it sits. Under a minute with the simulated sensor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, ContentSwitcher, Footer, OptionList, Static
from textual.widgets.option_list import Option

from kneeimu.coaching.safety import NOTICE_VERSION
from kneeimu.dashboard.preferences import SIMULATED, Preferences
from kneeimu.dashboard.screens.guided import GuidedScreen
from kneeimu.dashboard.screens.session_style import CARD_CSS
from kneeimu.dashboard.screens.strap_drawing import strap_drawing, strap_words
from kneeimu.types import Mount, Side
from kneeimu.words import _

LOOK_S = 5.0
STEPS = ("notice", "knee", "sensor", "strap")


NEAR_DBM, FAR_DBM = -65, -82
"""A sensor that is heard at least so well is within reach of the hand, and in the same room. Engineering choices."""


@dataclass(frozen=True, slots=True)
class FoundSensor:
    """A sensor to choose from; the signal's strength is not always known."""

    address: str
    name: str
    family: str = ""
    rssi_dbm: int | None = None

    @property
    def words(self) -> str:
        """Name, family, and how near it is: of two alike the one on the leg is the nearest."""
        if self.rssi_dbm is None:
            near = ""
        elif self.rssi_dbm >= NEAR_DBM:
            near = "▂▄▆ " + _("near")
        elif self.rssi_dbm >= FAR_DBM:
            near = "▂▄  " + _("in the room")
        else:
            near = "▂   " + _("far away")
        return f"{self.name:<22} {self.family:<14} {near}".rstrip()


class FirstStartScreen(GuidedScreen[Preferences | None]):
    """Gives the settings it was asked for; None when it was left.

    Args:
        preferences: the present ones, to begin with.
        mount: where the first exercise wants the sensor.
    """

    CSS = (
        CARD_CSS
        + """
    FirstStartScreen { align: center middle; }
    #first { width: 100%; max-width: 110; height: 1fr; }
    #first-steps { height: 1; padding: 0 2; margin: 1 0 0 0; color: $foreground 70%; }
    #first-pages { height: 1fr; }
    .page { height: 1fr; padding: 1 2; }
    .choice { width: 1fr; height: 5; margin: 1 2 1 0; }
    .choices { height: auto; }
    .-short .page { padding: 0 2; }
    .-short #first-steps { margin: 0; }
    #sensors { height: auto; max-height: 12; border: round $primary 60%; margin: 0 0 1 0; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "knee('left')", _("Left knee"), show=False),
        Binding("r", "knee('right')", _("Right knee"), show=False),
        Binding("s", "simulated", _("Simulated sensor"), show=False),
        Binding("escape", "back", _("Back"), id="first.back"),
    ]
    HELP = _("The least that has to be known. Everything can be changed later in the settings.")

    def __init__(self, preferences: Preferences, mount: Mount) -> None:
        super().__init__()
        self._mount: Mount = mount
        self.preferences = replace(preferences, mount=mount)
        self._found: list[FoundSensor] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="first"):
            yield Static(id="first-steps", markup=False)
            with ContentSwitcher(initial="notice", id="first-pages"):
                with VerticalScroll(id="notice", classes="page middle", can_focus=False):
                    yield Static(_("Welcome to kneeimu"), classes="title", markup=False)
                    yield Static(notice_words(), classes="body", markup=False)
                    yield Center(Button(_("I understand"), variant="primary", id="understood"))
                with VerticalScroll(id="knee", classes="page middle", can_focus=False):
                    yield Static(_("Which knee do you train?"), classes="title", markup=False)
                    with Horizontal(classes="choices"):
                        yield Button(_("Left (l)"), id="knee-left", classes="choice")
                        yield Button(_("Right (r)"), id="knee-right", classes="choice", variant="primary")
                    yield Static(_("Both? Begin with the weaker one."), classes="fine", markup=False)
                with VerticalScroll(id="sensor", classes="page middle", can_focus=False):
                    yield Static(_("Which sensor?"), classes="title", markup=False)
                    yield OptionList(id="sensors", markup=False)
                    yield Static(id="looking", classes="fine", markup=False)
                strap = VerticalScroll(id="strap", classes="page middle", can_focus=False)
                with strap, Horizontal(classes="card"):
                    yield Static(id="strap-art", classes="art")
                    with Vertical(classes="words"):
                        yield Static(_("Strap it on"), classes="title", markup=False)
                        yield Static(id="strap-words", classes="body", markup=False)
                        yield Center(Button(_("Done, it sits"), variant="primary", id="strapped"))
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin with what was not done yet."""
        self._go_to("knee" if self.preferences.notice >= NOTICE_VERSION else "notice")

    # --- steps -------------------------------------------------------------------------------------------------------

    @property
    def step(self) -> str:
        """The page that is shown."""
        return str(self.query_one("#first-pages", ContentSwitcher).current)

    def _go_to(self, step: str) -> None:
        self.query_one("#first-pages", ContentSwitcher).current = step
        at = STEPS.index(step)
        names = (_("read"), _("knee"), _("sensor"), _("strap"), _("align"))
        shapes = ["●" if place < at else "◐" if place == at else "○" for place in range(len(names))]
        self.query_one("#first-steps", Static).update(
            "   ".join(f"{shape} {name}" for shape, name in zip(shapes, names, strict=True))
        )
        if step == "sensor":
            self._list_sensors()
            self._look_around()
            self.query_one("#sensors", OptionList).focus()
        elif step == "strap":
            side = cast(Side, self.preferences.knee)
            self.query_one("#strap-art", Static).update(strap_drawing(side, self._mount))
            self.query_one("#strap-words", Static).update(
                "\n\n".join(
                    (
                        strap_words(side, self._mount),
                        _("Snug, so that it can't slide. Any way round is fine."),
                        _("Then stand with a little room around you: next come five slow squats."),
                    )
                )
            )
            self.query_one("#strapped", Button).focus()
        else:
            self.query_one({"notice": "#understood", "knee": "#knee-right"}[step], Button).focus()

    def action_knee(self, side: str) -> None:
        """Choose the knee."""
        if self.step == "knee":
            self.preferences = replace(self.preferences, knee=side)
            self._go_to("sensor")

    def action_simulated(self) -> None:
        """Choose the simulated sensor."""
        if self.step == "sensor":
            self._choose(FoundSensor(SIMULATED, _("Simulated sensor")))

    def action_back(self) -> None:
        """One step back, or out."""
        at = STEPS.index(self.step)
        if at <= (1 if self.preferences.notice >= NOTICE_VERSION else 0):
            self.dismiss(None)
        else:
            self._go_to(STEPS[at - 1])

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """One button a step."""
        match event.button.id:
            case "understood":
                self.preferences = replace(self.preferences, notice=NOTICE_VERSION)
                self._go_to("knee")
            case "knee-left" | "knee-right":
                self.action_knee((event.button.id or "").removeprefix("knee-"))
            case "strapped":
                self.dismiss(self.preferences)

    # --- sensors -----------------------------------------------------------------------------------------------------

    def _choose(self, sensor: FoundSensor) -> None:
        self.preferences = replace(self.preferences, sensor=sensor.address, sensor_name=sensor.name)
        self._go_to("strap")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the sensor, or look again."""
        if event.option_id == "again":
            self._look_around()
            return
        known = {sensor.address: sensor for sensor in self._found}
        address = event.option_id or SIMULATED
        self._choose(known.get(address) or FoundSensor(SIMULATED, _("Simulated sensor")))

    def _list_sensors(self) -> None:
        options = self.query_one("#sensors", OptionList)
        options.clear_options()
        for sensor in self._found:
            options.add_option(Option(sensor.words, id=sensor.address))
        options.add_option(Option(_("Simulated sensor (s): try everything without hardware"), id=SIMULATED))
        options.add_option(Option(_("Look again"), id="again"))
        options.highlighted = 0

    @work(exclusive=True)
    async def _look_around(self) -> None:
        looking = self.query_one("#looking", Static)
        looking.update(_("Looking for sensors … switch yours on and keep it near."))
        try:
            from kneeimu.sensors.discovery import look_around, radio_to_oneself

            async with radio_to_oneself():
                found = await look_around(LOOK_S)
        except Exception as error:  # whatever the radio says, the simulated sensor still works
            from kneeimu.sensors.radio_errors import RADIO_ERRORS, explain

            why = explain(error).what if isinstance(error, RADIO_ERRORS) else str(error) or type(error).__name__
            words = _("Bluetooth can't be used here ({why}). `kneeimu doctor` tells how to mend it.")
            looking.update(words.format(why=why))
            return
        self._show_found(
            [FoundSensor(one.address, one.name, one.driver.family, one.advertisement.rssi_dbm) for one in found]
        )

    def _show_found(self, found: list[FoundSensor]) -> None:
        self._found = found
        self.query_one("#looking", Static).update(
            _("{n} found.").format(n=len(found))
            if found
            else _("None found. Is it charged, on, and not connected to a phone?")
        )
        if self.step == "sensor":
            self._list_sensors()


def notice_words() -> str:
    """The notice of first use."""
    return "\n\n".join(
        (
            _("kneeimu counts your reps, paces them, and watches how far the knee drifts inwards."),
            _("It is a training aid, not a medical device. It does not diagnose or treat anything."),
            _("If you have pain or an injury, see a doctor or physiotherapist first, and follow what they say."),
            _("Start light. Stop at sharp or rising pain: key p at any time."),
            _("One sensor can't see everything: each exercise says what stays unseen."),
            _("Everything stays on this machine."),
        )
    )
