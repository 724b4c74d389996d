"""What the argument `rng` stands for."""

from __future__ import annotations

import random

import pytest

from nn import MLP, generator


def test_a_generator_is_used_as_it_is() -> None:
    rng = random.Random(0)
    assert generator(rng) is rng


def test_an_int_is_a_seed() -> None:
    assert generator(5).random() == random.Random(5).random()


def test_none_follows_the_seed_of_the_shared_generator() -> None:
    before = random.getstate()
    try:
        random.seed(1337)
        first = MLP(2, [3, 1]).state_dict()
        random.seed(1337)
        second = MLP(2, [3, 1]).state_dict()
    finally:
        random.setstate(before)
    assert first == second


def test_none_gives_new_numbers_each_time() -> None:
    assert generator(None).random() != generator(None).random()


def test_anything_else_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="not str 'seed'"):
        generator("seed")  # type: ignore[arg-type]
