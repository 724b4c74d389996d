"""Functions, modules and tensors of PyTorch, checked as they are."""

from __future__ import annotations

import re
from typing import Any

import pytest

from autograd.testing import check_gradient, check_hessian, check_jvp, check_vjp, from_torch

torch: Any = pytest.importorskip("torch", reason="checked beside PyTorch by `make peers`")
# PyTorch's own forward mode calls a function that PyTorch deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")
torch.set_num_threads(1)  # for tensors this small, threads cost more than they save


class Affine(torch.autograd.Function):  # type: ignore[misc]
    """scale (x w), and its backward pass, in the style with a context."""

    @staticmethod
    def forward(context: Any, x: Any, w: Any, scale: float = 1.0) -> Any:
        context.save_for_backward(x, w)
        context.scale = scale
        return scale * (x @ w)

    @staticmethod
    def backward(context: Any, g: Any) -> Any:
        x, w = context.saved_tensors
        return context.scale * (g @ w.T), context.scale * (x.T @ g), None


class Square(torch.autograd.Function):  # type: ignore[misc]
    """The square, in the style with `setup_context`, in both modes."""

    @staticmethod
    def forward(x: Any) -> Any:
        return x * x

    @staticmethod
    def setup_context(context: Any, inputs: Any, output: Any) -> None:  # noqa: ARG004
        context.save_for_backward(*inputs)
        context.save_for_forward(*inputs)

    @staticmethod
    def backward(context: Any, g: Any) -> Any:
        return 2 * context.saved_tensors[0] * g

    @staticmethod
    def jvp(context: Any, tangent: Any) -> Any:
        return 2 * context.saved_tensors[0] * tangent


class Loss(torch.autograd.Function):  # type: ignore[misc]
    """A squared error, whose targets have no gradient."""

    @staticmethod
    def forward(context: Any, x: Any, target: Any) -> Any:
        context.save_for_backward(x, target)
        return ((x - target) ** 2).sum()

    @staticmethod
    def backward(context: Any, g: Any) -> Any:
        x, target = context.saved_tensors
        return 2 * g * (x - target), None


def drawn(*shape: int, kind: Any = torch.float64, seed: int = 0) -> Any:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(kind)


def names(report: Any) -> set[str]:
    """What was checked: the places, without indices and cotangents."""
    return {re.sub(r"(\[[\d, ]+\])?, cotangent.*", "", row.name.removeprefix("d/d")) for row in report}


# ---------------------------------------------------------------- functions


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_a_right_backward_pass_passes_in_every_type(kind: Any) -> None:
    report = check_vjp(*from_torch(Affine), drawn(4, 3, kind=kind), drawn(3, 2, kind=kind, seed=1), 0.5)
    assert report, str(report)
    assert names(report) == {"x", "w"}


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_a_turned_sign_is_found_in_every_type(kind: Any) -> None:
    class Wrong(Affine):
        @staticmethod
        def backward(context: Any, g: Any) -> Any:
            dx, dw, _ = Affine.backward(context, g)
            return dx, -dw, None

    report = check_vjp(*from_torch(Wrong), drawn(4, 3, kind=kind), drawn(3, 2, kind=kind, seed=1), 0.5)
    assert {row.name[:4] for row in report.failures} == {"d/dw"}
    assert report.verdict == "wrong"


def test_an_entry_that_is_wrong_by_a_millionth_is_found_in_float32_too() -> None:
    class Wrong(Affine):
        @staticmethod
        def backward(context: Any, g: Any) -> Any:
            dx, dw, _ = Affine.backward(context, g)
            dw[1, 0] *= 1 + 1e-6
            return dx, dw, None

    report = check_vjp(*from_torch(Wrong), drawn(4, 3, kind=torch.float32), drawn(3, 2, kind=torch.float32, seed=1))
    assert {row.name for row in report.failures} == {f"d/dw[1, 0], cotangent {number}" for number in (1, 2)}


def test_a_function_is_taken_by_its_apply_and_with_setup_context_too() -> None:
    assert names(check_vjp(*from_torch(Affine.apply), drawn(2, 2), drawn(2, 2))) == {"x", "w"}
    report = check_vjp(*from_torch(Square), drawn(3))
    assert report, str(report)
    assert names(report) == {"x"}


def test_both_modes_of_a_function_agree() -> None:
    f, vjp = from_torch(Square)
    _, jvp = from_torch(Square, mode="forward")
    report = check_jvp(f, jvp, drawn(3, kind=torch.float32), vjp=vjp)
    assert report, str(report)


def test_a_wrong_forward_mode_is_found() -> None:
    class Wrong(Square):
        @staticmethod
        def jvp(context: Any, tangent: Any) -> Any:
            return context.saved_tensors[0] * tangent

    assert check_jvp(*from_torch(Wrong, mode="forward"), drawn(3)).verdict == "wrong"


def test_of_several_results_those_that_are_no_floats_are_passed_over() -> None:
    report = check_vjp(*from_torch(lambda x: torch.sort(x, dim=0)), drawn(5))
    assert report, str(report)
    report = check_jvp(*from_torch(lambda x: torch.sort(x, dim=0), mode="forward"), drawn(5))
    assert report, str(report)


def test_the_gradient_of_a_gradient_is_checked() -> None:
    def gradient(x: Any) -> Any:
        return torch.autograd.grad(Square.apply(x).sum(), x, create_graph=True)[0]

    report = check_vjp(*from_torch(gradient), drawn(3).requires_grad_())
    assert report, str(report)


def test_tensors_that_require_a_gradient_hold_the_others_fixed() -> None:
    x, target = drawn(3, kind=torch.float32).requires_grad_(), drawn(3, kind=torch.float32, seed=1)
    report = check_vjp(*from_torch(Loss), x, target)
    assert report, str(report)
    assert names(report) == {"x"}


def test_an_argument_that_argnums_leaves_out_needs_no_gradient() -> None:
    report = check_vjp(*from_torch(Loss), drawn(3), drawn(3, seed=1), argnums=0)
    assert report, str(report)


def test_none_as_the_gradient_of_what_matters_is_refused_with_a_word() -> None:
    with pytest.raises(
        TypeError,
        match="with respect to target is None: to leave target out",
    ):
        check_vjp(*from_torch(Loss), drawn(3), drawn(3, seed=1))


def test_none_as_the_gradient_of_what_does_not_matter_is_zero() -> None:
    report = check_vjp(*from_torch(lambda x, unused: x * x), drawn(3), drawn(2))
    assert report, str(report)
    assert names(report) == {"x", "unused"}


def test_a_result_cut_off_from_the_argument_is_refused() -> None:
    with pytest.raises(TypeError, match="with respect to x is None"):
        check_vjp(*from_torch(lambda x: (x * x).detach()), drawn(3))


def test_axes_keep_their_order_in_memory() -> None:
    strides = []

    def f(x: Any) -> Any:
        strides.append(x.stride())
        return x.sum()

    assert check_vjp(*from_torch(f), drawn(2, 3).T)
    assert set(strides) == {(1, 3)}


def test_a_function_in_place_is_named() -> None:
    with pytest.raises(ValueError, match="changes its argument x in place; let it work on a copy"):
        check_vjp(*from_torch(lambda x: x.mul_(2)), drawn(3))


# ---------------------------------------------------------------- modules


def network(*layers: Any) -> Any:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), *layers, torch.nn.GELU(), torch.nn.Linear(4, 2))


def test_the_parameters_of_a_module_are_checked_by_name() -> None:
    report = check_vjp(*from_torch(network()), drawn(2, 3, kind=torch.float32))
    assert report, str(report)
    parameters = {f"parameters['{layer}.{name}']" for layer in (0, 2) for name in ("weight", "bias")}
    assert names(report) == {*parameters, "input"}


def test_a_wrong_gradient_of_a_parameter_is_found() -> None:
    class Wrong(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.w = torch.nn.Parameter(drawn(3, 2))
            self.b = torch.nn.Parameter(drawn(2))

        def forward(self, x: Any) -> Any:
            return Affine.apply(x, self.w) + self.b.detach() * self.b

    report = check_vjp(*from_torch(Wrong()), drawn(4, 3))
    assert {row.name[: len("d/dparameters['b']")] for row in report.failures} == {"d/dparameters['b']"}


def test_frozen_parameters_are_held_fixed() -> None:
    module = network()
    module[0].requires_grad_(False)
    report = check_vjp(*from_torch(module), drawn(2, 3, kind=torch.float32))
    assert report, str(report)
    assert names(report) == {"parameters['2.weight']", "parameters['2.bias']", "input"}


def test_a_module_of_indices_is_checked_at_its_parameters() -> None:
    report = check_vjp(*from_torch(torch.nn.Embedding(4, 2)), torch.tensor([0, 2, 2]))
    assert report, str(report)
    assert names(report) == {"parameters['weight']"}


def test_a_module_without_parameters_is_checked_at_its_input() -> None:
    assert names(check_vjp(*from_torch(torch.nn.Softplus()), drawn(3))) == {"input"}


def test_dropout_drops_the_same_in_every_evaluation_and_leaves_the_random_numbers_of_others() -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    report = check_vjp(*from_torch(network(torch.nn.Dropout(0.5)).train()), drawn(2, 3, kind=torch.float32))
    assert report, str(report)
    torch.manual_seed(1)
    check_vjp(*from_torch(torch.nn.Dropout(0.5)), drawn(3))
    assert torch.equal(torch.rand(3), expected)


def test_a_module_in_train_mode_keeps_its_buffers() -> None:
    module = torch.nn.BatchNorm1d(2)
    before = {name: buffer.clone() for name, buffer in module.named_buffers()}
    report = check_vjp(*from_torch(module), drawn(5, 2, kind=torch.float32))
    assert report, str(report)
    assert all(torch.equal(before[name], buffer) for name, buffer in module.named_buffers())


def test_a_module_is_checked_in_forward_mode() -> None:
    f, jvp, parameters = from_torch(network(), mode="forward")
    _, vjp, _ = from_torch(network())
    report = check_jvp(f, jvp, parameters, drawn(2, 3, kind=torch.float32), vjp=vjp)
    assert report, str(report)


# ---------------------------------------------------------------- without the adapter


def test_tensors_that_require_a_gradient_come_as_such() -> None:
    def gradient(x: Any) -> Any:
        return torch.autograd.grad((x**3).sum(), x)[0]

    for x in (drawn(3).requires_grad_(), drawn(3).requires_grad_() * 1.0):
        report = check_gradient(lambda x: (x**3).sum(), gradient, x)
        assert report, str(report)


def test_a_cotangent_requires_no_gradient() -> None:
    def vjp(g: Any, x: Any) -> Any:
        return 2 * g.numpy() * x.detach().numpy()

    report = check_vjp(lambda x: x * x, vjp, drawn(3).requires_grad_())
    assert report, str(report)


def test_hessians_of_pytorch_are_checked() -> None:
    def f(x: Any) -> Any:
        return (x**3).sum() + x[0] * x[1]

    report = check_hessian(f, torch.func.grad(f), torch.func.hessian(f), drawn(3))
    assert report, str(report)
    assert not check_hessian(f, torch.func.grad(f), lambda x: 2 * torch.func.hessian(f)(x), drawn(3))


def test_a_number_of_float64_is_not_rounded() -> None:
    seen = []

    def f(x: Any) -> Any:
        seen.append(x.item())
        return 3 * x

    assert check_gradient(f, lambda x: 3.0, torch.tensor(0.1, dtype=torch.float64))
    assert seen[0] == 0.1


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (3, "takes a torch.autograd.Function, a module or a function of tensors, not 3$"),
        (torch.nn.ReLU, r"give it one of its instances, ReLU\(...\)"),
    ],
)
def test_what_is_no_function_is_refused(function: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        from_torch(function)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match='mode must be "reverse" or "forward", not \'both\''):
        from_torch(Square, mode="both")  # type: ignore[arg-type]


def test_arguments_that_are_no_tensors_are_refused() -> None:
    with pytest.raises(TypeError, match="no tensor of floats among the arguments"):
        check_vjp(*from_torch(Square), 2.0)


def test_a_fixed_argument_in_forward_mode_is_refused_with_a_word() -> None:
    with pytest.raises(TypeError, match=r"1 tangents for 2 arguments: .*with a lambda instead of argnums="):
        check_jvp(*from_torch(torch.mul, mode="forward"), drawn(2), drawn(2), argnums=0)
