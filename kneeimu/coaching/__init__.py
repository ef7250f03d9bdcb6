"""What to say to the person, and when."""
