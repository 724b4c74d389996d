"""Small data sets, and the batches in which training takes their examples."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from autograd.support.rng import generator
from nn.arguments import at_least_zero, listed, real, rows, whole

_Input = TypeVar("_Input")
_Target = TypeVar("_Target")


class Dataset:
    """Examples with their classes.

    X: one list of numbers for each example, all of one length; for a pandas table, an array of its rows.
    y: the class of each example, an int counted from 0.
    feature_names: what each number of an example is.
    class_names: what each class is called.

    Raises:
        TypeError: something is not a list.
        ValueError: `X` and `y` are of different lengths.

    >>> xor()
    Dataset(4 examples, 2 features, 2 classes)
    """

    def __init__(
        self,
        X: list[list[float]],
        y: list[int],
        feature_names: Sequence[str],
        class_names: Sequence[str],
    ) -> None:
        self.X: list[list[float]]
        self.y: list[int]
        self.X, self.y = _of_one_length(X, y)
        self.feature_names: tuple[str, ...] = tuple(listed(feature_names, "feature_names must be a list of words"))
        self.class_names: tuple[str, ...] = tuple(listed(class_names, "class_names must be a list of words"))

    def __len__(self) -> int:
        return len(self.X)

    def __repr__(self) -> str:
        return f"Dataset({len(self)} examples, {len(self.feature_names)} features, {len(self.class_names)} classes)"

    def split(
        self, test: int, rng: random.Random | int | None = None, *, shuffle: bool = True
    ) -> tuple[Dataset, Dataset]:
        """Two data sets, to train on and to test on: `test` examples drawn at random go into the second.

        With `shuffle=False` the order stays and the last `test` examples are the second.

        Raises:
            ValueError: `test` leaves nothing for one of the two.

        >>> xor().split(test=1, rng=0)
        (Dataset(3 examples, 2 features, 2 classes), Dataset(1 examples, 2 features, 2 classes))
        """
        if isinstance(test, float) and 0.0 < test < 1.0:
            raise TypeError(
                f"test is the number of examples to hold out, not a share: {test!r} of {len(self)} is "
                f"test={round(test * len(self))}"
            )
        test = whole("test", test)
        if not 1 <= test < len(self):
            raise ValueError(f"of {len(self)} examples, 1 to {len(self) - 1} can be held out for testing, not {test}")
        order = list(range(len(self)))
        if shuffle:
            generator(rng).shuffle(order)
        return self._picked(order[:-test]), self._picked(order[-test:])

    def _picked(self, indices: Sequence[int]) -> Dataset:
        return Dataset([self.X[i] for i in indices], [self.y[i] for i in indices], self.feature_names, self.class_names)


def minibatches(
    X: Sequence[_Input],
    y: Sequence[_Target],
    size: int,
    rng: random.Random | int | None = None,
    shuffle: bool = True,
) -> Iterator[tuple[list[_Input], list[_Target]]]:
    """The examples in batches: pairs of a list of inputs and the list of their targets; each example comes once.

    The last batch is smaller where `size` does not divide the number of examples. Each call draws a new
    order, unless `shuffle` is False or `rng` is the same int.

    Raises:
        TypeError: `X` or `y` is not a list of examples, or `size` not an int.
        ValueError: `X` and `y` are of different lengths, or `size` is less than 1.

    >>> list(minibatches([[0.0], [1.0], [2.0]], [0, 1, 2], size=2, shuffle=False))
    [([[0.0], [1.0]], [0, 1]), ([[2.0]], [2])]
    """
    X, y = _of_one_length(X, y)
    return (([X[i] for i in batch], [y[i] for i in batch]) for batch in batches(len(X), size, rng, shuffle))


def batches(
    examples: int, size: int, rng: random.Random | int | None = None, shuffle: bool = True
) -> Iterator[list[int]]:
    """The indices of the examples in the batches of `minibatches`.

    >>> list(batches(5, size=2, shuffle=False))
    [[0, 1], [2, 3], [4]]
    """
    size = whole("the size of a batch", size)
    if size < 1:
        raise ValueError(f"a batch needs at least 1 example, not {size}")
    order = list(range(examples))
    if shuffle:
        generator(rng).shuffle(order)
    return (order[start : start + size] for start in range(0, examples, size))


# ---------------------------------------------------------------- computed


def xor(n: int = 4, noise: float = 0.0, rng: random.Random | int | None = None) -> Dataset:
    """Points at (0, 0), (0, 1), (1, 0), (1, 1), in turn; the class says whether the coordinates differ.

    `noise` is the standard deviation of the noise in each coordinate. The smallest problem that no single neuron
    solves (Minsky and Papert 1969, "Perceptrons").

    Raises:
        ValueError: `n` is less than 2, or `noise` is negative or infinite.

    >>> xor().y
    [0, 1, 1, 0]
    >>> xor(100, noise=0.1, rng=0)
    Dataset(100 examples, 2 features, 2 classes)
    """
    n, noise = _size_and_noise(n, 2, noise)
    rng = generator(rng)
    corners = [(index // 2 % 2, index % 2) for index in range(n)]
    X = [[x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise)] for x, y in corners]
    return Dataset(X, [x ^ y for x, y in corners], ("x", "y"), ("equal", "different"))


def moons(n: int = 100, noise: float = 0.1, rng: random.Random | int | None = None) -> Dataset:
    """Two half circles that reach into each other, one class each; the figure of scikit-learn's `make_moons`.

    The first n // 2 examples are the upper moon (cos t, sin t), class 0; the others the lower, (1 - cos t,
    1/2 - sin t), class 1; t goes evenly from 0 to pi. `noise` is the standard deviation of the noise in each
    coordinate.

    Raises:
        ValueError: `n` is less than 2, or `noise` is negative or infinite.

    >>> [[round(x, 3) + 0.0 for x in point] for point in moons(4, noise=0.0).X]
    [[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5], [2.0, 0.5]]
    """
    n, noise = _size_and_noise(n, 2, noise)
    rng = generator(rng)
    upper = [(math.cos(t), math.sin(t)) for t in _evenly(0.0, math.pi, n // 2)]
    lower = [(1.0 - math.cos(t), 0.5 - math.sin(t)) for t in _evenly(0.0, math.pi, n - n // 2)]
    X = [[x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise)] for x, y in upper + lower]
    return Dataset(X, [0] * len(upper) + [1] * len(lower), ("x", "y"), ("upper", "lower"))


def circles(n: int = 100, noise: float = 0.1, factor: float = 0.5, rng: random.Random | int | None = None) -> Dataset:
    """A circle inside a circle, one class each; the figure of scikit-learn's `make_circles`.

    The first n // 2 examples are the outer circle, of radius 1, class 0; the others the inner, of radius `factor`,
    class 1; both at evenly spaced angles from 0. `noise` is the standard deviation of the noise in each coordinate.

    Raises:
        ValueError: `n` is less than 2, `noise` is negative or infinite, or `factor` is not between 0 and 1.

    >>> [[round(x, 3) + 0.0 for x in point] for point in circles(4, noise=0.0).X]
    [[1.0, 0.0], [-1.0, 0.0], [0.5, 0.0], [-0.5, 0.0]]
    """
    n, noise = _size_and_noise(n, 2, noise)
    if not 0.0 <= real("factor", factor) < 1.0:
        raise ValueError(f"factor, the radius of the inner circle, must be at least 0 and less than 1, not {factor!r}")
    rng = generator(rng)
    X, y = [], []
    for number, (radius, count) in enumerate([(1.0, n // 2), (factor, n - n // 2)]):
        for angle in (math.tau * step / count for step in range(count)):
            X.append(
                [radius * math.cos(angle) + rng.gauss(0.0, noise), radius * math.sin(angle) + rng.gauss(0.0, noise)]
            )
            y.append(number)
    return Dataset(X, y, ("x", "y"), ("outer", "inner"))


def spiral(n: int = 300, classes: int = 3, noise: float = 0.2, rng: random.Random | int | None = None) -> Dataset:
    """Arms that turn around the origin, one class each; the figure of Stanford's course CS231n.

    On arm k the radius r goes evenly from 0 to 1 while the angle goes from 4 k to 4 (k + 1); the points are
    (r sin angle, r cos angle). `noise` is the standard deviation of the noise in the angle. The `n` examples
    are spread over the arms as evenly as possible, arm after arm.

    Raises:
        ValueError: `classes` is less than 2, `n` less than `classes`, or `noise` negative or infinite.

    >>> spiral(9, classes=3, rng=0).y
    [0, 0, 0, 1, 1, 1, 2, 2, 2]
    """
    classes = whole("classes", classes)
    if classes < 2:
        raise ValueError(f"a spiral needs at least 2 classes, not {classes}")
    n, noise = _size_and_noise(n, classes, noise)
    rng = generator(rng)
    X, y = [], []
    for arm in range(classes):
        length = n // classes + (arm < n % classes)
        for radius in _evenly(0.0, 1.0, length):
            angle = 4.0 * (arm + radius) + rng.gauss(0.0, noise)
            X.append([radius * math.sin(angle), radius * math.cos(angle)])
            y.append(arm)
    return Dataset(X, y, ("x", "y"), [f"arm {arm + 1}" for arm in range(classes)])


def _evenly(start: float, end: float, count: int) -> list[float]:
    step = (end - start) / max(count - 1, 1)
    return [start + index * step for index in range(count)]


# ---------------------------------------------------------------- measured


def digits() -> Dataset:
    """1,797 handwritten digits as 8 x 8 grey images, pixels from 0 to 1, row by row; bundled with scikit-learn.

    Source: Alpaydin and Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository.

    Raises:
        ImportError: scikit-learn is not installed.

    >>> digits()
    Dataset(1797 examples, 64 features, 10 classes)
    """
    bunch = _datasets_of_scikit_learn().load_digits()
    X = [[pixel / 16.0 for pixel in image] for image in bunch.data.tolist()]
    return Dataset(X, bunch.target.tolist(), bunch.feature_names, [str(digit) for digit in range(10)])


def iris() -> Dataset:
    """150 irises of three species: lengths and widths of sepal and petal, in cm; bundled with scikit-learn.

    Source: Fisher 1936, "The use of multiple measurements in taxonomic problems".

    Raises:
        ImportError: scikit-learn is not installed.

    >>> iris().class_names
    ('setosa', 'versicolor', 'virginica')
    """
    bunch = _datasets_of_scikit_learn().load_iris()
    return Dataset(bunch.data.tolist(), bunch.target.tolist(), bunch.feature_names, bunch.target_names.tolist())


def _datasets_of_scikit_learn() -> Any:
    try:
        from sklearn import datasets
    except ImportError as error:
        raise ImportError(
            'this data set comes with scikit-learn, which cannot be imported: pip install "scalar-autograd[data]"'
        ) from error
    return datasets


def mnist(folder: str | os.PathLike[str], part: Literal["train", "t10k"] | None = None) -> Dataset:
    """Handwritten digits as 28 x 28 grey images, pixels from 0 to 1, row by row, from the IDX files in `folder`.

    Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits". The files keep the names they were
    published under, `train-images-idx3-ubyte` and so on, gzipped (`.gz`) or not. Without `part`, the data set holds
    all that the folder does: the 60,000 images to train on, then the 10,000 to test on (`t10k`).

    Raises:
        FileNotFoundError: the folder, or a file that is needed, does not exist.
        ValueError: a file is truncated, or is not the one its name says; the message names it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    if part not in (None, "train", "t10k"):
        raise ValueError(f"the parts of MNIST are 'train' and 't10k', not {part!r}")
    names = ("train", "t10k") if part is None else (part,)
    present = [name for name in names if _idx_file(folder, f"{name}-images-idx3-ubyte")]
    if not present:
        wanted = " or ".join(f"{name}-images-idx3-ubyte" for name in names)
        raise FileNotFoundError(f"there is no {wanted} in {folder}, gzipped (.gz) or not")
    X: list[list[float]] = []
    y: list[int] = []
    side = 28
    brightness = [byte / 255 for byte in range(256)]  # one float for each level, shared by all pixels that have it
    for name in present:
        (count, *image), pixels = _read_idx(folder, f"{name}-images-idx3-ubyte", dimensions=3)
        if image != [side, side]:
            raise ValueError(f"{name}-images-idx3-ubyte in {folder} holds images of {image}, not [{side}, {side}]")
        (label_count,), labels = _read_idx(folder, f"{name}-labels-idx1-ubyte", dimensions=1)
        if label_count != count:
            raise ValueError(f"{name}-labels-idx1-ubyte in {folder} holds {label_count} labels for {count} images")
        if max(labels, default=0) > 9:
            raise ValueError(f"{name}-labels-idx1-ubyte in {folder} holds the label {max(labels)}, which is no digit")
        starts = range(0, len(pixels), side * side)
        X.extend([brightness[byte] for byte in pixels[start : start + side * side]] for start in starts)
        y.extend(labels)
    features = [f"pixel_{row}_{column}" for row in range(side) for column in range(side)]
    return Dataset(X, y, features, [str(digit) for digit in range(10)])


def _idx_file(folder: Path, name: str) -> Path | None:
    """The file of that name, plain or gzipped."""
    for file in (folder / name, folder / f"{name}.gz"):
        if file.is_file():
            return file
    return None


def _read_idx(folder: Path, name: str, dimensions: int) -> tuple[tuple[int, ...], bytes]:
    """The sizes and the bytes in a file of the IDX format.

    It begins with two zeros, the type of the numbers (8: unsigned bytes), and the number of dimensions; then come
    the sizes as big-endian 32-bit ints, then the numbers.
    """
    import gzip
    import struct
    import zlib

    file = _idx_file(folder, name)
    if file is None:
        raise FileNotFoundError(f"there is no {name} in {folder}, gzipped (.gz) or not")
    content = file.read_bytes()
    if file.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{file} is truncated, or no gzip file: {error}") from error
    header = 4 + 4 * dimensions
    if content[:4] != bytes([0, 0, 8, dimensions]):
        raise ValueError(f"{file} is not an IDX file of bytes in {dimensions} dimensions: it begins {content[:4]!r}")
    if len(content) < header:
        raise ValueError(f"{file} is truncated: it ends within its header")
    sizes = struct.unpack_from(f">{dimensions}I", content, offset=4)
    if len(content) - header != math.prod(sizes):
        raise ValueError(
            f"{file} is truncated or damaged: it holds {len(content) - header} bytes where its header announces "
            f"{' x '.join(map(str, sizes))} = {math.prod(sizes)}"
        )
    return sizes, content[header:]


# ---------------------------------------------------------------- checks


def _of_one_length(X: Any, y: Any) -> tuple[Any, Any]:
    """Examples and their targets; for a pandas table, its rows."""
    X, y = rows(X, "X must be a list or an array of examples"), rows(y, "y must be a list or an array of targets")
    if len(X) != len(y):
        raise ValueError(f"X and y must be of one length, one target for each example, not of {len(X)} and {len(y)}")
    return X, y


def _size_and_noise(n: int, least: int, noise: float) -> tuple[int, float]:
    """The number of examples and the noise, checked."""
    n = whole("n", n)
    if n < least:
        raise ValueError(f"n must be at least {least}, one example for each class, not {n}")
    return n, at_least_zero("noise, a standard deviation,", noise)
