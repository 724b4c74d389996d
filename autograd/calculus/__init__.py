"""The calculus behind the gradients: derivatives, landscapes, descent, as functions and as pictures."""

from autograd.calculus.derivatives import (
    DifferenceErrors,
    Differences,
    Directions,
    TangentLine,
    difference_errors,
    directional_derivatives,
    plot_taylor,
    tangent_line,
)
from autograd.calculus.descent import Path, gradient_descent
from autograd.calculus.film import Film
from autograd.calculus.global_search import Annealing, Basin, Multistart, anneal, multistart
from autograd.calculus.lagrange import LagrangePoint, lagrange, plot_lagrange
from autograd.calculus.landscapes import draw_landscape, plot_contours, plot_gradient_field, plot_surface
from autograd.calculus.stationary import CriticalPoint, CriticalPoints, critical_points, plot_critical_points

__all__ = [
    "Annealing",
    "Basin",
    "CriticalPoint",
    "CriticalPoints",
    "DifferenceErrors",
    "Differences",
    "Directions",
    "Film",
    "LagrangePoint",
    "Multistart",
    "Path",
    "TangentLine",
    "anneal",
    "critical_points",
    "difference_errors",
    "directional_derivatives",
    "draw_landscape",
    "gradient_descent",
    "lagrange",
    "multistart",
    "plot_contours",
    "plot_critical_points",
    "plot_gradient_field",
    "plot_lagrange",
    "plot_surface",
    "plot_taylor",
    "tangent_line",
]
