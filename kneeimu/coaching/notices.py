"""What to know about the sensor while training, shown in place: lost link, low battery, slipped strap."""

from __future__ import annotations

LOW_BATTERY_PERCENT = 15.0
BATTERY_AGAIN_PERCENT = 20.0
ORDER = ("link-none", "link-lost", "link-stalled", "strap-moved", "sensor-odd", "battery-low")
STREAMING = "streaming"
QUIET = {"stalled": "link-stalled", "closed": "link-lost"}
"""Words of the link for silence; every other word but "streaming" means that it is being looked for."""
ODD = ("not-gravity", "saturated", "stuck", "invalid")


class Notices:
    """Keeps what is wrong at present. Each method gives the codes that are new."""

    def __init__(self) -> None:
        self._present: set[str] = set()
        self.streaming = False
        self._was_streaming = False

    @property
    def codes(self) -> tuple[str, ...]:
        """What is wrong, worst first."""
        return tuple(code for code in ORDER if code in self._present)

    def link(self, state: str, battery_percent: float | None) -> list[str]:
        """Take the link's state and the battery."""
        before = set(self._present)
        self.streaming = state == STREAMING
        self._was_streaming = self._was_streaming or self.streaming
        self._present -= {"link-none", "link-lost", "link-stalled"}
        if not self.streaming:
            self._present.add(QUIET.get(state, "link-lost") if self._was_streaming else "link-none")
        if battery_percent is not None and battery_percent < LOW_BATTERY_PERCENT:
            self._present.add("battery-low")
        elif battery_percent is not None and battery_percent >= BATTERY_AGAIN_PERCENT:
            self._present.discard("battery-low")
        return self._new(before)

    def warned(self, code: str) -> list[str]:
        """Take a warning of the engine."""
        before = set(self._present)
        self._present.add("sensor-odd" if code in ODD else code)
        return self._new(before)

    def clear(self, code: str) -> None:
        """The person has dealt with it."""
        self._present.discard(code)

    def _new(self, before: set[str]) -> list[str]:
        return [code for code in self.codes if code not in before]
