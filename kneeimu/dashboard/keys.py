"""The keys a person may choose: what each does, where it is used, what it is by itself, and what it can't be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from textual.binding import Binding
from textual.keys import format_key

from kneeimu.words import _, mark

Keys = Mapping[str, str]
"""Chosen keys by the id of the action; what is not in it keeps its usual keys."""

PLACES = {
    "app": mark("Everywhere"),
    "home": mark("Home"),
    "session": mark("Session"),
    "live": mark("One exercise"),
    "align": mark("Alignment"),
    "summary": mark("Summary"),
    "replay": mark("Replay"),
    "history": mark("History"),
    "programmes": mark("Programmes"),
    "form": mark("Editor"),
    "coach": mark("Answer to a coach"),
}
ACTIONS = {
    "session.go": mark("go on"),
    "session.pain": mark("pain, stop"),
    "session.pause": mark("pause"),
    "session.add": mark("add a rep"),
    "session.undo": mark("take a rep back"),
    "session.skip": mark("skip the set"),
    "session.skip-exercise": mark("skip the exercise"),
    "session.align": mark("align the sensor"),
    "session.mute": mark("sound"),
    "live.set": mark("start or end the set"),
    "live.pause": mark("pause"),
    "live.undo": mark("take a rep back"),
    "live.add": mark("add a rep"),
    "live.pain": mark("note pain"),
    "live.mute": mark("sound"),
    "home.train": mark("train"),
    "home.programmes": mark("programmes"),
    "home.one-exercise": mark("one exercise"),
    "home.history": mark("history"),
    "home.settings": mark("settings"),
    "align.go-on": mark("go on"),
    "align.again": mark("begin again"),
    "summary.replay": mark("watch it"),
    "replay.play": mark("play and pause"),
    "replay.next": mark("next rep"),
    "replay.back": mark("previous rep"),
    "replay.faster": mark("faster"),
    "replay.slower": mark("slower"),
    "replay.compare": mark("compare with the best rep"),
    "replay.left": mark("5 s back"),
    "replay.right": mark("5 s on"),
    "replay.home": mark("to the start"),
    "replay.end": mark("to the end"),
    "history.search": mark("search"),
    "programmes.edit": mark("edit"),
    "programmes.copy": mark("copy"),
    "form.save": mark("save"),
    "form.add": mark("add an exercise"),
    "form.remove": mark("remove the exercise"),
    "form.up": mark("move up"),
    "form.down": mark("move down"),
    "form.as-text": mark("edit as text"),
    "theme": mark("colours"),
    "help": mark("help"),
    "quit": mark("quit"),
}
FIXED = ("escape", "tab", "shift+tab", "ctrl+c", "ctrl+q", "ctrl+p", "f1", "backspace")
"""They do the same everywhere; without them one could get stuck."""
ARROWS = ("up", "down", "pageup", "pagedown")
"""They move through lists on every screen."""


@dataclass(frozen=True, slots=True)
class _Usual:
    place: str
    action: str | None
    keys: tuple[str, ...]
    words: str


def place_of(action: str) -> str:
    """Give the place of an action by its id."""
    return action.split(".")[0] if "." in action else "app"


def action_words(action: str) -> str:
    """Say what an action does and where: "Session: pause"."""
    return f"{_(PLACES[place_of(action)])}: {_(ACTIONS[action])}"


def keys_now(action: str, chosen: Keys) -> tuple[str, ...]:
    """Give the keys of an action as they are now."""
    if action in chosen:
        return tuple(chosen[action].split(","))
    return next((one.keys for one in _usual() if one.action == action), ())


def key_name(key: str) -> str:
    """Write a key, the first of several, as it stands on the keyboard."""
    first = key.split(",")[0].strip()
    names = {"space": _("space"), "escape": "Esc", "enter": "Enter", "minus": "–"}
    return names.get(first) or format_key(first)


def chosen_key(app: object, action: str, usual: str) -> str:
    """Write the key that an action has in an app, to be named in a sentence."""
    chosen: Keys = getattr(app, "keys", {})
    return key_name(chosen.get(action, usual))


def sort_out(chosen: Keys) -> tuple[dict[str, str], list[str]]:
    """Give the chosen keys that can be used, and why others can't, as lines for people."""
    used: dict[str, str] = {}
    refused: list[str] = []
    for action, keys in chosen.items():
        if action not in ACTIONS:
            continue
        reasons = [reason for key in keys.split(",") if (reason := refusal(key, action, {**chosen, **used}))]
        if reasons:
            refused.append(f"{action_words(action)}: {reasons[0]}")
        else:
            used[action] = keys
    return used, refused


def refusal(key: str, action: str, chosen: Keys) -> str:
    """Say why an action can't have a key; empty when it can."""
    if key in FIXED:
        return _("{key} does the same everywhere and can't be changed").format(key=key_name(key))
    if key in ARROWS:
        return _("{key} moves through lists").format(key=key_name(key))
    place = place_of(action)
    for one in _usual():
        if one.action == action or not _meet(place, one.place):
            continue
        if key in (keys_now(one.action, chosen) if one.action else one.keys):
            words = action_words(one.action) if one.action in ACTIONS else one.words
            return _("{key} is taken already: {action}").format(key=key_name(key), action=words)
    return ""


def _meet(one: str, other: str) -> bool:
    """Tell whether keys of both places are there at the same time."""
    return one == other or "app" in (one, other) or (other == "coach" and one in ("session", "live"))


@cache
def _usual() -> tuple[_Usual, ...]:
    """All keys of all places as they are by themselves."""
    from kneeimu.dashboard.app import KneeimuApp
    from kneeimu.dashboard.screens.align import AlignScreen
    from kneeimu.dashboard.screens.history import HistoryScreen
    from kneeimu.dashboard.screens.home import HomeScreen
    from kneeimu.dashboard.screens.live import LiveScreen
    from kneeimu.dashboard.screens.programme_editor import ProgrammesScreen
    from kneeimu.dashboard.screens.programme_form import ProgrammeForm
    from kneeimu.dashboard.screens.replay import ReplayScreen
    from kneeimu.dashboard.screens.session import SessionScreen
    from kneeimu.dashboard.screens.summary import SummaryScreen

    screens: dict[str, Any] = {
        "app": KneeimuApp, "home": HomeScreen, "session": SessionScreen, "live": LiveScreen, "align": AlignScreen,
        "summary": SummaryScreen, "replay": ReplayScreen, "history": HistoryScreen, "programmes": ProgrammesScreen,
        "form": ProgrammeForm,
    }  # fmt: skip
    return tuple(one for place, screen in screens.items() for one in _of_class(place, screen))


def _of_class(place: str, screen: Any) -> Iterator[_Usual]:
    for binding in screen.BINDINGS:
        if isinstance(binding, Binding):
            words = binding.description or _("an answer by its number or letter")
            keys = tuple(key.strip() for key in binding.key.split(","))
            at = "coach" if (binding.id or "").startswith("coach.") else place
            yield _Usual(at, binding.id, keys, f"{_(PLACES[at])}: {words}")
