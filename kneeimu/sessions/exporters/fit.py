"""Garmin FIT: a strength activity with a ``set`` message for every set and every rest."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kneeimu.errors import InputError
from kneeimu.sessions.atomic import write_private
from kneeimu.sessions.exporters.extras import need
from kneeimu.sessions.play import Played, PlayedSet
from kneeimu.words import _

CATEGORIES: dict[str, tuple[str, str, str]] = {
    "squat": ("SQUAT", "SquatExerciseName", "AIR_SQUAT"),
    "single-leg-squat": ("SQUAT", "SquatExerciseName", "ONE_LEGGED_SQUAT"),
    "step-down": ("SQUAT", "SquatExerciseName", "STEP_UP"),
    "lunge": ("LUNGE", "LungeExerciseName", "LUNGE"),
    "terminal-knee-extension": ("BANDED_EXERCISES", "BandedExercisesExerciseName", "LEG_EXTENSION"),
    "clamshell": ("HIP_RAISE", "HipRaiseExerciseName", "CLAMS"),
    "hip-abduction": ("HIP_STABILITY", "HipStabilityExerciseName", "SIDE_LYING_LEG_RAISE"),
    "lateral-walk": ("HIP_STABILITY", "HipStabilityExerciseName", "LATERAL_WALKS_WITH_BAND_AT_ANKLES"),
    "monster-walk": ("BANDED_EXERCISES", "BandedExercisesExerciseName", "LATERAL_BAND_WALKS"),
    "knee-extension": ("BANDED_EXERCISES", "BandedExercisesExerciseName", "LEG_EXTENSION"),
    "straight-leg-raise": ("HIP_RAISE", "HipRaiseExerciseName", "LEG_LIFT"),
    "prone-hip-extension": ("BANDED_EXERCISES", "BandedExercisesExerciseName", "HIP_EXTENSION"),
    "it-band-stretch": ("WARM_UP", "WarmUpExerciseName", "STRETCH_STANDING_IT_BAND"),
    "massage": ("WARM_UP", "WarmUpExerciseName", "GLUTES_STRETCH"),
}
"""Nearest category and name of the FIT profile: category, enumeration, member."""


def write_fit(played: Played, folder: Path) -> list[Path]:
    """Write ``NAME.fit``: file id, timer start, sets and rests, timer stop, lap, session, activity.

    Times are in UTC; a start without a zone is taken as this machine's.

    Raises:
        InputError: no set was finished, nobody knows when the session began, fit-tool is not installed, or the
            folder can't be written.
    """
    if played.started is None:
        raise InputError(
            _("FIT needs to know when the session began"), where=played.name, advice=_("give it with --started")
        )
    if not played.sets:
        raise InputError(
            _("FIT needs at least one set"), where=played.name, advice=_("export the samples as CSV instead")
        )
    builder_module: Any = need("fit_tool.fit_file_builder", "export")
    builder = builder_module.FitFileBuilder(auto_define=True, min_string_size=50)
    builder.add_all(_messages(played, _milliseconds(played.started)))
    path = folder / f"{played.name}.fit"
    write_private(path, builder.build().to_bytes())
    return [path]


def _milliseconds(moment: datetime) -> int:
    return round(moment.astimezone(UTC).timestamp() * 1000.0)


def _message(name: str, **values: Any) -> Any:
    words = "".join(part.capitalize() for part in name.split("_"))
    module: Any = need(f"fit_tool.profile.messages.{name}_message", "export")
    message = getattr(module, f"{words}Message")()
    for key, value in values.items():
        setattr(message, key, value)
    return message


def _messages(played: Played, start_ms: int) -> list[Any]:
    kinds: Any = need("fit_tool.profile.profile_type", "export")
    end_ms = start_ms + round(played.samples.time_s[-1] * 1000.0)
    seconds = (end_ms - start_ms) / 1000.0
    timer = {"event": kinds.Event.TIMER, "timestamp": start_ms}
    sport = {"sport": kinds.Sport.TRAINING, "sub_sport": kinds.SubSport.STRENGTH_TRAINING}
    span = {"start_time": start_ms, "total_elapsed_time": seconds, "total_timer_time": seconds, "timestamp": end_ms}
    stop = {"event": kinds.Event.TIMER, "event_type": kinds.EventType.STOP_ALL, "timestamp": end_ms}
    return [
        _message(
            "file_id",
            type=kinds.FileType.ACTIVITY,
            manufacturer=kinds.Manufacturer.DEVELOPMENT.value,
            product=0,
            serial_number=1,
            time_created=start_ms,
        ),
        _message("event", **{**timer, "event_type": kinds.EventType.START}),
        *_set_messages(played, start_ms, end_ms, kinds),
        _message("event", **stop),
        _message("lap", message_index=0, **span, **sport),
        _message("session", message_index=0, **span, **sport, first_lap_index=0, num_laps=1),
        _message("activity", timestamp=end_ms, num_sessions=1, total_timer_time=seconds, type=kinds.Activity.MANUAL),
    ]


def _set_messages(played: Played, start_ms: int, end_ms: int, kinds: Any) -> list[Any]:
    category, enumeration, member = CATEGORIES[played.setup.exercise]
    exercise = {
        "category": [kinds.ExerciseCategory[category].value],
        "category_subtype": [getattr(kinds, enumeration)[member].value],
    }
    messages: list[Any] = []
    after: PlayedSet | None = None
    for group in played.sets:
        if after is not None:  # a set may begin before the last rep of the one before is home
            messages.append(_rest(len(messages), after.end_s, max(after.end_s, group.start_s), start_ms, kinds))
        messages.append(
            _message(
                "set",
                message_index=len(messages),
                set_type=kinds.SetType.ACTIVE.value,
                start_time=start_ms + round(group.start_s * 1000.0),
                timestamp=min(end_ms, start_ms + round(group.end_s * 1000.0)),
                duration=max(0.0, round(group.end_s - group.start_s, 3)),
                repetitions=played.corrected_count(group),
                **exercise,
            )
        )
        after = group
    return messages


def _rest(index: int, from_s: float, to_s: float, start_ms: int, kinds: Any) -> Any:
    return _message(
        "set",
        message_index=index,
        set_type=kinds.SetType.REST.value,
        start_time=start_ms + round(from_s * 1000.0),
        timestamp=start_ms + round(to_s * 1000.0),
        duration=round(to_s - from_s, 3),
    )
