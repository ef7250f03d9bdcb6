"""The look of the guided screens: cards, large titles, one call to action.

Screens that use it are not scoped: the classes of the size (``-tall``, ``-narrow``) sit on the screen itself.
"""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Static

CARD_CSS = """
.card { height: auto; width: 100%; padding: 1 2; }
.art { width: auto; min-width: 24; height: auto; color: $primary; margin: 0 4 0 0; }
.words { width: 1fr; height: auto; max-width: 76; }
.title { text-style: bold; color: $accent; height: auto; margin: 0 0 1 0; }
.dose { text-style: bold; height: auto; margin: 0 0 1 0; }
.body { height: auto; margin: 0 0 1 0; }
.tip { height: auto; color: $success; text-style: bold; margin: 0 0 1 0; }
.fine { height: auto; color: $foreground 60%; }
.call { height: auto; text-align: center; text-style: bold; color: $background; background: $primary; padding: 0 2;
        margin: 1 4; }
.-tall .middle, .-towering .middle { align: center middle; }
.-tall .middle .card, .-towering .middle .card { max-width: 130; }
.-slim .card { layout: vertical; padding: 0 1; }
.-slim .card .art { margin: 0 0 1 0; }
.-slim .card .words { width: 100%; }
.buttons { height: auto; }
.buttons Button { margin: 0 1 0 0; }
.-tall .card, .-towering .card { padding: 2 4; }
"""

SESSION_CSS = (
    CARD_CSS
    + """
#where { height: 1; padding: 0 1; background: $surface; color: $foreground; }
.-slim #where { height: auto; max-height: 2; }
#notices { height: auto; padding: 0 1; background: $warning 25%; color: $foreground; text-style: bold; display: none; }
#phases { height: 1fr; }
#said { height: 1; padding: 0 1; text-style: bold; text-align: center; color: $success; }
#said.amber { color: $warning; }
#said.red { color: $error; }
#said.paused { color: $background; background: $accent; }
#said.asks { color: $background; background: $warning; }
.-tall #said, .-towering #said { height: 3; padding: 1 1; }
.-slim #said { height: auto; min-height: 1; max-height: 2; padding: 0 1; }
#ready-scroll { height: 1fr; }
.-short #ready-scroll .dose, .-short #ready-scroll .body, .-short #ready-scroll .tip { margin: 0; }
.-short #ready-scroll .title { margin: 0; }
.-short #ready-scroll .card { padding: 0 2; }
.-short .call { margin: 0 4; }

CountdownPanel { height: 1fr; }
#phase-work #work-title { height: auto; max-height: 2; padding: 0 1; margin: 0; }
#work-board { height: 3fr; }
#work-pacer { height: 2fr; max-height: 9; min-height: 4; padding: 0 1; }
.-slim.-short #work-pacer { height: 3; min-height: 3; }
#work-timed { height: 1fr; }
#work-timed-side { width: 1fr; padding: 2 2; }
#work-clock { width: 1fr; margin: 0 2; }
.pacer--word { color: $accent; text-style: bold; }
.pacer--past { color: $accent; }
.pacer--ahead { color: $foreground 25%; }
.pacer--dot { color: $foreground; }
.pacer--muted { color: $foreground 75%; }

#rest-row { height: 1fr; }
#rest-left { width: 2fr; min-width: 30; padding: 1 2; }
#rest-bar { height: 1; color: $primary; }
#rest-next { width: 3fr; padding: 1 2; border-left: vkey $foreground 20%; }

.-towering #work-pacer { max-height: 14; }
.-tall #rest-next, .-towering #rest-next, .-tall #work-timed-side, .-towering #work-timed-side { align: left middle; }
#phase-pain { align: center middle; }
#pain-card { width: 76; max-width: 100%; height: auto; border: heavy $warning; background: $panel; }
#pain-row { height: 3; }
#pain-legend { height: 1; margin: 0 0 1 0; color: $foreground 80%; }
.score { min-width: 3; width: 1fr; margin: 0 1 0 0; }
.-slim #pain-legend { height: auto; margin: 0; }
.-slim #pain-row { layout: grid; grid-size: 6 2; grid-gutter: 0 1; height: 6; }
.-slim .score { min-width: 4; width: 100%; margin: 0; }
.score.green { background: $success 60%; color: $background; }
.score.amber { background: $warning; color: $background; }
.score.red { background: $error; color: $background; }
"""
)


def say(widget: Static, words: str | Text) -> None:
    """Change a text only when it is another one: a change makes the whole screen be laid out anew."""
    if widget.content != words:
        widget.update(words)
