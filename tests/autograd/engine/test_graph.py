"""The graph: its order, its depth, its copies, its form on disk, and passes through it from several threads."""

from __future__ import annotations

import copy
import gc
import itertools
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import autograd
from autograd import Nary, Unary, Value, gradients, scope, topological_order
from autograd.engine import graph

DEEP = 300_000
"""Far more than Python's stack could hold, if anything recursed."""


def chain(leaf: Value, length: int) -> Value:
    total = leaf
    for _ in range(length):
        total = total + leaf
    return total


# ---------------------------------------------------------------- topological order


def test_parents_come_before_children() -> None:
    x, y = Value(0.5), Value(-0.25)
    product = x * y
    root = (product.sin() + product) * (x - product.exp()) + autograd.maximum(product, y)
    order = topological_order(root)
    position = {node: index for index, node in enumerate(order)}
    assert all(position[parent] < position[node] for node in order for parent in node.parents)


@pytest.mark.parametrize("build", [lambda b: b.sin() + b, lambda b: b + b.sin()], ids=["right", "left"])
def test_an_operand_computed_from_the_other_operand_comes_after_it(build: Callable[[Value], Value]) -> None:
    root = build(Value(2.0) * 3.0)
    operations = [node for node in topological_order(root) if node.op]
    assert [node.op.name for node in operations if node.op] == ["multiply", "sin", "add"]


def test_leaves_come_first_and_the_root_comes_last() -> None:
    x, y = Value(0.5), Value(-0.25)
    root = (x * y).sin() + (y + 1.0) * x
    order = topological_order(root)
    leaves = [node.is_leaf for node in order]
    assert leaves == sorted(leaves, reverse=True)
    assert order[-1] is root


def test_every_node_comes_once() -> None:
    x = Value(0.5)
    y = x * x
    order = topological_order(y * y + y * x + y)
    assert len(order) == len(set(order)) == 6


def test_a_leaf_alone_is_its_whole_order() -> None:
    x = Value(0.5)
    (only,) = topological_order(x)
    assert only is x


def test_constants_are_in_the_order() -> None:
    constant = Value(2.0, requires_grad=False)
    assert constant in set(topological_order(Value(3.0) * constant))


def test_a_plain_number_is_in_the_order_as_a_constant() -> None:
    order = topological_order(Value(3.0) * 2.0)
    assert {(node.data, node.requires_grad) for node in order if node.is_leaf} == {(3.0, True), (2.0, False)}


# ---------------------------------------------------------------- deep graphs


@pytest.mark.slow
def test_a_chain_of_a_million_nodes_is_built_differentiated_and_freed() -> None:
    leaf = Value(1.0)
    root = chain(leaf, 1_000_000)
    root.backward()
    del root
    assert leaf.grad == 1_000_001.0


@pytest.mark.slow
def test_a_deep_chain_that_leans_to_the_right_is_differentiated() -> None:
    leaf = Value(1.0)
    total = leaf
    for _ in range(DEEP):
        total = 1.0 + total
    total.backward()
    assert leaf.grad == 1.0


@pytest.mark.slow
def test_a_deep_chain_has_gradients() -> None:
    leaf = Value(1.0)
    assert gradients(chain(leaf, DEEP), [leaf]) == [DEEP + 1.0]


@pytest.mark.slow
def test_a_deep_chain_has_gradients_as_values() -> None:
    leaf = Value(1.0)
    total = leaf
    for _ in range(DEEP):
        total = total * 1.0 + leaf
    (slope,) = gradients(total, [leaf], create_graph=True)
    assert slope.data == DEEP + 1.0


def test_a_deep_chain_of_derivatives_is_differentiated() -> None:
    leaf = Value(0.001)
    total = leaf
    for _ in range(10_000):
        total = total.sin()
    (slope,) = gradients(total, [leaf], create_graph=True)
    assert gradients(slope, [leaf])[0] < 0.0


@pytest.mark.slow
def test_a_deep_chain_has_an_order() -> None:
    assert len(topological_order(chain(Value(1.0), DEEP))) == DEEP + 1


@pytest.mark.slow
def test_a_deep_chain_is_deep_copied() -> None:
    root = copy.deepcopy(chain(Value(1.0), DEEP))
    root.backward()
    (leaf, *_) = topological_order(root)
    assert leaf.grad == DEEP + 1.0


@pytest.mark.slow
def test_a_deep_chain_is_pickled() -> None:
    root = pickle.loads(pickle.dumps(chain(Value(1.0), DEEP)))
    root.backward()
    (leaf, *_) = topological_order(root)
    assert leaf.grad == DEEP + 1.0


@pytest.mark.slow
def test_many_values_are_summed_by_the_function_sum() -> None:
    leaf = Value(1.0)
    autograd.sum([leaf] * DEEP).backward()
    assert leaf.grad == float(DEEP)


@pytest.fixture
def no_garbage_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


class Watched(Value):
    """A leaf of which a test can see when it is freed."""


@pytest.mark.usefixtures("no_garbage_collector")
def test_a_graph_is_freed_as_soon_as_its_root_is_dropped() -> None:
    leaf = Watched(2.0)
    watch = weakref.ref(leaf)
    root = (leaf * leaf).exp() + leaf
    root.backward()
    del leaf, root
    assert watch() is None


# ---------------------------------------------------------------- copies


def test_a_copy_of_a_leaf_is_another_leaf_with_the_same_contents() -> None:
    x = Value(3.0, label="x")
    x.grad = 2.0
    twin = copy.copy(x)
    assert twin is not x
    assert (twin.data, twin.grad, twin.label, twin.requires_grad, twin.is_leaf) == (3.0, 2.0, "x", True, True)


def test_changing_a_copy_leaves_the_original() -> None:
    x = Value(3.0)
    copy.copy(x).data = 5.0
    assert x.data == 3.0


def test_a_copy_of_a_result_has_the_same_parents() -> None:
    x, y = Value(3.0), Value(4.0)
    left, right = copy.copy(x * y).parents
    assert left is x
    assert right is y


def test_a_copy_of_a_constant_is_a_constant() -> None:
    assert copy.copy(Value(3.0, requires_grad=False)).requires_grad is False


def test_backward_from_a_deep_copy_leaves_the_original_alone() -> None:
    x = Value(3.0)
    copy.deepcopy(x * x).backward()
    assert x.grad == 0.0


def test_a_deep_copy_has_the_gradient_of_the_original() -> None:
    root = copy.deepcopy(Value(3.0, label="x") ** 2)
    root.backward()
    assert root.parents[0].grad == 6.0


def test_a_deep_copy_keeps_what_is_shared_shared() -> None:
    x = Value(3.0)
    middle = x * 2.0
    left, right = copy.deepcopy(middle.exp() + middle.sin()).parents
    assert left.parents[0] is right.parents[0]


def test_a_deep_copy_keeps_labels_gradients_and_constants() -> None:
    x, constant = Value(3.0, label="x"), Value(2.0, label="c", requires_grad=False)
    root = x * constant
    root.label = "root"
    root.backward()
    twin = copy.deepcopy(root)
    assert [repr(node) for node in topological_order(twin)] == [repr(node) for node in topological_order(root)]


def test_two_roots_in_one_deep_copy_keep_sharing() -> None:
    x = Value(3.0)
    middle = x * 2.0
    first, other, leaf = copy.deepcopy([middle.exp(), middle.sin(), x])
    assert first.parents[0] is other.parents[0]
    assert first.parents[0].parents[0] is leaf


def test_a_root_and_its_intermediate_in_one_deep_copy_stay_one_graph() -> None:
    middle = Value(3.0) * 2.0
    copy_of_middle, root = copy.deepcopy((middle, middle.exp()))
    assert root.parents[0] is copy_of_middle


def test_a_changed_leaf_is_copied_without_changing_the_gradient_of_the_forward_point() -> None:
    x = Value(3.0)
    y = x * x
    x.data = 100.0
    twin = copy.deepcopy(y)
    twin.backward()
    assert twin.parents[0].grad == 6.0


# ---------------------------------------------------------------- on disk


def pickled(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_leaf_comes_back_from_disk_with_its_contents(protocol: int) -> None:
    x = Value(3.0, label="x", requires_grad=False)
    x.grad = 2.0
    back = pickle.loads(pickle.dumps(x, protocol))
    assert (back.data, back.grad, back.label, back.requires_grad, back.is_leaf) == (3.0, 2.0, "x", False, True)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_graph_comes_back_from_disk_differentiable(protocol: int) -> None:
    root = pickle.loads(pickle.dumps(Value(3.0) ** 2, protocol))
    root.backward()
    assert root.parents[0].grad == 6.0


def test_a_graph_comes_back_from_disk_with_labels_gradients_and_constants() -> None:
    x, constant = Value(3.0, label="x"), Value(2.0, label="c", requires_grad=False)
    middle = x * constant
    middle.label = "middle"
    root = middle.exp() + middle - 1.0
    root.backward()
    assert [repr(node) for node in topological_order(pickled(root))] == [repr(node) for node in topological_order(root)]


def test_a_graph_comes_back_from_disk_with_what_is_shared_shared() -> None:
    middle = Value(3.0) * 2.0
    left, right = pickled(middle.exp() + middle.sin()).parents
    assert left.parents[0] is right.parents[0]


def test_a_leaf_pickled_with_a_graph_stays_the_leaf_of_that_graph() -> None:
    weight = Value(3.0)
    loss, leaf = pickled((weight * weight, weight))
    assert loss.parents[0] is leaf


def test_two_graphs_in_one_pickle_keep_sharing_their_leaves() -> None:
    weight = Value(3.0)
    first, other = pickled((weight.exp(), weight.sin()))
    assert first.parents[0] is other.parents[0]


def test_a_changed_leaf_comes_back_from_disk_with_the_gradient_of_the_forward_point() -> None:
    x = Value(3.0)
    y = x * x
    x.data = 100.0
    back = pickled(y)
    back.backward()
    assert (back.parents[0].data, back.parents[0].grad) == (100.0, 6.0)


def test_a_plain_number_comes_back_from_disk_as_a_constant() -> None:
    assert pickled(Value(3.0) * 2.0).parents[1].requires_grad is False


# ---------------------------------------------------------------- subclasses and scopes


class Parameter(Value):
    """A Value with attributes of its own."""

    def __init__(self, data: float, *, trainable: bool = True, history: list[float] | None = None) -> None:
        super().__init__(data, label="parameter")
        self.trainable = trainable
        self.history = history


class Slotted(Value):
    """A Value with an attribute in a slot of its own."""

    __slots__ = ("rate",)

    def __init__(self, data: float, rate: float) -> None:
        super().__init__(data)
        self.rate = rate


DUPLICATES = pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickled])


@DUPLICATES
def test_a_subclass_stays_itself(duplicate: Callable[[Any], Any]) -> None:
    assert type(duplicate(Parameter(1.0))) is Parameter


@DUPLICATES
def test_a_subclass_keeps_its_attributes(duplicate: Callable[[Any], Any]) -> None:
    assert duplicate(Parameter(1.0, trainable=False)).trainable is False


@DUPLICATES
def test_a_subclass_keeps_its_slots(duplicate: Callable[[Any], Any]) -> None:
    assert duplicate(Slotted(1.0, rate=0.5)).rate == 0.5


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
def test_a_leaf_of_a_subclass_stays_itself_within_a_graph(duplicate: Callable[[Any], Any]) -> None:
    leaf = duplicate(Parameter(1.0, trainable=False) * 2.0).parents[0]
    assert (type(leaf), leaf.trainable) == (Parameter, False)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
def test_an_attribute_of_a_subclass_is_copied_deeply(duplicate: Callable[[Any], Any]) -> None:
    parameter = Parameter(1.0, history=[1.0])
    duplicate(parameter).history.append(2.0)
    assert parameter.history == [1.0]


def test_an_attribute_of_a_subclass_is_shared_by_a_shallow_copy() -> None:
    parameter = Parameter(1.0, history=[1.0])
    assert copy.copy(parameter).history is parameter.history


def test_the_result_of_an_operation_on_a_subclass_is_a_plain_value() -> None:
    assert type(Parameter(1.0) * 2.0) is Value


@DUPLICATES
def test_a_node_keeps_its_scope(duplicate: Callable[[Any], Any]) -> None:
    with scope("layer"), scope("neuron"):
        y = Value(1.0) * 2.0
    assert [part.name for part in duplicate(y).scope.path()] == ["layer", "neuron"]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
def test_two_nodes_of_one_scope_stay_in_one_scope(duplicate: Callable[[Any], Any]) -> None:
    with scope("layer"):
        y = (Value(1.0) * 2.0).exp()
    twin = duplicate(y)
    assert twin.scope is twin.parents[0].scope


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
def test_the_members_of_a_scope_stay_the_leaves_of_the_graph(duplicate: Callable[[Any], Any]) -> None:
    weight = Value(3.0)
    with scope("neuron", [weight]):
        y = weight * 2.0
    twin = duplicate(y)
    assert twin.scope.members[0] is twin.parents[0]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
def test_a_scope_whose_member_is_an_operation_inside_it_is_duplicated(duplicate: Callable[[Any], Any]) -> None:
    members: list[Value] = []
    with scope("neuron", members):
        y = Value(3.0) * 2.0
        members.append(y)
    assert duplicate(y).scope.members[0].data == 6.0


# ---------------------------------------------------------------- threads and interruptions


def run_at_once(threads: list[threading.Thread]) -> None:
    """Runs threads to their ends, switching between them as often as Python can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)


def test_passes_in_two_threads_through_shared_leaves_add_up_exactly() -> None:
    leaves = [Value(float(index)) for index in range(50)]
    rounds = 200
    start = threading.Barrier(2)

    def work(weight: float) -> None:
        root = autograd.sum(leaf * weight for leaf in leaves)
        start.wait()
        for _ in range(rounds):
            root.backward()

    run_at_once([threading.Thread(target=work, args=(weight,)) for weight in (1.0, 1000.0)])
    assert [leaf.grad for leaf in leaves] == [rounds * 1001.0] * len(leaves)


def test_passes_in_two_threads_through_one_graph_add_up_exactly() -> None:
    leaf = Value(1.0)
    root = chain(leaf * 1.0, 20) * 1.0
    rounds = 300
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        for _ in range(rounds):
            root.backward()

    run_at_once([threading.Thread(target=work) for _ in range(2)])
    assert leaf.grad == 2.0 * rounds * 21.0


def raising(error: BaseException) -> Unary:
    """A primitive whose derivative raises."""

    def partial_x(self: object, x: float, out: float) -> float:
        raise error

    rules = {"forward": lambda self, x: x, "partial_x": partial_x}
    primitive: Unary = type("Raising", (Unary,), {"name": "raising", "samples": (1.0,), **rules})()
    return primitive


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), RuntimeError("user"), SystemExit()])
def test_a_pass_that_is_interrupted_leaves_the_gradients_of_leaves_as_they_were(error: BaseException) -> None:
    x, y = Value(2.0), Value(3.0)
    x.grad, y.grad = 10.0, 20.0
    root = raising(error)(x) * y + y * 5.0
    with pytest.raises(type(error)):
        root.backward()
    assert (x.grad, y.grad) == (10.0, 20.0)


@pytest.mark.usefixtures("table")
def test_after_an_interrupted_pass_the_next_one_is_right() -> None:
    x, y = Value(2.0), Value(3.0)
    product = x * y
    with pytest.raises(KeyboardInterrupt):
        (raising(KeyboardInterrupt())(product) + product).backward()
    (product * 2.0).backward()
    assert (x.grad, y.grad) == (6.0, 4.0)


@pytest.mark.usefixtures("table")
def test_an_interrupted_pass_does_not_lock_out_other_threads() -> None:
    x = Value(2.0)
    with pytest.raises(KeyboardInterrupt):
        raising(KeyboardInterrupt())(x).backward()
    thread = threading.Thread(target=(x * 3.0).backward, daemon=True)
    thread.start()
    thread.join(timeout=60.0)
    assert x.grad == 3.0


@pytest.mark.usefixtures("table")
def test_a_partial_may_run_a_pass_of_its_own() -> None:
    def partial_x(self: object, x: float, out: float) -> float:
        inner = Value(x)
        (inner * inner).backward()
        return inner.grad

    rules = {"forward": lambda self, x: x * x, "partial_x": partial_x}
    square = type("Square", (Unary,), {"name": "square", "samples": (1.0,), **rules})()
    x = Value(3.0)
    square(x).backward()
    assert x.grad == 6.0


def test_a_walk_ends_where_it_is_told_to_and_leaves_no_mark() -> None:
    x = Value(2.0)
    y = x * 3.0
    z = y + x
    assert autograd.engine.graph.ancestors(z, [y]) == ([x], [z])
    assert autograd.engine.graph.ancestors(z, [z]) == ([], [])
    assert autograd.engine.graph.ancestors(z) == ([x], [y, z])


# ---------------------------------------------------------------- the numbers of walks


class Busy(list[Value]):
    """The parents of a node: a walk that asks for them does something else first, once."""

    def __init__(self, parents: list[Value], work: Callable[[], object]) -> None:
        super().__init__(parents)
        self.work = work

    def __reversed__(self) -> Iterator[Value]:
        work, self.work = self.work, lambda: None
        work()
        return super().__reversed__()


class Sum(Nary):
    """The sum of its parents."""

    def partials(self) -> list[float]:
        return [1.0] * len(self.parents)


def busy_graph(work: Callable[[Value, Value], object]) -> tuple[Value, Value]:
    """A leaf, and a root whose walk does some work on both of them in the middle."""
    x = Value(3.0)
    square = x * x
    total = Sum("sum", [square, x], [9.0, 3.0])
    root = autograd.engine.value.result_of(total, 12.0) * square
    total.parents = Busy(total.parents, lambda: work(x, root))
    return x, root


def test_after_a_walk_that_was_interrupted_the_next_one_finds_all() -> None:
    def interrupt(x: Value, root: Value) -> None:
        raise KeyboardInterrupt

    x, root = busy_graph(interrupt)
    with pytest.raises(KeyboardInterrupt):
        root.backward()
    assert x.grad == 0.0
    root.backward()
    assert x.grad == 7.0 * 9.0 + 12.0 * 6.0


def test_a_walk_inside_of_a_walk_leaves_the_order_right() -> None:
    x, root = busy_graph(lambda x, root: autograd.topological_order(root))
    assert [node.op.title if node.op else "leaf" for node in autograd.topological_order(root)] == [
        "leaf",
        "×",
        "sum",
        "×",
    ]
    x, root = busy_graph(lambda x, root: gradients(root, [x]))
    root.backward()
    assert x.grad == 7.0 * 9.0 + 12.0 * 6.0


@pytest.mark.usefixtures("table")
def test_a_partial_may_run_a_pass_through_a_leaf_of_the_pass_around_it() -> None:
    x, y = Value(2.0), Value(3.0)
    other = y * 10.0

    def partial_x(self: object, x: float, out: float) -> float:
        other.backward()
        return 1.0

    rules = {"forward": lambda self, x: x, "partial_x": partial_x}
    same = type("Same", (Unary,), {"name": "same", "samples": (1.0,), **rules})()
    x.grad, y.grad = 100.0, 500.0
    (same(x) * y).backward()
    assert (x.grad, y.grad) == (103.0, 512.0)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickled])
@pytest.mark.parametrize("kind", [Value, lambda data: Slotted(data, 0.5)], ids=["a Value", "of a subclass"])
def test_a_duplicate_was_visited_by_no_walk(duplicate: Callable[[Any], Any], kind: Callable[[float], Value]) -> None:
    x = kind(3.0)
    (x * x).backward()
    assert x._visit > 0
    assert duplicate(x)._visit == 0


def test_a_graph_that_another_process_has_walked_over_is_walked_over_again() -> None:
    program = """
import pickle, sys
from autograd import Value, topological_order

class Weight(Value):
    __slots__ = ("rate",)

weight, x = Weight(3.0), Value(2.0)
weight.rate = 0.5
"""
    walked = "[(weight * x).backward() for _ in range(100)]; print(pickle.dumps((weight * x, weight, x)).hex())"
    written = subprocess.run([sys.executable, "-c", program + walked], check=True, capture_output=True, text=True)
    read = (
        f"root, weight, x = pickle.loads(bytes.fromhex('{written.stdout.strip()}'))\n"
        "root.backward(); print(weight.grad, weight.rate, x.grad, len(topological_order(root)))"
    )
    answer = subprocess.run([sys.executable, "-c", program + read], check=True, capture_output=True, text=True)
    assert answer.stdout == "202.0 0.5 303.0 3\n"


# ---------------------------------------------------------------- Ctrl-C


WALKS: dict[str, Callable[[Value, Value], object]] = {
    "backward": lambda y, x: y.backward(),
    "gradients": lambda y, x: gradients(y, [x]),
    "second derivatives": lambda y, x: gradients(y, [x], create_graph=True),
    "topological_order": lambda y, x: autograd.topological_order(y),
}


@pytest.mark.slow
@pytest.mark.skipif(autograd.backend() == "native", reason="native code has no steps, and no signal comes between them")
@pytest.mark.skipif(sys.version_info[:2] == (3, 14), reason="CPython may skip the end of a with statement: gh-148874")
@pytest.mark.parametrize("walk", WALKS)
def test_a_walk_interrupted_at_any_step_leaves_the_graph_and_the_gradients_as_they_were(
    walk: str, interrupted: Callable[[Callable[[], Any], int, tuple[str, ...]], KeyboardInterrupt | None]
) -> None:
    x = Value(3.0)
    y = x * x + autograd.exp(x * 0.0)
    x.grad = 1.0
    step = 1
    while interrupted(
        lambda: WALKS[walk](y, x), step, ("autograd.engine.graph", "autograd.engine.value", "autograd.functional")
    ):
        assert x.grad in (1.0, 7.0), f"interrupted at step {step}"
        x.grad = 1.0
        y.backward()
        assert (x.grad, gradients(y, [x]), len(autograd.topological_order(y))) == (7.0, [6.0], 6), f"at step {step}"
        x.grad = 1.0
        step += 1
    assert step > 200


@pytest.mark.skipif(autograd.backend() == "native", reason="native code cannot be traced")
def test_a_walk_at_any_instant_of_another_harms_neither() -> None:
    x = Value(1.5)
    y = autograd.exp(x) * x
    y.backward()
    slope, earlier = x.grad, sys.gettrace()
    instants = 0

    def trace(frame: Any, event: str, _: Any) -> Any:
        nonlocal instants
        if frame.f_code is not graph.ancestors.__code__:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            instants += 1
            if instants == instant:
                sys.settrace(None)
                topological_order(y)
        return trace

    for instant in itertools.count(1):
        x.grad, instants = 0.0, 0
        sys.settrace(trace)
        try:
            y.backward()
        finally:
            sys.settrace(earlier)
        assert x.grad == slope
        if instants < instant:
            break
    assert instants > 100
