"""Home: what is on today, how the week looks, and one key to begin."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar, cast

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Footer, Static

from kneeimu.coaching.progression import Advice
from kneeimu.coaching.review import habit_of
from kneeimu.coaching.safety import NOTICE_VERSION
from kneeimu.dashboard.diary import Diary, Entry, advise_all, days_trained, diary_for
from kneeimu.dashboard.preferences import SIMULATED, Preferences, load_preferences, save_preferences
from kneeimu.dashboard.screens.guided import GuidedScreen
from kneeimu.dashboard.screens.pain import PainScreen, SettledPrompt
from kneeimu.dashboard.screens.session_panels import side_word
from kneeimu.dashboard.screens.session_start import Training, sound_of
from kneeimu.dashboard.screens.session_style import CARD_CSS
from kneeimu.dashboard.screens.summary import advice_words, habit_words, minutes_words
from kneeimu.dashboard.voice import find_voice
from kneeimu.errors import KneeimuError
from kneeimu.exercises.programmes.plan import Bout, plan_session, usual_duration_s
from kneeimu.exercises.programmes.programme import Programme, find_programmes, load_programme
from kneeimu.locations import config_dir, data_dir, sessions_dir
from kneeimu.types import Mount, Side
from kneeimu.words import _, n_
from kneeimu.words.names import day_words, exercise_title
from kneeimu.words.phrases import BANDS, PRAISE, WORK_ON, phrase


class HomeScreen(GuidedScreen[None]):
    """The screen the app begins with.

    Args:
        speed: time compression of the simulated sensor, for tests.
    """

    CSS = (
        CARD_CSS
        + """
    HomeScreen { align: center middle; }
    #home { width: 100%; max-width: 120; height: 100%; padding: 0 1; }
    #banner { height: 3; padding: 1 1 0 1; }
    #cards { height: 1fr; }
    .panel { border: round $primary 50%; padding: 1 2; height: 1fr; }
    .panel { border-title-style: bold; border-title-color: $accent; }
    #today { width: 3fr; }
    #home-side { width: 2fr; height: 1fr; }
    #week { height: 1fr; }
    #last { height: 1fr; }
    #start { width: 100%; margin: 1 0 0 0; }
    #today-list { height: 1fr; }
    #today-plan { height: auto; }
    #fine { height: 1; padding: 0 1; color: $foreground 60%; }
    .-narrow #today { width: 5fr; } .-narrow #home-side { width: 4fr; }
    .-short .panel { padding: 0 1; } .-short #start { margin: 0; }
    #today-art { display: none; }
    .-tall #today-art, .-towering #today-art { display: block; }
    .-towering #home { height: 44; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "train", _("Train"), id="home.train", show=False),  # the button says it
        Binding("p", "programmes", _("Programmes"), id="home.programmes"),
        Binding("o", "one_exercise", _("One exercise"), id="home.one-exercise"),
        Binding("h", "history", _("History"), id="home.history"),
        Binding("e", "settings", _("Settings"), id="home.settings"),
    ]
    HELP = _("Enter begins today's session. The first time you are asked which knee and which sensor.")

    def __init__(self, *, speed: float = 1.0) -> None:
        super().__init__()
        self.speed = speed
        self.preferences = Preferences()
        self._unsaved: Preferences | None = None
        self.programme: Programme | None = None
        self.diary = Diary()
        self._entries: list[Entry] = []
        self._training = False
        self._welcomed = asyncio.Event()

    def compose(self) -> ComposeResult:
        with Vertical(id="home"):
            yield Static(id="banner")
            with Horizontal(id="cards"):
                with Vertical(id="today", classes="panel"):
                    with VerticalScroll(id="today-list"):
                        yield Static(id="today-plan")
                        yield Static(id="today-art", classes="art", markup=False)
                    yield Button(_("Train (Enter)"), variant="primary", id="start")
                with Vertical(id="home-side"):
                    with Vertical(id="week", classes="panel"):
                        yield Static(id="week-words")
                    with Vertical(id="last", classes="panel"):
                        yield Static(id="last-words", markup=False)
            yield Static(id="fine", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Read settings, programme and diary; the first time, set up."""
        self.query_one("#week").border_title = _("Your week")
        self.query_one("#last").border_title = _("Last time")
        self.reload()
        self.query_one("#start", Button).focus()
        if self.preferences.theme:
            self.app.theme = self.preferences.theme
        self._welcome()

    def on_screen_resume(self) -> None:
        """Something may have changed meanwhile."""
        if self.is_mounted:
            self.reload()

    # --- what is shown -----------------------------------------------------------------------------------------------

    @property
    def knee(self) -> Side:
        """The trained knee."""
        return cast(Side, self.preferences.knee)

    def reload(self) -> None:
        """Read everything anew and draw it."""
        try:
            self.preferences = self._unsaved or load_preferences()
            found = find_programmes(config_dir() / "programmes")
            path = found.get(self.preferences.programme) or found["hip-strength"]
            self.programme = load_programme(path)
        except KneeimuError as error:
            self.notify(str(error), severity="error", timeout=20, markup=False)
            self.programme = self.programme or load_programme(find_programmes(None)["hip-strength"])
        self.diary = diary_for(self.preferences.sensor)
        self._entries = self.diary.entries()
        self._draw()

    @property
    def advice(self) -> dict[tuple[str, Side], Advice]:
        """What the rules say for the next session."""
        assert self.programme is not None
        return advise_all(self.programme, self.knee, self._entries)

    @property
    def bouts(self) -> tuple[Bout, ...]:
        """The next session."""
        assert self.programme is not None
        doses = {key: advice.dose for key, advice in self.advice.items()}
        return plan_session(self.programme, self.knee, doses)

    def _draw(self) -> None:
        assert self.programme is not None
        now = datetime.now().astimezone()
        banner = Text()
        banner.append("━━╸", "bold").append(" kneeimu ", "bold").append("╺━━  ", "bold")
        banner.append(_greeting(now.hour), "dim")
        self.query_one("#banner", Static).update(banner)
        bouts = self.bouts
        self.query_one("#today").border_title = Content(_(self.programme.title))
        self.query_one("#today-plan", Static).update(self._plan(bouts))
        self.query_one("#today-art", Static).update("\n" + bouts[0].item.guide.drawing)
        per_week = self.preferences.per_week or self.programme.per_week
        habit = habit_of(days_trained(self._entries), now.date(), per_week)
        self.query_one("#week-words", Static).update(habit_words(habit))
        self.query_one("#last-words", Static).update(self._last())
        sensor = {SIMULATED: _("simulated sensor"), "": _("no sensor chosen yet")}.get(
            self.preferences.sensor, self.preferences.sensor_name or self.preferences.sensor
        )
        self.query_one("#fine", Static).update(
            _("{sensor} · A training aid, not a medical device.").format(sensor=sensor[:1].upper() + sensor[1:])
        )

    def _plan(self, bouts: tuple[Bout, ...]) -> Text:
        assert self.programme is not None
        minutes = round(usual_duration_s(bouts) / 60)
        text = Text()
        text.append(n_("about {n} minute", "about {n} minutes", minutes), "bold")
        text.append(" · " + n_("{n} set", "{n} sets", len(bouts)) + "\n\n")
        for item in self.programme.items:
            own = [bout for bout in bouts if bout.item == item]
            if not own:
                continue
            first = own[0]
            text.append(f"{exercise_title(item.exercise)}\n", "bold")
            span = "–".join(str(count) for count in dict.fromkeys(item.reps))
            amount = f"{item.seconds:g} s" if item.seconds is not None else span
            legs = _("both legs") if item.legs == "both" else side_word(first)
            text.append(f"  {first.set_count} × {amount} · {legs}", "dim")
            if first.band != "none":
                text.append(" · " + _("band: {band}").format(band=phrase(BANDS, first.band)), "dim")
            text.append("\n")
            advice = self.advice.get((item.exercise, first.side))
            if advice is not None and advice.kind in ("add-load", "ease"):
                text.append(f"  {advice_words(advice)}\n", "bold")
        return text

    def _last(self) -> str:
        if not self._entries:
            return _("Nothing yet. The first session is the hardest to start.")
        last = self._entries[-1]
        lines = [
            day_words(last.day),
            (n_("{n} rep", "{n} reps", last.reps) if last.reps else n_("{n} set", "{n} sets", last.sets))
            + f" · {minutes_words(last.duration_s)}",
        ]
        if last.pain.after is not None:
            lines.append(_("pain after: {n}").format(n=last.pain.after))
        if last.pain.during is not None and last.pain.during > (last.pain.after or 0):
            lines.append(_("pain while training: {n}").format(n=last.pain.during))
        for one in last.exercises:
            lines.append(f"\n★ {exercise_title(one.exercise)}: {phrase(PRAISE, one.praise)}")
            if one.work_on:
                lines.append("▸ " + _("Work on: {what}").format(what=phrase(WORK_ON, one.work_on)))
        return "\n".join(lines[:9])

    # --- what can be done --------------------------------------------------------------------------------------------

    @work
    async def _welcome(self) -> None:
        try:
            if not self.preferences.set_up:
                if await self._set_up():
                    self._welcomed.set()
                    await self._train(worn=True)
                return
            await self._take_up()
            await self._ask_about_the_morning()
        finally:
            self._welcomed.set()

    async def _ask_about_the_morning(self) -> None:
        due = self.diary.morning_due(datetime.now(UTC))
        if due is None:
            return
        score = await self.app.push_screen_wait(PainScreen("next-morning"))
        if score is not None:
            longer = await self.app.push_screen_wait(SettledPrompt())
            self._note_morning(due.session, score, settled=None if longer is None else not longer)
        self.reload()

    def _note_morning(self, session: str, score: int, *, settled: bool | None) -> None:
        try:
            self.diary.add_pain(session, "next-morning", score, settled=settled)
        except KneeimuError as error:
            self.notify(str(error), severity="error", timeout=20, markup=False)

    async def _take_up(self) -> None:
        """What was trained before the program was killed belongs to the diary, too."""
        from kneeimu.dashboard.cut_off import take_up

        folder = data_dir() / "demo" if self.preferences.sensor == SIMULATED else sessions_dir()
        try:
            added = await asyncio.to_thread(take_up, self.diary, folder)
        except KneeimuError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        if added:
            self.notify(_("A training was cut off. What was recorded of it is in the diary now."), timeout=8)
            self.reload()

    async def _set_up(self) -> bool:
        from kneeimu.dashboard.screens.align import AlignScreen
        from kneeimu.dashboard.screens.first_start import FirstStartScreen
        from kneeimu.dashboard.source import source_for

        mount: Mount = self.bouts[0].item.mount
        chosen = await self.app.push_screen_wait(FirstStartScreen(self.preferences, mount))
        if chosen is None:
            return False
        self.keep(chosen)
        source = source_for(chosen.sensor, speed=self.speed)
        try:
            sound, voice = sound_of(chosen), find_voice(wanted=chosen.speech)
            await self.app.push_screen_wait(AlignScreen(source, self.knee, mount, sound=sound, voice=voice))
        finally:
            await source.close()
        return True

    def keep(self, preferences: Preferences) -> None:
        """Keep settings; where they can't be written, until the app is left."""
        try:
            save_preferences(preferences)
            self._unsaved = None
        except KneeimuError as error:
            self.notify(str(error), severity="error", markup=False)
            self._unsaved = preferences
        self.reload()

    @work
    async def action_train(self) -> None:
        """Begin today's session."""
        ready = self.preferences.set_up and self.preferences.notice >= NOTICE_VERSION
        if ready or await self._set_up():
            await self._train(worn=not ready)

    async def _train(self, programme: Programme | None = None, *, worn: bool = False) -> None:
        if self._training:
            return
        self._training = True
        try:
            await self._welcomed.wait()  # nothing is asked about the last time amid a training
            chosen = programme or self.programme
            assert chosen is not None
            bouts = self.bouts if programme is None else plan_session(programme, self.knee)
            place = bouts[0].place if worn else None
            training = Training(self.app, self.preferences, chosen, bouts, self.diary, worn=place, speed=self.speed)
            await training.run()
        finally:
            self._training = False
        self.reload()

    @work
    async def action_one_exercise(self) -> None:
        """Train one exercise, outside of the programme."""
        from kneeimu.dashboard.screens.home_exercise import ExerciseScreen, single_exercise

        name = await self.app.push_screen_wait(ExerciseScreen())
        if name is not None and (self.preferences.set_up or await self._set_up()):
            await self._train(single_exercise(name))

    @work
    async def action_programmes(self) -> None:
        """Choose, look at and edit programmes."""
        from kneeimu.dashboard.screens.programme_editor import ProgrammesScreen

        name = await self.app.push_screen_wait(ProgrammesScreen(self.preferences.programme, self.knee))
        if name is not None:
            self.keep(replace(self.preferences, programme=name))
        self.reload()

    def action_history(self) -> None:
        """What was done so far."""
        from kneeimu.dashboard.screens.history import HistoryScreen

        self.app.push_screen(HistoryScreen(self.diary, self.preferences.per_week))

    @work
    async def action_settings(self) -> None:
        """Knee, sensor, language, sound, theme and keys."""
        from kneeimu.dashboard.screens.settings import SettingsScreen

        chosen = await self.app.push_screen_wait(SettingsScreen(self.preferences))
        if chosen is not None:
            self.keep(chosen)
            if not chosen.sensor:
                await self._set_up()

    def on_button_pressed(self) -> None:
        """The one button."""
        self.action_train()


def _greeting(hour: int) -> str:
    if hour < 11:
        return _("Good morning")
    return _("Good day") if hour < 18 else _("Good evening")
