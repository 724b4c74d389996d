"""The calculus behind the gradients: derivatives, landscapes, descent, as functions and as pictures."""

from autograd.calculus.descent import Annealing, Basin, Film, Multistart, Path, anneal, gradient_descent, multistart

__all__ = [
    "Annealing",
    "Basin",
    "Film",
    "Multistart",
    "Path",
    "anneal",
    "gradient_descent",
    "multistart",
]
