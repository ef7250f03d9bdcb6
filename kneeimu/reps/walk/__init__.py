"""What walking is, and what is none."""
