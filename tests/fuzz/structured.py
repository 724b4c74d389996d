"""Random functions of lists, each run in some of the many ways there are, and held against the eager engine."""

from __future__ import annotations

import random

import numpy as np

from tests.fuzz.failure import Failure
from tests.fuzz.lists.cases import Case
from tests.fuzz.lists.chance import random_cases
from tests.fuzz.lists.judgement import examine
from tests.fuzz.lists.script import script
from tests.fuzz.lists.shrinking import shrink


def fails_as(kind: str, case: Case) -> bool:
    """Whether a case fails in this way."""
    problem = examine(case)
    return problem is not None and problem[0] == kind


def check(seed: int) -> Failure | None:
    """Makes the programs of a seed, and runs each in some ways; gives the first failure."""
    with np.errstate(all="ignore"):
        for case in random_cases(random.Random(seed)):
            problem = examine(case)
            if problem is not None:
                shrunk = shrink(case, lambda other, kind=problem[0]: fails_as(kind, other))  # type: ignore[misc]
                problem = examine(shrunk)
                assert problem is not None
                return Failure("structured", seed, ": ".join(problem), script(shrunk))
    return None
