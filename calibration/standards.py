"""What is the same wherever it is asked for: gravity, the fastest leg, and where in a rep its tilt is judged."""

from __future__ import annotations

GRAVITY_M_S2 = 9.80665
"""Standard gravity."""
FASTEST_LEG_RAD_S = 20.0
"""99 % of a leg's movement is slower, running included; only deg/s read as rad/s is faster."""
DEPTH_FROM = 0.70
"""Tilt is judged at 70 to 100 % of a rep's depth, where depth changes little (matched depth)."""
