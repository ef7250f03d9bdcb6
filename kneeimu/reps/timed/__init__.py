"""Exercises of which the seconds count."""
