"""What holds for a stretch of code: `no_grad`, `enable_grad` and `scope`, per thread."""

from __future__ import annotations

import asyncio
import pickle
import threading
import weakref
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest

from autograd import Scope, Value, enable_grad, no_grad, scope
from autograd.compiler.record import record
from autograd.engine import modes

Interrupted = Callable[[Callable[[], Any], int, tuple[str, ...]], KeyboardInterrupt | None]


def recorded() -> bool:
    """Whether operations are recorded just now."""
    return (Value(3.0) * 2.0).requires_grad


def in_another_thread(function: Callable[[], Any]) -> Any:
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(function()))
    thread.start()
    thread.join()
    return answers[0]


def run_tasks(main: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns, run in a thread of its own: in this one a browser's event loop may be running."""
    return in_another_thread(lambda: asyncio.run(main))


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


def test_an_exception_that_is_kept_does_not_keep_no_grad_on() -> None:
    with pytest.raises(KeyError) as kept, no_grad():
        raise KeyError
    assert kept.value.__traceback__ is not None
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
    with scope("layer") as first:
        pass
    with scope("layer") as other:
        pass
    assert first is not other


def test_a_scope_holds_every_time_one_is_entered() -> None:
    scopes = []
    for _ in range(4):
        with scope("layer"):
            scopes.append(Value(1.0).scope)
    assert None not in scopes


def test_entering_one_scope_object_twice_makes_two_scopes() -> None:
    block = scope("layer")
    with block as first:
        pass
    with block as other:
        pass
    assert first is not other


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
    with pytest.raises(TypeError, match=f"the name of a scope is a str, not {type(name).__name__}"):
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


# ---------------------------------------------------------------- entered and left in other ways than by `with`


def test_an_exit_stack_holds_its_blocks_until_it_closes() -> None:
    with ExitStack() as stack:
        stack.enter_context(no_grad())
        layer = stack.enter_context(scope("layer"))
        assert not recorded()
        assert Value(1.0).scope is layer
    assert recorded()
    assert Value(1.0).scope is None


def test_an_exit_stack_that_is_dropped_ends_its_blocks() -> None:
    def forgotten() -> None:
        ExitStack().enter_context(no_grad())

    forgotten()
    assert recorded()


def test_a_block_may_be_entered_and_left_by_hand_in_other_functions() -> None:
    block = no_grad()

    def set_up() -> None:
        block.__enter__()

    def tear_down() -> None:
        block.__exit__(None, None, None)

    set_up()
    assert not recorded()
    tear_down()
    assert recorded()


def test_a_block_entered_twice_by_hand_is_left_twice() -> None:
    block = no_grad()
    block.__enter__()
    block.__enter__()
    block.__exit__(None, None, None)
    assert not recorded()
    block.__exit__(None, None, None)
    assert recorded()


def test_a_block_entered_by_hand_inside_of_its_own_with_statement_outlives_it() -> None:
    block = no_grad()
    with block, enable_grad():
        block.__enter__()
        assert not recorded()
        block.__exit__(None, None, None)
        assert recorded()
    assert recorded()


def test_a_block_entered_by_hand_ends_with_its_object() -> None:
    block = no_grad()
    block.__enter__()
    del block
    assert recorded()


def test_asking_for_the_end_of_a_block_does_not_end_it() -> None:
    block = no_grad()
    with block:
        assert hasattr(block, "__exit__")
        assert not recorded()
    assert recorded()


def test_a_context_manager_of_a_generator_holds_in_its_block() -> None:
    @contextmanager
    def quiet() -> Iterator[None]:
        with no_grad(), scope("quiet"):
            yield

    with quiet():
        assert not recorded()
        assert repr(Value(1.0).scope) == "Scope('quiet')"
    assert recorded()


def test_a_subclass_may_do_more_at_both_ends() -> None:
    done: list[str] = []

    class noted(no_grad):  # noqa: N801
        def __enter__(self) -> None:
            super().__enter__()
            done.append("entered")

        def __exit__(self, *exception: object) -> None:
            super().__exit__(*exception)
            done.append("left")

    with noted():
        assert not recorded()
    assert recorded()
    assert done == ["entered", "left"]


def numbers_without_gradients() -> Generator[bool]:
    with no_grad():
        yield recorded()
        yield recorded()


def test_a_generator_is_inside_of_its_block_each_time_it_goes_on() -> None:
    assert list(numbers_without_gradients()) == [False, False]
    assert recorded()


def test_a_generator_that_is_closed_ends_its_block() -> None:
    numbers = numbers_without_gradients()
    next(numbers)
    numbers.close()
    assert recorded()


def test_a_generator_that_is_dropped_ends_its_block() -> None:
    next(numbers_without_gradients())
    assert recorded()


def test_a_generator_may_end_its_block_inside_of_one_entered_later() -> None:
    numbers = numbers_without_gradients()
    next(numbers)
    with scope("layer") as layer:
        assert not recorded()
        numbers.close()
        assert recorded()
        assert Value(1.0).scope is layer
    assert recorded()


def test_a_block_around_holds_again_when_a_generator_has_left_one_between() -> None:
    with no_grad():
        with enable_grad():
            numbers = numbers_without_gradients()
            next(numbers)
        with scope("layer"):
            numbers.close()
            assert not recorded()


def test_tasks_do_not_see_the_blocks_of_each_other() -> None:
    async def inside(turn: asyncio.Event, other: asyncio.Event) -> tuple[bool, Scope | None]:
        with no_grad(), scope("inside"):
            turn.set()
            await other.wait()
            return recorded(), Value(1.0).scope

    async def outside(turn: asyncio.Event, other: asyncio.Event) -> tuple[bool, Scope | None]:
        await other.wait()
        answers = recorded(), Value(1.0).scope
        turn.set()
        return answers

    async def both() -> tuple[tuple[bool, Scope | None], ...]:
        first, second = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(inside(first, second), outside(second, first))

    assert str(tuple(run_tasks(both()))) == "((False, Scope('inside')), (True, None))"
    assert recorded()


def test_a_task_that_is_cancelled_ends_its_block() -> None:
    async def waiting(begun: asyncio.Event) -> None:
        with no_grad():
            begun.set()
            await asyncio.Event().wait()

    async def main() -> bool:
        begun = asyncio.Event()
        task = asyncio.create_task(waiting(begun))
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return recorded()

    assert run_tasks(main())
    assert not modes.entered


def test_one_block_object_may_be_open_in_two_threads() -> None:
    block = no_grad()
    with block:
        assert in_another_thread(lambda: [recorded(), *entering(block)]) == [True, False, True]
        assert not recorded()
    assert recorded()


def entering(block: Any) -> Iterator[bool]:
    with block:
        yield recorded()
    yield recorded()


def test_a_scope_keeps_members_that_come_from_a_generator() -> None:
    weights = [Value(1.0), Value(2.0)]
    with scope("neuron", (weight for weight in weights)) as neuron:
        pass
    assert [list(map(id, neuron.members)) for _ in range(2)] == [list(map(id, weights))] * 2


def test_nothing_keeps_a_scope_when_its_block_is_over() -> None:
    class Weight(Value):
        """A Value to which there may be weak references."""

    weight = Weight(1.0)
    watched = weakref.ref(weight)
    with scope("neuron", [weight]):
        pass
    del weight
    assert watched() is None


# ---------------------------------------------------------------- Ctrl-C


def with_statement() -> None:
    with no_grad():
        pass
    with scope("layer"), enable_grad():
        pass


@no_grad()
def decorated() -> None:
    pass


def generated() -> None:
    for _ in numbers_without_gradients():
        pass


def failing() -> None:
    with suppress(KeyError), no_grad():
        raise KeyError


def compiling() -> None:
    record(lambda x: x * x, list, 1)


@pytest.mark.parametrize("work", [with_statement, decorated, generated, failing, compiling])
def test_an_interrupt_at_any_step_leaves_nothing_on(work: Callable[[], None], interrupted: Interrupted) -> None:
    step = 1
    while error := interrupted(work, step, (modes.__name__, __name__)):
        assert error.__traceback__ is not None  # it is kept, as a notebook keeps it
        assert (recorded(), Value(1.0).scope, len(modes.entered)) == (True, None, 0), f"interrupted at step {step}"
        step += 1
    assert step > 50


def test_an_interrupt_at_any_step_leaves_the_block_around_it(interrupted: Interrupted) -> None:
    step = 0
    error: KeyboardInterrupt | None = KeyboardInterrupt()
    while error is not None:
        step += 1
        with no_grad(), scope("around") as around:
            error = interrupted(with_statement, step, (modes.__name__, __name__))
            assert (recorded(), Value(1.0).scope is around) == (False, True), f"interrupted at step {step}"
    assert step > 100


@pytest.mark.parametrize("mode", [no_grad, enable_grad])
def test_a_decorator_without_its_parentheses_is_an_error(mode: Any) -> None:
    name = mode.__name__
    with pytest.raises(
        TypeError, match=rf"^{name} takes no arguments: write `with {name}\(\):`, or `@{name}\(\)` above"
    ):
        mode(lambda x: x)
