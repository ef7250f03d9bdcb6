"""Samples to segment angles."""
