"""What is kept: recordings, replay, history, import and export."""
