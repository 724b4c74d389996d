"""What holds for a stretch of code: `no_grad`, `enable_grad` and `scope`, per thread."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograd import Scope, Value, enable_grad, no_grad, scope


def recorded() -> bool:
    """Whether operations are recorded just now."""
    return (Value(3.0) * 2.0).requires_grad


def in_another_thread(function: Callable[[], Any]) -> Any:
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(function()))
    thread.start()
    thread.join()
    return answers[0]


# ---------------------------------------------------------------- no_grad


@pytest.mark.parametrize("operation", [lambda x: x * x, lambda x: x.exp(), lambda x: -x, lambda x: 2.0**x])
def test_under_no_grad_a_result_is_a_constant_without_history(operation: Callable[[Value], Value]) -> None:
    with no_grad():
        y = operation(Value(3.0))
    assert (y.requires_grad, y.parents, y.is_leaf) == (False, (), True)


def test_under_no_grad_the_numbers_are_the_same() -> None:
    with no_grad():
        assert (Value(3.0) * 2.0).data == 6.0


def test_under_no_grad_a_leaf_made_by_hand_still_requires_a_gradient() -> None:
    with no_grad():
        assert Value(3.0).requires_grad


def test_a_result_of_no_grad_is_a_constant_in_a_later_graph() -> None:
    x = Value(3.0)
    with no_grad():
        y = x * x
    (x * y).backward()
    assert x.grad == 9.0


def test_backward_from_a_result_of_no_grad_says_why_it_cannot() -> None:
    with no_grad():
        y = Value(3.0) * 2.0
    with pytest.raises(RuntimeError, match=r"under no_grad\(\)"):
        y.backward()


def test_a_graph_built_before_is_differentiated_under_no_grad() -> None:
    x = Value(3.0)
    y = x * x
    with no_grad():
        y.backward()
    assert x.grad == 6.0


def test_after_no_grad_operations_are_recorded_again() -> None:
    with no_grad():
        pass
    assert recorded()


def test_no_grad_holds_every_time_it_is_entered() -> None:
    answers = []
    for _ in range(4):
        with no_grad():
            answers.append(recorded())
    assert answers == [False] * 4


def test_no_grad_may_be_nested() -> None:
    with no_grad():
        with no_grad():
            pass
        assert not recorded()


def test_one_no_grad_object_may_be_entered_again() -> None:
    block = no_grad()
    with block:
        with block:
            pass
        assert not recorded()
    assert recorded()


def test_an_exception_ends_no_grad() -> None:
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert recorded()


def test_an_exception_passes_through_no_grad_as_it_is() -> None:
    with pytest.raises(KeyError, match="mine"), no_grad():
        raise KeyError("mine")


def test_no_grad_holds_for_the_current_thread_only() -> None:
    with no_grad():
        assert in_another_thread(recorded)


def test_no_grad_in_another_thread_does_not_hold_here() -> None:
    inside, done = threading.Event(), threading.Event()

    def work() -> None:
        with no_grad():
            inside.set()
            done.wait()

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait()
    here = recorded()
    done.set()
    thread.join()
    assert here


def test_leaving_no_grad_here_does_not_end_it_in_another_thread() -> None:
    inside, left = threading.Event(), threading.Event()
    answers: list[bool] = []

    def work() -> None:
        with no_grad():
            inside.set()
            left.wait()
            answers.append(recorded())

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait()
    with no_grad():
        pass
    left.set()
    thread.join()
    assert answers == [False]


# ---------------------------------------------------------------- enable_grad


def test_enable_grad_records_inside_no_grad() -> None:
    with no_grad(), enable_grad():
        assert recorded()


def test_after_enable_grad_the_no_grad_around_it_holds_again() -> None:
    with no_grad():
        with enable_grad():
            pass
        assert not recorded()


def test_enable_grad_alone_changes_nothing() -> None:
    with enable_grad():
        assert recorded()
    assert recorded()


def test_an_exception_ends_enable_grad() -> None:
    with no_grad():
        with pytest.raises(KeyError), enable_grad():
            raise KeyError
        assert not recorded()


# ---------------------------------------------------------------- as decorators


def test_a_decorated_function_runs_under_no_grad() -> None:
    assert no_grad()(recorded)() is False


def test_a_decorated_function_runs_under_enable_grad() -> None:
    with no_grad():
        assert enable_grad()(recorded)() is True


def test_after_a_decorated_function_operations_are_recorded_again() -> None:
    no_grad()(recorded)()
    assert recorded()


def test_a_decorated_function_keeps_its_name_and_docstring() -> None:
    decorated = no_grad()(recorded)
    assert (decorated.__name__, decorated.__doc__) == (recorded.__name__, recorded.__doc__)


def test_a_decorated_function_gets_its_arguments_and_returns_its_result() -> None:
    @no_grad()
    def scaled(x: Value, *, by: float) -> Value:
        return x * by

    assert scaled(Value(3.0), by=2.0).data == 6.0


def test_a_decorated_function_may_call_itself() -> None:
    @no_grad()
    def power(x: Value, exponent: int) -> Value:
        return x * power(x, exponent - 1) if exponent else x * 0.0 + 1.0

    y = power(Value(2.0), 3)
    assert (y.data, y.requires_grad, recorded()) == (8.0, False, True)


def test_an_exception_in_a_decorated_function_ends_its_block() -> None:
    @no_grad()
    def failing() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        failing()
    assert recorded()


def test_a_decorated_function_runs_under_no_grad_in_every_thread() -> None:
    assert in_another_thread(no_grad()(recorded)) is False


# ---------------------------------------------------------------- scopes


def test_an_operation_knows_the_scope_it_was_made_in() -> None:
    with scope("layer") as layer:
        y = Value(1.0) + 2.0
    assert y.scope is layer


@pytest.mark.parametrize("operation", [lambda x: x.exp(), lambda x: x + 1.0, lambda x: 1.0 - x, lambda x: x**2])
def test_every_kind_of_operation_knows_its_scope(operation: Callable[[Value], Value]) -> None:
    x = Value(1.0)
    with scope("layer") as layer:
        y = operation(x)
    assert y.scope is layer


def test_a_leaf_knows_the_scope_it_was_made_in() -> None:
    with scope("layer") as layer:
        x = Value(1.0)
    assert x.scope is layer


@pytest.mark.parametrize("operation", [lambda x: x - 2.0, lambda x: 2.0 - x], ids=["right", "left"])
def test_the_constant_of_a_plain_number_belongs_to_the_scope_of_its_operation(
    operation: Callable[[Value], Value],
) -> None:
    x = Value(1.0)
    with scope("layer") as layer:
        y = operation(x)
    assert [parent.scope for parent in y.parents if parent.data == 2.0] == [layer]


def test_a_result_of_no_grad_knows_its_scope() -> None:
    with scope("layer") as layer, no_grad():
        y = Value(1.0) + 2.0
    assert y.scope is layer


def test_outside_of_scopes_there_is_none() -> None:
    with scope("layer"):
        pass
    assert (Value(1.0) + 2.0).scope is None


def test_scopes_nest() -> None:
    with scope("layer") as layer, scope("neuron") as neuron:
        pass
    assert neuron.parent is layer


def test_the_path_of_a_scope_starts_outermost() -> None:
    with scope("network"), scope("layer"), scope("neuron") as neuron:
        pass
    assert [part.name for part in neuron.path()] == ["network", "layer", "neuron"]


def test_after_an_inner_scope_the_outer_one_holds_again() -> None:
    with scope("layer") as layer:
        with scope("neuron"):
            pass
        assert (Value(1.0) + 2.0).scope is layer


def test_two_scopes_of_one_name_are_two_scopes() -> None:
    with scope("layer") as one:
        pass
    with scope("layer") as other:
        pass
    assert one is not other


def test_a_scope_holds_every_time_one_is_entered() -> None:
    scopes = []
    for _ in range(4):
        with scope("layer"):
            scopes.append(Value(1.0).scope)
    assert None not in scopes


def test_entering_one_scope_object_twice_makes_two_scopes() -> None:
    block = scope("layer")
    with block as one:
        pass
    with block as other:
        pass
    assert one is not other


def test_a_scope_holds_its_members() -> None:
    weights = [Value(1.0), Value(2.0)]
    with scope("neuron", weights) as neuron:
        pass
    assert [member is weight for member, weight in zip(neuron.members, weights, strict=True)] == [True, True]


def test_an_exception_ends_a_scope() -> None:
    with pytest.raises(KeyError), scope("layer"):
        raise KeyError
    assert Value(1.0).scope is None


def test_a_scope_holds_for_the_current_thread_only() -> None:
    with scope("layer"):
        assert in_another_thread(lambda: Value(1.0).scope) is None


def test_a_scope_shows_its_path() -> None:
    with scope("layer 1"), scope("neuron 2") as neuron:
        pass
    assert repr(neuron) == "Scope('layer 1 / neuron 2')"


@pytest.mark.parametrize("name", [1, None, b"layer", Value(1.0)])
def test_a_scope_not_named_by_text_is_refused(name: Any) -> None:
    with pytest.raises(TypeError, match=f"a scope is named by a str, not {type(name).__name__}"):
        scope(name)


def test_a_scope_changes_neither_numbers_nor_gradients() -> None:
    x = Value(3.0)
    with scope("square"):
        y = x * x
    y.backward()
    assert (y.data, x.grad) == (9.0, 6.0)


def test_entering_a_scope_gives_a_public_scope() -> None:
    with scope("layer") as layer:
        assert isinstance(layer, Scope)


def test_a_generator_function_cannot_be_decorated() -> None:
    with pytest.raises(TypeError, match=r"no_grad\(\) cannot decorate .*write `with no_grad\(\):` inside it"):

        @no_grad()
        def numbers() -> Iterator[Value]:
            yield Value(1.0) * 2.0


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_scope_survives_pickling_by_any_protocol(protocol: int) -> None:
    with scope("layer 1"), scope("neuron 2"):
        y = Value(1.0) * 2.0
    restored = pickle.loads(pickle.dumps(y, protocol))
    assert repr(restored.scope) == "Scope('layer 1 / neuron 2')"
