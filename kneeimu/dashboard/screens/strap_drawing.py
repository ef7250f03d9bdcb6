"""How to strap the sensor on, as a drawing: both legs as one sees oneself looking down, the strap on the right one."""

from __future__ import annotations

from rich.text import Text

from kneeimu.types import Mount, Side
from kneeimu.words import _

LEG = (
    " │       │ ",
    " │       │ ",
    " │       │ ",
    " │       │ ",
    " ╰╮     ╭╯ ",
    "  │ ╭─╮ │  ",
    "  │ ╰─╯ │  ",
    " ╭╯     ╰╮ ",
    " │       │ ",
    " │       │ ",
    " ╰╮     ╭╯ ",
    "  ╰╮   ╭╯  ",
    "   │   │   ",
    "  ╭╯   ╰╮  ",
    "  ╰─────╯  ",
)
STRAPS = {
    "thigh": {1: "┏┷━━━━━━━┷┓", 2: "┃  ▐███▌  ┃", 3: "┗┯━━━━━━━┯┛"},
    "shin": {8: "┏┷━━━━━━━┷┓", 9: "┃  ▐███▌  ┃", 10: "┗┯┯━━━━━┯┯┛"},
}
GAP = " "


def strap_drawing(side: Side, mount: Mount, *, strap_style: str = "bold", leg_style: str = "dim") -> Text:
    """Draw both legs with the strap on one of them; 16 lines, 23 columns."""
    strap = STRAPS[mount]
    text = Text(no_wrap=True)
    text.append(f"{_('left'):^11}{GAP}{_('right'):^11}\n", "bold")
    for row, plain in enumerate(LEG):
        strapped, style = strap.get(row, plain), strap_style if row in strap else leg_style
        pair = [(strapped, style), (plain, leg_style)] if side == "left" else [(plain, leg_style), (strapped, style)]
        text.append(*pair[0]).append(GAP).append(*pair[1])
        text.append("\n" if row + 1 < len(LEG) else "")
    return text


def strap_words(side: Side, mount: Mount) -> str:
    """Say where it goes and how tight."""
    if mount == "thigh":
        if side == "right":
            return _("Front of the right thigh, a hand above the knee cap.")
        return _("Front of the left thigh, a hand above the knee cap.")
    if side == "right":
        return _("Flat inner side of the right shin, a hand below the knee cap.")
    return _("Flat inner side of the left shin, a hand below the knee cap.")
