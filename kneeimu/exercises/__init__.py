"""What each exercise is, as data."""
