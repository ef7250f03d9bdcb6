"""Why a calibration can't be used, and what the person does about it."""

from __future__ import annotations


class CalibrationError(Exception):
    """The recording does not give a calibration that could be trusted.

    Attributes:
        code: short word for programs, such as ``not-still`` or ``axis-wobble``.
        what: what was found, with its number.
        advice: what to do next.
    """

    def __init__(self, code: str, what: str, advice: str) -> None:
        self.code, self.what, self.advice = code, what, advice
        super().__init__(f"{what} ({advice})")
