"""A GPT made of single numbers: it reads a list of names, letter by letter, and then invents names of its own.

    python examples/gpt.py [--steps 1200] [--words FILE] [--temperature 0.5] [--save FILE] [--load FILE] [--eager]

A word is a row of tokens: its letters, with a boundary before and after. At each position the model gets the token
there, looks back at the earlier ones, and says how likely each token is to come next. The computation, top to bottom:

    x = token embedding + position embedding       Vaswani et al. 2017, "Attention Is All You Need", 3.4 and 3.5
    in each block:
        x = x + attention(norm(x))                 3.1 to 3.3 there; the norm comes first, and once more at the end,
        x = x + mlp(norm(x))                           as in Radford et al. 2019 (GPT-2), 2.3
    logits = W_output norm(x)
    loss = mean over the positions of -log(softmax(logits)[next token])

Each number is a Value: a step of training is a graph of some 50,000 additions, multiplications and exponentials. With
NumPy it is compiled, once for each length of word, and then replayed; `--eager` builds it anew for every word.
`autograd.draw(model.loss(tokens_of("ada")), "gpt.svg", max_depth=1)` shows it, folded to a box for each position.
"""

from __future__ import annotations

import argparse
import copy
import gc
import math
import random
import time
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, TypeAlias

from tqdm import tqdm

import autograd
from autograd import Value, dot, exp, log, no_grad, relu, scope, topological_order
from nn import Adam, Module

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd.compiler.compiled import Compiled

Vector: TypeAlias = list[Value]
Matrix: TypeAlias = list[list[Value]]  # a list of rows
Token: TypeAlias = int | Vector  # its index; or zeros with a 1 at that index ("one-hot")
Memory: TypeAlias = list[tuple[Matrix, Matrix]]  # for each block the keys and the values of the positions so far

LETTERS = "abcdefghijklmnopqrstuvwxyz"
BOUNDARY = len(LETTERS)  # the token before the first letter and after the last
VOCABULARY = len(LETTERS) + 1
RECENT = 100  # steps over which the loss is averaged when it is shown


def linear(weights: Matrix, x: Vector) -> Vector:
    """W x: one number for each row of W, its dot product with x."""
    return [dot(row, x) for row in weights]


def add(left: Vector, right: Vector) -> Vector:
    """The sum of two vectors: around attention and MLP, the residual connection (Vaswani et al. 2017, 3.1)."""
    return [a + b for a, b in zip(left, right, strict=True)]


def rms_norm(x: Vector) -> Vector:
    """x_i / RMS(x), where RMS(x) = sqrt(mean of x_i^2) (Zhang and Sennrich 2019, equation 4).

    The 1e-5 keeps x = 0 from dividing by zero. The gain of the paper is left out: a matrix follows, and can learn it.
    """
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [number * scale for number in x]


def softmax(scores: Vector) -> Vector:
    """exp(s_i) over the sum of them all.

    `autograd.softmax` takes the largest score out first, against overflow. Here the scores come from normed vectors and
    stay far below the 709 at which exp overflows, so nothing in the model depends on which number is the largest.
    """
    powers = [exp(score) for score in scores]
    total = autograd.sum(powers)
    return [power / total for power in powers]


def one_hot(token: int) -> list[float]:
    """A token as numbers, which a compiled function takes: zeros with a 1 at the index of the token."""
    return [1.0 if index == token else 0.0 for index in range(VOCABULARY)]


def embedding(rows: Matrix, token: Token) -> Vector:
    """The row of a token; for a one-hot token, the sum of all rows times its numbers, which is the same."""
    return rows[token] if isinstance(token, int) else [dot(token, column) for column in zip(*rows, strict=True)]


def cross_entropy(logits: Vector, target: Token) -> Value:
    """-log(softmax(logits)[target]), as log(sum of exp(logit_i)) - logit_target (Bishop 2006, equation 4.108)."""
    logit = logits[target] if isinstance(target, int) else dot(target, logits)
    return log(autograd.sum(exp(logit) for logit in logits)) - logit


def random_matrix(rows: int, columns: int, deviation: float, rng: random.Random) -> Matrix:
    """Parameters drawn from the normal distribution with mean 0."""
    return [[Value(rng.gauss(0.0, deviation)) for _ in range(columns)] for _ in range(rows)]


class Attention(Module):
    """Multi-head causal attention: each head looks back at the earlier positions (Vaswani et al. 2017, 3.2).

        head(q, K, V) = sum of w_t v_t, where w = softmax(q k_t / sqrt(d))     equation 1, for one query of d numbers
        output = W_output [head_1, ..., head_h]                                3.2.2

    It is called for one position after the other and keeps their keys and values. Later positions do not exist yet, so
    it is causal without a mask (3.2.3).
    """

    def __init__(self, size: int, heads: int, rng: random.Random) -> None:
        self.heads = heads
        self.query_weights = random_matrix(size, size, 0.08, rng)
        self.key_weights = random_matrix(size, size, 0.08, rng)
        self.value_weights = random_matrix(size, size, 0.08, rng)
        self.output_weights = random_matrix(size, size, 0.08, rng)
        self.members = self.parameters()  # the same Values again: a drawing shows them in the box of the scope

    def __call__(self, x: Vector, keys: Matrix, values: Matrix) -> Vector:
        """The output of the heads; appends the key and the value of this position to those of the earlier ones."""
        with scope("attention", members=self.members):
            query = linear(self.query_weights, x)
            keys.append(linear(self.key_weights, x))
            values.append(linear(self.value_weights, x))
            width = len(query) // self.heads
            found: Vector = []
            for start in range(0, len(query), width):
                head = slice(start, start + width)
                weights = softmax([dot(query[head], key[head]) / math.sqrt(width) for key in keys])
                found += [dot(weights, column) for column in zip(*(value[head] for value in values), strict=True)]
            return linear(self.output_weights, found)


class MLP(Module):
    """W_down relu(W_up x)^2, four times as wide in between (Vaswani et al. 2017, equation 2, without its biases).

    The square is that of So et al. 2021, "Primer: Searching for Efficient Transformers for Language Modeling".
    """

    def __init__(self, size: int, rng: random.Random) -> None:
        self.up_weights = random_matrix(4 * size, size, 0.08, rng)
        self.down_weights = random_matrix(size, 4 * size, 0.08, rng)
        self.members = self.parameters()

    def __call__(self, x: Vector) -> Vector:
        with scope("MLP", members=self.members):
            hidden = [relu(number) for number in linear(self.up_weights, x)]
            return linear(self.down_weights, [number * number for number in hidden])


class Block(Module):
    """Attention, which moves knowledge between positions, and an MLP, which works on it; each adds to the vector."""

    def __init__(self, size: int, heads: int, rng: random.Random) -> None:
        self.attention = Attention(size, heads, rng)
        self.mlp = MLP(size, rng)

    def __call__(self, x: Vector, keys: Matrix, values: Matrix) -> Vector:
        x = add(x, self.attention(rms_norm(x), keys, values))
        return add(x, self.mlp(rms_norm(x)))


class GPT(Module):
    """Embeddings, blocks, and a matrix that turns the last vector into a logit for each token.

    Args:
        embedding: how many numbers stand for a token; a multiple of `heads`.
        heads: the number of attention heads in each block.
        layers: the number of blocks.
        context: the largest number of positions, one more than the letters of the longest word.
        rng: draws the parameters. They are small, so that every token is about equally likely at first.
    """

    def __init__(self, *, embedding: int, heads: int, layers: int, context: int, rng: random.Random) -> None:
        self.token_embeddings = random_matrix(VOCABULARY, embedding, 1.0, rng)
        self.position_embeddings = random_matrix(context, embedding, 1.0, rng)
        self.blocks = [Block(embedding, heads, rng) for _ in range(layers)]
        self.output_weights = random_matrix(VOCABULARY, embedding, 0.08, rng)
        self.members = [weight for row in self.output_weights for weight in row]
        self.label_parameters()

    def new_memory(self) -> Memory:
        """The memory at the beginning of a word: no keys and no values."""
        return [([], []) for _ in self.blocks]

    def __call__(self, token: Token, position: int, memory: Memory) -> Vector:
        """The logits of the next token; adds the keys and values of `token` to those of the earlier positions."""
        with scope(f"position {position + 1}"):
            token_vector, position_vector = embedding(self.token_embeddings, token), self.position_embeddings[position]
            with scope("embedding", members=token_vector + position_vector):
                x = add(token_vector, position_vector)
            for number, (block, (keys, values)) in enumerate(zip(self.blocks, memory, strict=True), start=1):
                with scope(f"block {number}"):
                    x = block(x, keys, values)
            with scope("logits", members=self.members):
                return linear(self.output_weights, rms_norm(x))

    def loss(self, tokens: Sequence[Token]) -> Value:
        """The mean cross-entropy of each token after the first, given those before it.

        It depends on the parameters and the tokens alone: no Value decides which operations are done.
        """
        memory = self.new_memory()
        losses = []
        for position, (token, following) in enumerate(pairwise(tokens)):
            logits = self(token, position, memory)
            with scope(f"loss {position + 1}"):
                losses.append(cross_entropy(logits, following))
        return autograd.mean(losses)


def tokens_of(word: str) -> list[int]:
    """The word's letters as numbers, with the boundary before and after."""
    return [BOUNDARY, *map(LETTERS.index, word), BOUNDARY]


def read_words(path: Path, context: int) -> list[str]:
    """The words of a file, one a line; blank lines are skipped.

    Raises:
        OSError: the file cannot be read.
        ValueError: there are no words, or one that the model cannot take; the message names the line.
    """
    words = [line.strip() for line in path.read_text(encoding="utf-8-sig", errors="replace").splitlines()]
    for number, word in enumerate(words, start=1):
        unknown = "".join(sorted(set(word) - set(LETTERS)))
        if unknown:
            raise ValueError(f"{path}, line {number}: {word!r} has {unknown!r}; words are made of the letters a to z")
        if len(word) >= context:
            raise ValueError(f"{path}, line {number}: {word!r} is too long; it needs --context {len(word) + 1}")
    if not any(words):
        raise ValueError(f"{path} holds no words; it should have one a line")
    return [word for word in words if word]


def compiled(model: GPT) -> Compiled[..., Any]:
    """The loss as a function of the parameters' numbers and one-hot tokens, compiled once for each length of word."""
    parameters = model.parameters()

    def loss(numbers: Sequence[Value], tokens: Sequence[Token]) -> Value:
        in_place_of = {id(parameter): number for parameter, number in zip(parameters, numbers, strict=True)}
        return copy.deepcopy(model, in_place_of).loss(tokens)  # the loss of a model with these parameters

    return autograd.compile(loss)


def train(
    model: GPT, words: Sequence[str], *, steps: int, lr: float, rng: random.Random, eager: bool = True
) -> list[float]:
    """Trains with Adam (Kingma and Ba 2015, algorithm 1), on one word a step; returns the losses.

    The learning rate falls linearly from `lr` to 0. Ctrl-C ends the training between two steps.
    """
    optimizer = Adam(model.parameters(), lr=lr, betas=(0.9, 0.99))
    replayed = None if eager else compiled(model)
    numbers: Any = [parameter.data for parameter in optimizer.parameters]
    if replayed is not None:
        import numpy as np  # only the compiled function needs it

        numbers = np.array(numbers)
    state: Any = optimizer.initial_state
    losses: list[float] = []
    order: list[str] = []
    before = gc.get_threshold()
    gc.set_threshold(1_000_000)  # a graph has no cycles, so a search for them would only cost time
    try:
        with tqdm(total=steps, unit="step", mininterval=0.5, disable=steps == 0) as bar:
            for step in range(steps):
                order = order or rng.sample(words, len(words))
                optimizer.lr = lr * (1.0 - step / steps)
                tokens = tokens_of(order.pop())
                if replayed is None:
                    optimizer.zero_grad()
                    loss = model.loss(tokens)
                    loss.backward()
                    optimizer.step()
                    losses.append(loss.data)
                else:  # one update moves all parameters; the Values get their numbers at the end
                    number, (gradient, _) = replayed.value_and_grad(numbers, [one_hot(token) for token in tokens])
                    numbers, state = optimizer.update(numbers, gradient, state)
                    losses.append(number)
                bar.set_postfix(loss=f"{fmean(losses[-RECENT:]):.3f}", refresh=False)
                bar.update()
    except KeyboardInterrupt:
        print(f"\nstopped after {len(losses):,} of {steps:,} steps")
    finally:
        gc.set_threshold(*before)
        if replayed is not None:
            for parameter, number in zip(optimizer.parameters, numbers, strict=True):
                parameter.data = number
    return losses


def sample(model: GPT, context: int, temperature: float, rng: random.Random) -> str:
    """A word drawn letter by letter with the probabilities softmax(logits / temperature).

    A temperature below 1 makes likely letters even likelier. A word ends at a boundary, or at the last position.
    """
    letters, token, memory = "", BOUNDARY, model.new_memory()
    for position in range(context):
        with no_grad():
            logits = [logit.data for logit in model(token, position, memory)]
        largest = max(logits)  # subtracted, since the exponentials would overflow at a small temperature
        (token,) = rng.choices(range(VOCABULARY), [math.exp((logit - largest) / temperature) for logit in logits])
        if token == BOUNDARY:
            break
        letters += LETTERS[token]
    return letters


def main() -> None:
    """Trains a model, new or saved, and prints the words it invents."""
    options = read_options()
    rng = random.Random(options.seed)
    sizes = {name: getattr(options, name) for name in ("embedding", "heads", "layers", "context")}
    model = GPT(**sizes, rng=rng)
    try:
        words = read_words(options.words, options.context)
        if options.load:
            model.load(options.load)
    except (OSError, ValueError) as error:
        raise SystemExit(f"gpt.py: {error}") from error
    operations = sum(not node.is_leaf for node in topological_order(model.loss(tokens_of(words[0]))))
    print(f"{len(words):,} words, {len(model.parameters()):,} parameters")
    print(f"a step on {words[0]!r} takes {operations:,} scalar operations, forward and then backward\n")

    started = time.perf_counter()
    losses = train(model, words, steps=options.steps, lr=options.lr, rng=rng, eager=options.eager)
    if losses:
        print(f"\n{len(losses):,} steps in {time.perf_counter() - started:.0f} s")
        print(f"mean loss of the last {len(losses[-RECENT:])} steps: {fmean(losses[-RECENT:]):.3f}")
        print(f"loss of guessing uniformly: log {VOCABULARY} = {math.log(VOCABULARY):.3f}\n")
    if options.save:
        model.save(options.save)
    for _ in range(options.samples):
        word = sample(model, options.context, options.temperature, rng)
        print(f"  {word or '(no letters)':<{options.context}}  {'in the list' if word in words else 'new'}")


def read_options() -> argparse.Namespace:
    """The options of the command line; ends the program with a message if one makes no sense."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    numbers = {
        "steps": (1200, 0, "words to train on"),
        "embedding": (16, 1, "numbers that stand for a token"),
        "heads": (4, 1, "attention heads in each block"),
        "layers": (1, 1, "blocks of attention and MLP"),
        "context": (16, 2, "positions, one more than the longest word has letters"),
        "seed": (0, 0, "seed of all random numbers"),
        "samples": (20, 0, "words to invent"),
    }
    for name, (default, _, text) in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{text} (default: {default})")
    parser.add_argument("--lr", type=float, default=0.01, help="learning rate of the first step (default: 0.01)")
    parser.add_argument("--temperature", type=float, default=0.5, help="how daring the samples are (default: 0.5)")
    names = Path(__file__).with_name("names.txt")
    parser.add_argument("--words", type=Path, default=names, help="a file with a word on each line (default: names)")
    parser.add_argument("--save", type=Path, help="a JSON file for the trained parameters")
    parser.add_argument("--load", type=Path, help="a file that --save wrote, of a model of the same sizes, to continue")
    parser.add_argument("--eager", action="store_true", help="compile nothing (always so without NumPy)")
    options = parser.parse_args()
    options.eager = options.eager or find_spec("numpy") is None
    for name, (_, least, _) in numbers.items():
        if getattr(options, name) < least:
            parser.error(f"--{name} must be at least {least}")
    for name in ("lr", "temperature"):
        if not 0.0 < getattr(options, name) < math.inf:
            parser.error(f"--{name} must be a finite number above 0")
    if options.embedding % options.heads:
        parser.error(f"--embedding {options.embedding} cannot be shared evenly by --heads {options.heads}")
    if options.save and not options.save.parent.is_dir():
        parser.error(f"the folder of --save {options.save} does not exist")
    if options.save and options.save.is_dir():
        parser.error(f"--save {options.save} is a folder, not a file")
    return options


if __name__ == "__main__":
    try:
        main()
    except (OSError, ImportError) as error:  # a file cannot be read or written, or a package is missing
        raise SystemExit(f"gpt.py: {error}") from error
