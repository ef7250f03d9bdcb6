"""Pages and plots for people: what a physiotherapist reads in a minute, and what stands behind it."""
