"""Ctrl+C and a polite kill end a command's work the same way."""

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
