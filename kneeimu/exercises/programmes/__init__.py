"""Training programmes: what to do, how often, and how each exercise is done."""
