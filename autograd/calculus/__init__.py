"""The calculus behind the gradients: derivatives, landscapes, descent, as functions and as pictures."""

from autograd.calculus.descent import Annealing, Basin, Film, Multistart, Path, anneal, gradient_descent, multistart
from autograd.calculus.landscapes import plot_contours, plot_gradient_field, plot_surface

__all__ = [
    "Annealing",
    "Basin",
    "Film",
    "Multistart",
    "Path",
    "anneal",
    "gradient_descent",
    "multistart",
    "plot_contours",
    "plot_gradient_field",
    "plot_surface",
]
