"""The calculus behind the gradients: derivatives, landscapes, descent, as functions and as pictures."""

from autograd.calculus.landscapes import plot_contours, plot_gradient_field, plot_surface

__all__ = ["plot_contours", "plot_gradient_field", "plot_surface"]
