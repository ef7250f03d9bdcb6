"""A set that is over, looked at again as a whole."""
