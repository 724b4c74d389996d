"""The exercises of the course: checks that name the mistake, hints, and worksheets to do by hand.

>>> from autograd_course import check
>>> check("chain rule.1", 48)
not yet: 48 is the rate of the outer step alone; the inner one, 5x - 1, has a rate too
(hint("chain rule.1") gives the first of three hints)
"""

from autograd_course.session import Judgement, Progress, check, hint, progress
from autograd_course.tiny import Node
from autograd_course.worksheet import Mark, Marks, Problem, Worksheet, worksheet

__all__ = [
    "check",
    "hint",
    "progress",
    "Judgement",
    "Progress",
    "Node",
    "worksheet",
    "Worksheet",
    "Problem",
    "Marks",
    "Mark",
]
