"""Segment angles to reps, their metrics and form findings."""
