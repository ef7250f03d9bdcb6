"""Open knee trainer: from motion samples to counted reps and the knee's drift."""
