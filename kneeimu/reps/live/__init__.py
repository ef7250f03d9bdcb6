"""Reps counted as they come."""
