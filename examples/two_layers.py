"""A network of two layers learns to read digits in mini-batches: first its gradients are checked, then it is trained.

    python examples/two_layers.py [--epochs 50] [--out out]
    python examples/two_layers.py --mnist FOLDER [--epochs 50] [--out out]

50 sigmoid neurons, then one linear neuron for each digit, trained by plain gradient descent on batches. The digits are
the 1,797 scans of 8 x 8 pixels that ship with scikit-learn; with `--mnist` those of the MNIST files in a folder (then
in batches of 100 with a learning rate of 0.1). The accuracy on the digits trained on, and on those held out, is drawn
epoch by epoch: where the two curves part, the network memorizes instead of generalizing.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from autograd.support.files import atomic_write
from nn import MLP, SGD, Dataset, compare_gradients, cross_entropy, digits, fit, mnist, plot_history

if TYPE_CHECKING:
    from nn import History

SEED = 0
HIDDEN = 50
TEST_PART_OF_MNIST = 10_000  # the last of its 70,000 digits


def main() -> None:
    """Compares, trains and draws, and ends by naming the file it wrote."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=50, help="times through the training digits (default: 50)")
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder for the picture (default: out)")
    parser.add_argument("--mnist", type=Path, metavar="FOLDER", help="a folder with the IDX files of MNIST")
    options = parser.parse_args()
    if options.epochs < 1:
        parser.error("--epochs must be at least 1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a second thread gains nothing on matrices this small
    options.out.mkdir(parents=True, exist_ok=True)

    if options.mnist is None:
        training, testing = digits().split(test=360, rng=SEED)
        lr, batch_size = 0.5, 20
    else:
        try:
            training, testing = split_mnist(mnist(options.mnist))
        except ValueError as error:
            raise SystemExit(f"two_layers.py: {error}") from error
        lr, batch_size = 0.1, 100
    model = MLP(len(training.feature_names), [HIDDEN, 10], activation="sigmoid", rng=SEED)
    print(model)
    print(compare_gradients(model, training.X, training.y, cross_entropy, samples=3, at_most=20, progress=True))
    print(f"\ntraining on {len(training):,} digits in batches of {batch_size}, testing on {len(testing):,}")
    history = fit(
        model,
        training.X,
        training.y,
        loss=cross_entropy,
        optimizer=SGD(model.parameters(), lr=lr),
        epochs=options.epochs,
        batch_size=batch_size,
        validation=(testing.X, testing.y),
        rng=SEED,
    )
    if history.interrupted:
        print(f"stopped by Ctrl-C after {len(history.loss)} epochs")
    if history.loss:
        print(f"accuracy: training {history.accuracy[-1]:.4f}, test {history.validation_accuracy[-1]:.4f}")
        print(f"the curves are in {plot(history, options.out / 'two_layers.png')}")


def split_mnist(data: Dataset) -> tuple[Dataset, Dataset]:
    """The parts to train and to test on; if the folder holds only one of them, a fifth of it is held out."""
    if len(data) < 2:
        raise ValueError(f"there are {len(data)} digits; at least one to train on and one to test on are needed")
    if len(data) > TEST_PART_OF_MNIST:
        return data.split(test=TEST_PART_OF_MNIST, shuffle=False)
    return data.split(test=max(1, len(data) // 5), rng=SEED)


def plot(history: History, path: Path) -> Path:
    """The accuracy curves as a PNG file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    plot_history(history, ax=figure.subplots())
    with atomic_write(path) as unfinished:
        figure.savefig(unfinished, dpi=150)
    return path


if __name__ == "__main__":
    try:
        main()
    except (OSError, ImportError) as error:  # a file cannot be read or written, or a package is missing
        raise SystemExit(f"two_layers.py: {error}") from error
