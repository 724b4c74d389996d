"""Random programs: every way to run a function held against another, and the eager engine against 50 digits."""
