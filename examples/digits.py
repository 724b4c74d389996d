"""Checks every op, then teaches a network made of single numbers to read real handwritten digits.

    python examples/digits.py [--epochs 10] [--out out]
    python examples/digits.py --mnist FOLDER [--epochs 20]

The digits are the 1,797 scans of 8 x 8 pixels that ship with scikit-learn: 1,437 to train on, 360 to test on. With
`--mnist` they are those of the MNIST files in a folder, of 28 x 28 pixels, a fifth of them to test on; then it only
trains, and neither checks nor draws.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from autograd import Value, check_all_ops, draw, no_grad, scope
from nn import MLP, SGD, Adam, Dataset, Neuron, cross_entropy, digits, fit, half_mse, iris, mnist

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nn import History

SEED = 0
HELD_OUT = 360
WANTED_ACCURACY = 0.95
WANTED_ACCURACY_OF_MNIST = 0.93


def main() -> None:
    """Runs the whole demonstration, and ends by naming the files it wrote."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--epochs", type=int, metavar="N", help="times through the training digits (default: 10; of MNIST 20)"
    )
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder for the pictures (default: out)")
    parser.add_argument("--mnist", type=Path, metavar="FOLDER", help="a folder with the IDX files of MNIST")
    options = parser.parse_args()
    if options.epochs is not None and options.epochs < 1:
        parser.error(f"--epochs must be at least 1, not {options.epochs}")
    # NumPy reads this when it is imported. On matrices this small a second thread gains little, and on a busy machine
    # the two wait for each other most of the time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if options.mnist is not None:
        learn_mnist(options.mnist, 20 if options.epochs is None else options.epochs)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()

    check_every_op()
    written = [draw_a_trained_neuron(options.out / "neuron.svg")]

    training, testing = digits().split(test=HELD_OUT, rng=SEED)
    model = MLP(64, [32, 10], rng=SEED)
    history = train(model, training, testing, 10 if options.epochs is None else options.epochs)
    guesses = [best_guess(model, image) for image in testing.X]
    accuracy = sum(guess == truth for guess, truth in zip(guesses, testing.y, strict=True)) / len(guesses)
    print(f"\ntest accuracy {accuracy:.4f}: {round(accuracy * len(guesses))} of {len(guesses)} digits read\n")
    print_confusion_matrix(testing.y, guesses)

    written += [
        draw_the_network(model, testing, options.out / "network.svg"),
        plot_loss(history, options.out / "loss.png"),
        plot_misread_digits(testing, guesses, options.out / "misread.png"),
    ]
    print(f"\nall done in {time.perf_counter() - started:.0f} s; pictures are in:")
    for path in written:
        print(f"  {path}")
    if accuracy < WANTED_ACCURACY:
        raise SystemExit(f"the test accuracy {accuracy:.4f} is below {WANTED_ACCURACY}")


def check_every_op() -> None:
    """Compares every derivative rule with finite differences, at first and second order."""
    print("Every op against finite differences, at first and second order:\n")
    checks = check_all_ops()
    print(checks)
    if not checks:
        raise SystemExit("an op failed its check")
    print(f"\nall {len(checks)} ops passed\n")


def draw_a_trained_neuron(path: Path) -> Path:
    """Teaches one neuron to recognize one kind of iris by its petals, and draws what it computes for a flower."""
    flowers = iris()
    petals = [[features[2], features[3]] for features in flowers.X]
    is_setosa = [1.0 if kind == 0 else -1.0 for kind in flowers.y]
    neuron = Neuron(2, activation="tanh", rng=SEED)
    optimizer = SGD(neuron.parameters(), lr=0.1)
    fit(
        neuron,
        petals,
        is_setosa,
        loss=half_mse,
        optimizer=optimizer,
        epochs=20,
        batch_size=10,
        progress=False,
        rng=SEED,
    )
    length, width = (Value(x, label=name) for x, name in zip(petals[0], ("petal length", "petal width"), strict=True))
    neuron.zero_grad()
    output = neuron([length, width])
    output.label = "setosa?"
    output.backward()
    draw(output, path, show_partials=True)
    return path


def train(model: MLP, training: Dataset, testing: Dataset, epochs: int) -> History:
    """Trains the network with Adam, on batches of 16 digits."""
    print(f"{model!r}: {len(model.parameters())} single numbers learn from {len(training)} digits")
    return fit(
        model,
        training.X,
        training.y,
        loss=cross_entropy,
        optimizer=Adam(model.parameters(), lr=0.005),
        epochs=epochs,
        batch_size=16,
        validation=(testing.X, testing.y),
        rng=SEED,
    )


def learn_mnist(folder: Path, epochs: int) -> None:
    """Trains a network of 39,760 numbers on MNIST with plain gradient descent, on batches of 100 digits."""
    started = time.perf_counter()
    try:
        images = mnist(folder)
        if len(images) < 2:
            raise ValueError(
                f"{folder} holds {len(images)} digits; at least one to train on and one to test on are needed"
            )
    except ValueError as error:
        raise SystemExit(f"digits.py: {error}") from error
    training, testing = images.split(test=max(1, len(images) // 5), shuffle=False)
    model = MLP(784, [50, 10], rng=SEED)
    print(f"{model!r}: {len(model.parameters())} single numbers learn from {len(training)} digits")
    history = fit(
        model,
        training.X,
        training.y,
        loss=cross_entropy,
        optimizer=SGD(model.parameters(), lr=0.1),
        epochs=epochs,
        batch_size=100,
        validation=(testing.X, testing.y),
        rng=SEED,
    )
    accuracy = history.validation_accuracy[-1]
    print(f"test accuracy {accuracy:.4f} on {len(testing)} digits, after {time.perf_counter() - started:.1f} s")
    if accuracy < WANTED_ACCURACY_OF_MNIST:
        raise SystemExit(f"the test accuracy {accuracy:.4f} is below {WANTED_ACCURACY_OF_MNIST}")


def best_guess(model: MLP, image: Sequence[float]) -> int:
    """The digit for which the network's output is the largest."""
    with no_grad():
        logits = model(image)
    assert isinstance(logits, list)
    return max(range(len(logits)), key=lambda digit: logits[digit].data)


def print_confusion_matrix(truths: Sequence[int], guesses: Sequence[int]) -> None:
    """How often each digit (a row) was taken for each digit (a column)."""
    counts = [[0] * 10 for _ in range(10)]
    for truth, guess in zip(truths, guesses, strict=True):
        counts[truth][guess] += 1
    print("       read as" + "".join(f"{digit:4}" for digit in range(10)))
    for digit, row in enumerate(counts):
        print(f"  a written {digit}  " + "".join(f"{count or '.':>4}" for count in row))


def draw_the_network(model: MLP, testing: Dataset, path: Path) -> Path:
    """Draws the layers, and the numbers between them, for the first of the test digits."""
    model.zero_grad()
    logits = model(testing.X[0])
    assert isinstance(logits, list)
    for digit, logit in enumerate(logits):
        logit.label = f"logit of {digit}"
    with scope("cross-entropy"):  # one box, as the layers are
        loss = cross_entropy(logits, testing.y[0])
    loss.label = "loss"
    loss.backward()
    draw(loss, path, max_depth=1)
    return path


def plot_loss(history: History, path: Path) -> Path:
    """The loss of each epoch, on the digits trained on and on those held out."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    epochs = range(1, len(history.loss) + 1)
    axes.plot(epochs, history.loss, "o-", color="#0072b2", label="training")
    axes.plot(epochs, history.validation_loss, "s--", color="#d55e00", label="test")
    axes.set(xlabel="epoch", ylabel="cross-entropy", title="Learning to read digits", ylim=(0, None))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()
    figure.savefig(path, dpi=150)
    return path


def plot_misread_digits(testing: Dataset, guesses: Sequence[int], path: Path) -> Path:
    """The misread test digits, each with its class and the guess."""
    from matplotlib.figure import Figure

    misread = [index for index, guess in enumerate(guesses) if guess != testing.y[index]]
    columns = 6
    rows = max(1, -(-len(misread) // columns))
    figure = Figure(figsize=(1.5 * columns, 1.9 * rows + 0.5), layout="constrained")
    figure.suptitle(f"{len(misread)} of {len(guesses)} digits misread")
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat[len(misread) :]:
        axes.axis("off")
    for axes, index in zip(grid.flat, misread, strict=False):
        axes.set(xticks=[], yticks=[])
        image = testing.X[index]
        axes.imshow([image[row : row + 8] for row in range(0, 64, 8)], cmap="gray_r")
        axes.set_title(f"a {testing.y[index]}, read as {guesses[index]}", fontsize=9)
    figure.savefig(path, dpi=150)
    return path


if __name__ == "__main__":
    try:
        main()
    except (OSError, ImportError) as error:  # a file cannot be read or written, or a package is missing
        raise SystemExit(f"digits.py: {error}") from error
