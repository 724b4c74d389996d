"""What a real Jupyter kernel is told while a model is trained."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager, start_new_kernel

import nn

Message = dict[str, Any]
Run = Callable[..., tuple[list[Message], Message]]

TRAINING = """
import nn

def train(epochs, **settings):
    data = nn.xor()
    model = nn.MLP(2, [2, 1], activation="tanh", rng=0)
    settings = {"optimizer": nn.SGD(model.parameters(), lr=0.1), "batch_size": 4, "rng": 0, "compile": False} | settings
    return nn.fit(model, data.X, data.y, loss=nn.binary_cross_entropy_with_logits, epochs=epochs, **settings)
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[tuple[KernelManager, Run]]:
    manager, client = start_new_kernel()

    def run(code: str, seen: Callable[[Message], object] = lambda message: None) -> tuple[list[Message], Message]:
        """What the cell displays, and the reply of the kernel at its end."""
        messages: list[Message] = []

        def hook(message: Message) -> None:
            messages.append(message)
            seen(message)

        reply = client.execute_interactive(code, output_hook=hook, timeout=60)
        return [message for message in messages if "display_data" in message["msg_type"]], reply["content"]

    assert run(TRAINING)[1]["status"] == "ok"
    yield manager, run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def run(kernel: tuple[KernelManager, Run]) -> Run:
    return kernel[1]


def text(message: Message, kind: str = "text/html") -> str:
    shown: str = message["content"]["data"][kind]
    return shown


def test_the_curves_are_updated_where_they_stand(run: Run) -> None:
    first, *updates = run("history = train(5)")[0]
    assert first["msg_type"] == "display_data"
    assert {message["msg_type"] for message in updates} == {"update_display_data"}
    names = {message["content"]["transient"]["display_id"] for message in (first, *updates)}
    assert len(names) == 1


def test_what_stays_is_the_whole_history(run: Run) -> None:
    last = run("history = train(30)")[0][-1]
    assert "30 of 30 epochs" in text(last)
    assert "<progress" not in text(last)
    assert "loss of 30 epochs" in text(last)


def test_what_stays_has_a_plain_text_twin(run: Run) -> None:
    last = run("history = train(3)")[0][-1]
    assert [line.split()[0] for line in text(last, "text/plain").splitlines()] == ["3", "epoch", "-----", "1", "2", "3"]


def test_a_history_that_ends_the_cell_does_not_show_the_curves_again(run: Run) -> None:
    results: list[Message] = []

    def keep(message: Message) -> None:
        if message["msg_type"] == "execute_result":
            results.append(message)

    shown, _ = run("history = train(3); history", keep)
    assert "loss of 3 epochs" in text(shown[-1])
    run("history", keep)
    first, later = map(text, results)
    assert first == "<div>3 epochs</div>"
    assert "loss of 3 epochs" in later


def test_a_bar_is_in_the_first_picture(run: Run) -> None:
    assert '<progress value="0" max="3"' in text(run("history = train(3)")[0][0])


def test_nothing_else_is_written(run: Run) -> None:
    written: list[Message] = []
    run("history = train(3)", lambda message: written.append(message) if message["msg_type"] == "stream" else None)
    assert written == []


def test_the_curves_come_a_few_times_a_second_however_fast_the_epochs_are(run: Run) -> None:
    printed: list[str] = []
    messages, _ = run(
        "import time; start = time.monotonic(); history = train(2000); print(time.monotonic() - start)",
        lambda message: printed.append(message["content"]["text"]) if message["msg_type"] == "stream" else None,
    )
    assert len(messages) <= 2 + float(printed[0]) / 0.3


def test_no_progress_shows_nothing(run: Run) -> None:
    assert run("history = train(3, progress=False)")[0] == []


def test_an_error_leaves_the_epochs_so_far_and_its_name(run: Run) -> None:
    messages, reply = run("train(5, callbacks=[lambda model, history: len(history.loss) == 3 and 1 / 0])")
    assert reply["ename"] == "ZeroDivisionError"
    assert "3 of 5 epochs" in text(messages[-1])
    assert "ended by ZeroDivisionError" in text(messages[-1])
    assert "loss of 3 epochs" in text(messages[-1])


def test_an_interrupt_leaves_the_epochs_so_far_and_says_so(kernel: tuple[KernelManager, Run]) -> None:
    manager, run = kernel
    is_interrupted = False

    def interrupt_once(message: Message) -> None:
        nonlocal is_interrupted
        if message["msg_type"] == "update_display_data" and not is_interrupted:
            is_interrupted = True
            manager.interrupt_kernel()

    messages, reply = run("history = train(10**9)", interrupt_once)
    assert reply["status"] == "ok"
    assert "interrupted" in text(messages[-1])
    assert "<progress" not in text(messages[-1])


def test_a_callback_that_ends_the_training_leaves_the_epochs_so_far(run: Run) -> None:
    last = run("history = train(9, callbacks=[lambda model, history: len(history.loss) == 4])")[0][-1]
    assert "4 of 9 epochs" in text(last)


@pytest.mark.parametrize("arguments", [["-c"], ["-m", "IPython", "-c"]])
def test_a_terminal_gets_the_bar_and_no_picture(arguments: list[str], tmp_path: Path) -> None:
    command = [sys.executable, *arguments, f"import IPython{TRAINING}\ntrain(3);"]
    environment = os.environ | {"PYTHONPATH": str(Path(nn.__file__).parents[1]), "IPYTHONDIR": str(tmp_path)}
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert "epoch 3/3" in found.stderr
    assert "of 3 epochs" not in found.stdout + found.stderr
