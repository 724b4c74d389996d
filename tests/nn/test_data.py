"""Data sets and batches."""

from __future__ import annotations

import gzip
import math
import os
import random
import struct
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn import Dataset, circles, digits, iris, minibatches, mnist, moons, spiral, xor

REAL_MNIST = Path(os.environ.get("MNIST_FOLDER", "no MNIST_FOLDER is given"))


def numbered(count: int) -> Dataset:
    return Dataset([[float(i)] for i in range(count)], list(range(count)), ["place"], [str(i) for i in range(count)])


# ---------------------------------------------------------------- batches


@pytest.mark.parametrize(("count", "size", "sizes"), [(7, 3, [3, 3, 1]), (6, 3, [3, 3]), (2, 5, [2]), (0, 5, [])])
def test_batches_are_of_the_size_asked_for_but_the_last(count: int, size: int, sizes: list[int]) -> None:
    data = numbered(count)
    assert [len(batch_y) for _, batch_y in minibatches(data.X, data.y, size, 0)] == sizes


def test_every_example_comes_once_with_its_own_target() -> None:
    data = numbered(20)
    pairs = [(x[0], y) for xs, ys in minibatches(data.X, data.y, 6, 0) for x, y in zip(xs, ys, strict=True)]
    assert sorted(pairs) == [(float(i), i) for i in range(20)]


def test_the_order_is_shuffled_by_the_generator() -> None:
    def order(rng: random.Random) -> list[int]:
        return [y for _, ys in minibatches(data.X, data.y, 6, rng) for y in ys]

    data = numbered(20)
    rng = random.Random(3)
    first, second = order(rng), order(rng)
    assert first == order(random.Random(3))
    assert first != second
    assert first != data.y


def test_without_shuffling_the_order_stays() -> None:
    data = numbered(5)
    assert [ys for _, ys in minibatches(data.X, data.y, 2, shuffle=False)] == [[0, 1], [2, 3], [4]]


def test_batches_of_arrays_are_lists_of_their_rows() -> None:
    rows: Any = np.eye(2)
    ((X, y),) = minibatches(rows, [0, 1], 2, shuffle=False)
    assert ([list(x) for x in X], y) == ([[1.0, 0.0], [0.0, 1.0]], [0, 1])


def test_batches_of_lists_that_differ_in_length_are_an_error_at_once() -> None:
    with pytest.raises(ValueError, match="not of 2 and 3"):
        minibatches([[0.0], [1.0]], [0, 1, 2], 2)


def test_a_batch_of_no_examples_is_an_error_at_once() -> None:
    with pytest.raises(ValueError, match="not 0"):
        minibatches([[0.0]], [0], 0)


# ---------------------------------------------------------------- splitting


def test_a_split_shares_out_every_example() -> None:
    train, test = numbered(10).split(test=3, rng=0)
    assert (len(train), len(test)) == (7, 3)
    assert sorted(train.y + test.y) == list(range(10))


def test_a_split_keeps_inputs_with_their_classes() -> None:
    train, test = numbered(10).split(test=3, rng=0)
    assert [x[0] for x in train.X + test.X] == train.y + test.y


def test_a_split_is_drawn_by_the_generator() -> None:
    data = numbered(30)
    assert data.split(10, rng=1)[1].y == data.split(10, rng=1)[1].y
    assert data.split(10, rng=1)[1].y != data.split(10, rng=2)[1].y


def test_a_split_without_shuffling_holds_out_the_last() -> None:
    assert numbered(5).split(test=2, shuffle=False)[1].y == [3, 4]


@pytest.mark.parametrize("test", [0, -1, 4, 5])
def test_a_split_that_leaves_nothing_is_an_error(test: int) -> None:
    with pytest.raises(ValueError, match=f"of 4 examples, 1 to 3 can be held out for testing, not {test}"):
        xor().split(test=test)


def test_a_data_set_with_a_target_missing_is_an_error() -> None:
    with pytest.raises(ValueError, match="not of 2 and 1"):
        Dataset([[0.0], [1.0]], [0], ["x"], ["a"])


# ---------------------------------------------------------------- made of nothing


def deviation(clean: Dataset, noisy: Dataset) -> float:
    errors = [(a - b) ** 2 for p, q in zip(clean.X, noisy.X, strict=True) for a, b in zip(p, q, strict=True)]
    return math.sqrt(sum(errors) / len(errors))


def test_xor_is_true_where_the_coordinates_differ() -> None:
    assert all(y == (x[0] != x[1]) for x, y in zip(xor().X, xor().y, strict=True))


def test_xor_has_its_points_at_the_corners_in_turn() -> None:
    data = xor(10)
    assert data.X[:4] * 2 == data.X[:8]
    assert Counter(map(tuple, data.X)) == {(0, 0): 3, (0, 1): 3, (1, 0): 2, (1, 1): 2}


def test_the_noise_of_xor_has_the_deviation_asked_for() -> None:
    assert deviation(xor(4000), xor(4000, noise=0.3, rng=0)) == pytest.approx(0.3, rel=0.05)


def test_circles_are_those_of_scikit_learn() -> None:
    from sklearn.datasets import make_circles

    data = circles(31, noise=0.0, factor=0.3)
    X, y = make_circles(31, shuffle=False, factor=0.3)
    np.testing.assert_allclose(data.X, X, atol=1e-15)
    assert data.y == y.tolist()


def test_the_noise_of_circles_has_the_deviation_asked_for() -> None:
    assert deviation(circles(4000, noise=0.0), circles(4000, noise=0.3, rng=0)) == pytest.approx(0.3, rel=0.05)


def test_moons_without_noise_lie_on_their_half_circles() -> None:
    data = moons(31, noise=0.0)
    for (x, y), moon in zip(data.X, data.y, strict=True):
        centre = (1.0, 0.5) if moon else (0.0, 0.0)
        assert math.dist((x, y), centre) == pytest.approx(1.0)
        assert (y <= 0.5 + 1e-12) if moon else (y >= -1e-12)


def test_moons_are_as_many_as_asked_for() -> None:
    assert Counter(moons(31).y) == {0: 15, 1: 16}


def test_the_noise_of_moons_has_the_deviation_asked_for() -> None:
    assert deviation(moons(4000, noise=0.0), moons(4000, noise=0.3, rng=0)) == pytest.approx(0.3, rel=0.05)


def test_spiral_arms_turn_outwards_from_the_origin() -> None:
    data = spiral(30, classes=3, noise=0.0)
    radii = [math.hypot(*point) for point in data.X]
    assert radii[:10] == pytest.approx([i / 9 for i in range(10)])
    assert data.X[9] == pytest.approx([math.sin(4.0), math.cos(4.0)])


def test_spiral_arms_share_the_examples_evenly() -> None:
    assert Counter(spiral(11, classes=3).y) == {0: 4, 1: 4, 2: 3}


@pytest.mark.parametrize("make", [moons, circles, spiral, lambda n, rng: xor(n, 0.1, rng)])
def test_the_same_seed_makes_the_same_points(make: Callable[..., Dataset]) -> None:
    assert make(20, rng=1).X == make(20, rng=1).X
    assert make(20, rng=1).X != make(20, rng=2).X


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: xor(1), "at least 2"),
        (lambda: xor(4, noise=-0.1), "noise"),
        (lambda: circles(1), "at least 2"),
        (lambda: circles(10, noise=-0.1), "noise"),
        (lambda: circles(10, factor=1.0), "factor, the radius of the inner circle, must be.*not 1.0"),
        (lambda: moons(1), "at least 2"),
        (lambda: moons(10, noise=-0.1), "noise"),
        (lambda: moons(10, noise=math.nan), "noise"),
        (lambda: spiral(2, classes=3), "at least 3"),
        (lambda: spiral(10, classes=1), "at least 2 classes"),
        (lambda: spiral(10, noise=-0.1), "noise"),
        (lambda: xor(noise=math.inf), "finite number of at least 0, not inf"),
        (lambda: moons(noise=math.inf), "finite number of at least 0, not inf"),
        (lambda: circles(noise=math.inf), "finite number of at least 0, not inf"),
        (lambda: spiral(noise=math.inf), "finite number of at least 0, not inf"),
        (lambda: circles(factor=math.nan), "factor, the radius of the inner circle, must be.*not nan"),
        (lambda: moons(0), "at least 2.*not 0"),
        (lambda: moons(-4), "at least 2.*not -4"),
        (lambda: spiral(10, classes=-3), "at least 2 classes, not -3"),
    ],
)
def test_figures_out_of_range_are_errors(make: Callable[[], Dataset], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: xor(4.0), "n must be an int, not the float 4.0"),  # type: ignore[arg-type]
        (lambda: moons("100"), "n must be an int, not the str '100'"),  # type: ignore[arg-type]
        (lambda: moons(None), "n must be an int, not None"),  # type: ignore[arg-type]
        (lambda: moons(noise=None), "noise, a standard deviation, must be a number, not None"),  # type: ignore[arg-type]
        (lambda: circles(noise="0.1"), "noise, a standard deviation, must be a number, not the str"),  # type: ignore[arg-type]
        (lambda: circles(factor=None), "factor must be a number, not None"),  # type: ignore[arg-type]
        (lambda: spiral(classes=3.0), "classes must be an int, not the float 3.0"),  # type: ignore[arg-type]
        (lambda: xor().split(test=0.25), r"not a share: 0\.25 of 4 is test=1"),  # type: ignore[arg-type]
        (lambda: xor().split(test="1"), "test must be an int, not the str '1'"),  # type: ignore[arg-type]
        (lambda: minibatches([1.0], [1.0], 1.0), "the size of a batch must be an int"),  # type: ignore[arg-type]
    ],
)
def test_figures_of_another_kind_are_type_errors(make: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


def test_the_rows_of_a_table_are_examples_by_position() -> None:
    pandas: Any = pytest.importorskip("pandas")
    table = pandas.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]}, index=[7, 0, 7])
    labels = pandas.Series([0, 1, 0], index=[5, 5, 1])
    data = Dataset(table, labels, table.columns, ["no", "yes"])
    assert [list(x) for x in data.X] == [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]
    assert data.feature_names == ("a", "b")
    assert len(data.split(test=1, rng=0)[0]) == 2
    ((batch, targets),) = minibatches(table, labels, 3, shuffle=False)
    assert [list(x) for x in batch] == [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]
    assert targets == [0, 1, 0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Dataset({}, [], [], []), "X must be a list or an array of examples, not the dict"),  # type: ignore[arg-type]
        (lambda: Dataset([], None, [], []), "y must be a list or an array of targets, not None"),  # type: ignore[arg-type]
        (lambda: Dataset([], [], None, []), "feature_names must be a list of words, not None"),  # type: ignore[arg-type]
        (lambda: minibatches(iter([1.0]), [1.0], 1), r"a list or an array of examples, not a list_iterator"),  # type: ignore[arg-type]
        (lambda: minibatches(xor(), [1], 1), r"not the Dataset itself; give its \.X and its \.y"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_list_of_examples_is_a_type_error(make: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


def test_a_part_of_mnist_that_there_is_not_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the parts of MNIST are 'train' and 't10k', not 'test'"):
        mnist(tmp_path, "test")  # type: ignore[arg-type]


# ---------------------------------------------------------------- measured in the world


def test_digits_are_1797_images_of_64_pixels_from_0_to_1() -> None:
    data = digits()
    assert (len(data.X), {len(image) for image in data.X}) == (1797, {64})
    assert (min(map(min, data.X)), max(map(max, data.X))) == (0.0, 1.0)
    assert Counter(data.y)[3] == 183


def test_digits_are_plain_floats_and_ints() -> None:
    data = digits()
    assert {type(pixel) for image in data.X for pixel in image} == {float}
    assert {type(label) for label in data.y} == {int}


def test_iris_is_50_flowers_of_each_species() -> None:
    data = iris()
    assert data.X[0] == [5.1, 3.5, 1.4, 0.2]
    assert Counter(data.y) == {0: 50, 1: 50, 2: 50}


@pytest.mark.parametrize("make", [digits, iris])
def test_without_scikit_learn_the_error_names_the_extra(
    make: Callable[[], Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)  # what Python itself does for a module that is not to be had
    with pytest.raises(ImportError, match=r'pip install "scalar-autograd\[data\]"'):
        make()


# ---------------------------------------------------------------- MNIST


def idx(sizes: list[int], content: bytes) -> bytes:
    return bytes([0, 0, 8, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + content


def write_mnist(folder: Path, part: str, labels: bytes, packed: bool = False) -> None:
    """Images of one brightness each: 51 times the label."""
    pixels = b"".join(bytes([51 * label % 256]) * 784 for label in labels)
    files = {"images-idx3": idx([len(labels), 28, 28], pixels), "labels-idx1": idx([len(labels)], labels)}
    for kind, content in files.items():
        if packed:
            (folder / f"{part}-{kind}-ubyte.gz").write_bytes(gzip.compress(content))
        else:
            (folder / f"{part}-{kind}-ubyte").write_bytes(content)


@pytest.mark.parametrize("packed", [False, True])
def test_mnist_reads_images_and_labels_packed_or_not(tmp_path: Path, packed: bool) -> None:
    write_mnist(tmp_path, "t10k", bytes([5, 0, 1]), packed)
    data = mnist(tmp_path)
    assert data.y == [5, 0, 1]
    assert data.X == [[1.0] * 784, [0.0] * 784, [0.2] * 784]


def test_mnist_keeps_the_rows_of_an_image_in_order(tmp_path: Path) -> None:
    pixels = bytes(i % 251 for i in range(784))
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx([1, 28, 28], pixels))
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx([1], b"\x07"))
    assert [[byte / 255 for byte in pixels]] == mnist(tmp_path).X


def test_mnist_puts_the_training_half_first(tmp_path: Path) -> None:
    write_mnist(tmp_path, "t10k", bytes([4]), packed=True)
    write_mnist(tmp_path, "train", bytes([2, 3]))
    assert mnist(tmp_path).y == [2, 3, 4]


def test_mnist_reads_one_half_alone(tmp_path: Path) -> None:
    write_mnist(tmp_path, "t10k", bytes([4]))
    write_mnist(tmp_path, "train", bytes([2, 3]))
    assert (mnist(tmp_path, "train").y, mnist(tmp_path, "t10k").y) == ([2, 3], [4])


def test_a_folder_that_is_not_there_is_a_file_not_found_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no folder .*absent"):
        mnist(tmp_path / "absent")


def test_a_folder_without_the_files_is_an_error_that_names_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no train-images-idx3-ubyte or t10k-images-idx3-ubyte in"):
        mnist(tmp_path)


def test_a_half_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    write_mnist(tmp_path, "t10k", bytes([4]))
    with pytest.raises(FileNotFoundError, match="no train-images-idx3-ubyte in"):
        mnist(tmp_path, "train")


def test_images_without_labels_are_an_error_that_names_the_labels(tmp_path: Path) -> None:
    write_mnist(tmp_path, "t10k", bytes([4]))
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(FileNotFoundError, match="no t10k-labels-idx1-ubyte in"):
        mnist(tmp_path)


WHOLE = idx([2, 28, 28], bytes(2 * 784))


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("t10k-images-idx3-ubyte", WHOLE[:-1], "truncated or damaged: it holds 1567 bytes .* 2 x 28 x 28 = 1568"),
        ("t10k-images-idx3-ubyte", WHOLE + b"\0", "truncated or damaged: it holds 1569 bytes"),
        ("t10k-images-idx3-ubyte", WHOLE[:10], "truncated: it ends within its header"),
        ("t10k-images-idx3-ubyte", b"", "not an IDX file"),
        ("t10k-images-idx3-ubyte", b"\x89PNG\r\n\x1a\n", "not an IDX file"),
        ("t10k-images-idx3-ubyte", idx([2], b"\0\0"), "not an IDX file of bytes in 3 dimensions"),
        ("t10k-images-idx3-ubyte", idx([2, 8, 8], bytes(128)), r"images of \[8, 8\], not \[28, 28\]"),
        ("t10k-images-idx3-ubyte.gz", gzip.compress(WHOLE)[:-9], "truncated, or no gzip file"),
        ("t10k-images-idx3-ubyte.gz", WHOLE, "truncated, or no gzip file"),
        ("t10k-images-idx3-ubyte.gz", b"", "not an IDX file"),
        ("t10k-labels-idx1-ubyte", idx([3], bytes(3)), "3 labels for 2 images"),
        ("t10k-labels-idx1-ubyte", idx([2], bytes([3, 10])), "the label 10"),
        ("t10k-labels-idx1-ubyte", WHOLE, "not an IDX file of bytes in 1 dimensions"),
    ],
    ids=[
        "a-byte-short",
        "a-byte-too-many",
        "header-cut",
        "empty",
        "another-format",
        "labels-for-images",
        "images-of-another-size",
        "packed-and-cut",
        "packed-in-name-only",
        "packed-empty",
        "more-labels-than-images",
        "label-10",
        "images-for-labels",
    ],
)
def test_a_damaged_or_foreign_file_is_an_error_that_names_it(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    write_mnist(tmp_path, "t10k", bytes([1, 2]))
    (tmp_path / name.removesuffix(".gz")).unlink()
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf"{name.removesuffix('.gz')}.*{problem}"):
        mnist(tmp_path)


@pytest.mark.skipif(not REAL_MNIST.is_dir(), reason="MNIST_FOLDER names no folder with the real MNIST files")
def test_the_real_mnist_files_are_read() -> None:
    data = mnist(REAL_MNIST)
    assert len(data) == 10_000
    assert data.y[:10] == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert [Counter(data.y)[digit] for digit in range(10)] == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert sum(map(sum, data.X)) / (10_000 * 784) == pytest.approx(0.1325, abs=1e-4)
