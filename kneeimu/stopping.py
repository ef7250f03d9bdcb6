"""Ctrl+C, a polite kill and a closed terminal end the work in good order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable


def stop_on_signals(stop: Callable[[], object]) -> None:
    """Call ``stop`` in the running loop on SIGINT and SIGTERM; where loops know no signals Ctrl+C stays as it is."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows has Ctrl+C only
            return


def leave_on_signals(leave: Callable[[], object]) -> Callable[[], None]:
    """Call ``leave`` in the running loop on a polite kill and when the terminal is closed; give what undoes this.

    A signal that is ignored (``nohup``) stays so. Loops that know no signals, or not here, are left alone.
    """
    loop = asyncio.get_running_loop()
    taken: list[int] = []
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None or signal.getsignal(number) is signal.SIG_IGN:
            continue
        try:
            loop.add_signal_handler(number, leave)
        except (NotImplementedError, RuntimeError, ValueError):
            break
        taken.append(number)

    def undo() -> None:
        for number in taken:
            loop.remove_signal_handler(number)

    return undo
