"""The exercises, a module for each chapter of the course: their names are the chapter's and a number."""

from autograd_course.chapters import (
    chain_rule,
    constraints,
    descent,
    digits,
    gradient,
    minima,
    network,
    shadows,
    tensors,
    values,
)
from autograd_course.exercise import Exercise

_CHAPTERS = {
    "values": values,
    "shadows": shadows,
    "gradient": gradient,
    "chain rule": chain_rule,
    "minima": minima,
    "descent": descent,
    "constraints": constraints,
    "network": network,
    "digits": digits,
    "tensors": tensors,
}

EXERCISES: dict[str, Exercise] = {
    f"{chapter}.{number}": exercise
    for chapter, module in _CHAPTERS.items()
    for number, exercise in enumerate(module.EXERCISES, 1)
}
"""Each exercise by its name, like "chain rule.2"."""
