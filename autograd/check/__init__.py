"""The checker, which holds every derivative against differences of the function itself."""
