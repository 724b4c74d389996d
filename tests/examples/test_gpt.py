"""The GPT of single numbers: its equations, its training, its words, its command line."""

from __future__ import annotations

import gc
import importlib.util
import math
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autograd import Value, draw, gradcheck, no_grad, topological_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PATH = Path(__file__).parents[2] / "examples" / "gpt.py"


def imported(path: Path) -> Any:
    specification = importlib.util.spec_from_file_location("examples_gpt", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


gpt = imported(PATH)
TINY = ["--embedding", "4", "--heads", "2", "--context", "8", "--steps", "3", "--samples", "5"]


def tiny_model(seed: int = 0, **sizes: int) -> Any:
    """A model in which every number is large enough to matter."""
    model = gpt.GPT(**{"embedding": 4, "heads": 2, "layers": 1, "context": 8} | sizes, rng=random.Random(seed))
    rng = random.Random(seed + 1)
    for parameter in model.parameters():
        parameter.data = rng.gauss(0.0, 0.5)
    return model


def logits_of(model: Any, tokens: Sequence[int]) -> list[list[float]]:
    memory = model.new_memory()
    with no_grad():
        return [[logit.data for logit in model(token, position, memory)] for position, token in enumerate(tokens)]


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["gpt.py", *map(str, arguments)])
    gpt.main()


# ---------------------------------------------------------------- the equations


@pytest.mark.slow
def test_every_kind_of_parameter_has_the_derivative_that_differences_find() -> None:
    model = tiny_model(layers=2)
    tokens = gpt.tokens_of("abba")
    attention, mlp = model.blocks[1].attention, model.blocks[1].mlp
    chosen = [model.token_embeddings[1][2], model.position_embeddings[3][0], model.output_weights[0][1]]
    chosen += [matrix[1][2] for matrix in (attention.query_weights, attention.key_weights, attention.value_weights)]
    chosen += [attention.output_weights[3][3], mlp.up_weights[5][0], mlp.down_weights[2][7]]
    chosen += [model.blocks[0].attention.query_weights[3][0], model.blocks[0].attention.key_weights[0][1]]
    report = gradcheck(lambda *_: model.loss(tokens), chosen)
    assert report, str(report)
    assert all(abs(row.analytic) > 1e-6 for row in report), str(report)  # else it would have shown nothing


def test_the_loss_is_that_of_the_equations_for_matrices_with_a_mask() -> None:
    model = tiny_model(layers=2)
    tokens = gpt.tokens_of("banana")
    assert model.loss(tokens).data == pytest.approx(loss_with_matrices(model, tokens), rel=1e-12)


def loss_with_matrices(model: Any, tokens: Sequence[int]) -> float:
    """The same model for all positions at once, as the papers write it."""

    def matrix(rows: Sequence[Sequence[Value]]) -> NDArray[np.float64]:
        return np.array([[value.data for value in row] for row in rows])

    def norm(x: NDArray[np.float64]) -> NDArray[np.float64]:
        normed: NDArray[np.float64] = x / np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-5)
        return normed

    def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return shares

    count = len(tokens) - 1
    mask = np.where(np.tri(count) == 1.0, 0.0, -np.inf)
    x = matrix(model.token_embeddings)[list(tokens[:-1])] + matrix(model.position_embeddings)[:count]
    for block in model.blocks:
        attention = block.attention
        normed = norm(x)
        queries, keys, values = (
            np.split(normed @ matrix(weights).T, attention.heads, axis=1)
            for weights in (attention.query_weights, attention.key_weights, attention.value_weights)
        )
        heads = [
            softmax(q @ k.T / math.sqrt(q.shape[1]) + mask) @ v for q, k, v in zip(queries, keys, values, strict=True)
        ]
        x = x + np.concatenate(heads, axis=1) @ matrix(attention.output_weights).T
        hidden = np.maximum(norm(x) @ matrix(block.mlp.up_weights).T, 0.0) ** 2
        x = x + hidden @ matrix(block.mlp.down_weights).T
    probabilities = softmax(norm(x) @ matrix(model.output_weights).T)
    return float(-np.log(probabilities[np.arange(count), list(tokens[1:])]).mean())


def test_a_later_token_changes_no_earlier_logits() -> None:
    model = tiny_model(layers=2)
    first, other = logits_of(model, [26, 0, 1, 2]), logits_of(model, [26, 0, 1, 3])
    assert first[:3] == other[:3]
    assert first[3] != other[3]


def test_an_earlier_token_changes_the_later_logits() -> None:
    model = tiny_model()
    first, other = logits_of(model, [26, 0, 1, 2]), logits_of(model, [26, 4, 1, 2])
    assert first[0] == other[0]
    assert first[3] != other[3]


def test_which_operations_are_done_does_not_depend_on_the_numbers() -> None:
    def operations(seed: int) -> list[str | None]:
        loss = tiny_model(seed).loss(gpt.tokens_of("eve"))
        return [None if node.op is None else node.op.name for node in topological_order(loss)]

    assert operations(1) == operations(2)


def test_at_first_every_token_is_about_as_likely() -> None:
    model = gpt.GPT(embedding=16, heads=4, layers=1, context=16, rng=random.Random(0))
    with no_grad():
        losses = [model.loss(gpt.tokens_of(word)).data for word in ("anna", "boris", "wei")]
    assert sum(losses) / 3 == pytest.approx(math.log(27), abs=0.15)


def test_the_parameters_are_found_once_each_and_named_in_words() -> None:
    model = gpt.GPT(embedding=16, heads=4, layers=1, context=16, rng=random.Random(0))
    names = [name for name, _ in model.named_parameters()]
    assert len(names) == 27 * 16 + 16 * 16 + 4 * 16 * 16 + 2 * 64 * 16 + 27 * 16
    assert names[0] == "token_embedding1.1"
    assert "block1.attention.key_weight3.4" in names
    assert not [name for name in names if "member" in name]


def test_a_drawing_folds_each_position_to_a_box() -> None:
    loss = gpt.GPT(embedding=16, heads=4, layers=1, context=16, rng=random.Random(0)).loss(gpt.tokens_of("ada"))
    source = draw(loss, max_depth=1).source
    assert all(f"position {position}</b>" in source for position in (1, 2, 3, 4))
    assert "token_embedding" not in source


# ---------------------------------------------------------------- training and sampling


@pytest.mark.slow
def test_training_lowers_the_loss_clearly() -> None:
    model = gpt.GPT(embedding=8, heads=2, layers=1, context=8, rng=random.Random(0))
    losses = gpt.train(model, ["anna", "emma", "otto"], steps=60, lr=0.02, rng=random.Random(0))
    assert len(losses) == 60
    assert sum(losses[-6:]) < 0.4 * sum(losses[:6])


def test_the_learning_rate_falls_in_a_straight_line(monkeypatch: pytest.MonkeyPatch) -> None:
    rates: list[float] = []
    monkeypatch.setattr(gpt.Adam, "step", lambda optimizer: rates.append(optimizer.lr))
    gpt.train(tiny_model(), ["anna"], steps=4, lr=0.02, rng=random.Random(0))
    assert rates == pytest.approx([0.02, 0.015, 0.01, 0.005])


def test_training_compiled_or_not_gives_the_same_losses_and_parameters() -> None:
    eager, compiled = tiny_model(), tiny_model()
    words = ["ada", "bo", "cyd"]
    losses = gpt.train(eager, words, steps=8, lr=0.02, rng=random.Random(0), eager=True)
    assert gpt.train(compiled, words, steps=8, lr=0.02, rng=random.Random(0), eager=False) == pytest.approx(losses)
    numbers = [parameter.data for parameter in eager.parameters()]
    assert [parameter.data for parameter in compiled.parameters()] == pytest.approx(numbers, rel=1e-9)


def test_there_is_a_program_for_each_length_of_word_not_for_each_word(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    loss = gpt.GPT.loss

    def noted(model: Any, tokens: Sequence[Any]) -> Any:
        made.append(len(tokens))
        return loss(model, tokens)

    monkeypatch.setattr(gpt.GPT, "loss", noted)
    gpt.train(tiny_model(), ["ada", "bob", "cy", "eva"], steps=8, lr=0.01, rng=random.Random(0), eager=False)
    assert sorted(made) == [4, 4, 5, 5]  # recorded twice each


def test_every_word_is_trained_on_before_one_comes_again() -> None:
    model, seen = tiny_model(), []
    loss = model.loss

    def watched(tokens: list[int]) -> Value:
        seen.append(tuple(tokens))
        result: Value = loss(tokens)
        return result

    model.loss = watched
    gpt.train(model, ["ada", "bo", "cy"], steps=6, lr=0.01, rng=random.Random(0))
    everything = {tuple(gpt.tokens_of(word)) for word in ("ada", "bo", "cy")}
    assert set(seen[:3]) == set(seen[3:]) == everything


@pytest.mark.slow
def test_an_interrupt_ends_training_and_samples_are_still_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    update, calls, before = gpt.Adam.update, [], gc.get_threshold()

    def interrupted(self: Any, *arrays: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return update(self, *arrays)

    monkeypatch.setattr(gpt.Adam, "update", interrupted)
    run(monkeypatch, *TINY, "--steps", 1000, "--context", 16)
    printed = capsys.readouterr().out
    assert "stopped after 2 of 1,000 steps" in printed
    assert "mean loss of the last 2 steps" in printed
    assert len(samples_in(printed)) == 5
    assert gc.get_threshold() == before


def test_samples_repeat_with_the_seed_and_are_made_of_letters() -> None:
    model = tiny_model()
    first, again, other = ([gpt.sample(model, 8, 1.0, rng) for _ in range(20)] for rng in map(random.Random, (1, 1, 2)))
    assert first == again
    assert first != other
    assert set("".join(first)) <= set(gpt.LETTERS)
    assert max(map(len, first)) <= 8


def test_a_low_temperature_takes_the_likeliest_letter_without_overflow() -> None:
    model = tiny_model()
    words = {gpt.sample(model, 8, 1e-6, random.Random(seed)) for seed in range(5)}
    assert len(words) == 1


# ---------------------------------------------------------------- words


def test_the_list_that_comes_along_is_sorted_lower_case_and_without_duplicates() -> None:
    words = (PATH.parent / "names.txt").read_text(encoding="ascii").split("\n")
    assert words.pop() == ""
    assert words == sorted(set(words))
    assert 600 <= len(words) <= 1000
    assert words == gpt.read_words(PATH.parent / "names.txt", 16)


def test_a_list_that_is_no_text_is_an_error_that_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes(b"ada\nj\xfcrgen\n")
    with pytest.raises(ValueError, match=r"line 2: .* words are made of the letters a to z"):
        gpt.read_words(file, 16)


def test_blank_lines_between_words_are_skipped(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("\nada\n\n  bo \n", encoding="utf-8")
    assert gpt.read_words(file, 16) == ["ada", "bo"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no words"),
        ("\n \n", "holds no words"),
        ("ada\nAda\n", r"line 2: 'Ada' has 'A'; words are made of the letters a to z"),
        ("jürgen\n", "line 1: 'jürgen' has 'ü'"),
        ("anne marie\n", "line 1: 'anne marie' has ' '"),
        ("ada\n" + "a" * 8, "line 2: 'aaaaaaaa' is too long; it needs --context 9"),
    ],
)
def test_a_list_that_does_not_fit_is_an_error_that_names_the_line(content: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        gpt.read_words(file, 8)


def test_a_missing_list_ends_the_program_with_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"gpt.py: .*No such file.*nowhere.txt"):
        run(monkeypatch, *TINY, "--words", tmp_path / "nowhere.txt")


# ---------------------------------------------------------------- the program


def samples_in(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if line.endswith(("  new", "  in the list"))]


def test_the_program_tells_what_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = tmp_path / "words.txt"
    words.write_text("ada\nbo\n", encoding="utf-8")
    run(monkeypatch, *TINY, "--words", words)
    printed = capsys.readouterr()
    assert "2 words, 440 parameters" in printed.out
    assert "a step on 'ada' takes" in printed.out
    assert "mean loss of the last 3 steps" in printed.out
    assert "log 27 = 3.296" in printed.out
    assert len(samples_in(printed.out)) == 5
    assert "loss=" in printed.err


def test_samples_from_the_list_are_told_from_new_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = tmp_path / "words.txt"
    words.write_text("ada\n", encoding="utf-8")
    drawn = iter(["ada", "adda", "", "a", "ada"])
    monkeypatch.setattr(gpt, "sample", lambda *_: next(drawn))
    run(monkeypatch, *TINY, "--words", words)
    told = [line.split() for line in samples_in(capsys.readouterr().out)]
    known = ["ada", "in", "the", "list"]
    assert told == [known, ["adda", "new"], ["(no", "letters)", "new"], ["a", "new"], known]


def test_a_saved_model_has_the_same_loss_when_it_is_loaded(tmp_path: Path) -> None:
    saved, loaded = tiny_model(0), tiny_model(5)
    tokens = gpt.tokens_of("eve")
    assert saved.loss(tokens).data != loaded.loss(tokens).data
    saved.save(tmp_path / "model.json")
    loaded.load(tmp_path / "model.json")
    assert saved.loss(tokens).data == loaded.loss(tokens).data


def test_the_program_saves_and_goes_on_from_what_it_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    run(monkeypatch, *TINY, "--context", 16, "--save", first)
    run(monkeypatch, *TINY, "--context", 16, "--steps", 0, "--seed", 7, "--load", first, "--save", second)
    assert first.read_text(encoding="utf-8") == second.read_text(encoding="utf-8")
    assert "mean loss" not in capsys.readouterr().out.rpartition("parameters")[2]


def test_parameters_of_other_sizes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_model(embedding=6).save(tmp_path / "model.json")
    with pytest.raises(SystemExit, match=r"model.json cannot be loaded: .* does not fit this GPT"):
        run(monkeypatch, *TINY, "--context", 16, "--load", tmp_path / "model.json")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--heads", "3"], "--embedding 4 cannot be shared evenly by --heads 3"),
        (["--layers", "0"], "--layers must be at least 1"),
        (["--context", "1"], "--context must be at least 2"),
        (["--steps", "-1"], "--steps must be at least 0"),
        (["--lr", "nan"], "--lr must be a finite number above 0"),
        (["--temperature", "0"], "--temperature must be a finite number above 0"),
        (["--save", "no such folder/model.json"], "the folder of --save no such folder/model.json does not exist"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_before_any_work(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(monkeypatch, *TINY, *arguments)
    assert message in capsys.readouterr().err
