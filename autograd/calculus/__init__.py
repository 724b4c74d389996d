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

__all__ = [
    "DifferenceErrors",
    "Differences",
    "Directions",
    "TangentLine",
    "difference_errors",
    "directional_derivatives",
    "plot_taylor",
    "tangent_line",
]
