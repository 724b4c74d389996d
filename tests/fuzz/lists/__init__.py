"""Random functions of lists: programs, the ways to run them, and what is right."""
