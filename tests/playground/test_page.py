"""The playground in a real browser: each control, the numbers of the library, and nothing that gets out of its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from nn import ACTIVATIONS
from playground.experiment import Experiment
from playground.program import program
from playground.session import Session
from playground.settings import CHOICES, FEATURES, OPTIMIZERS, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

Open = Callable[..., "Page"]
Axe = Callable[["Page"], list[str]]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
OWN = "data=own&test=0&own=-0.5,0.5,0;0.5,0.5,1;0,-0.5,0"
DIVERGING = "loss=mse&activation=relu&lr=1000"


def epoch(page: Page) -> int:
    return int(page.locator("#epoch").inner_text())


def step(page: Page, times: int = 1) -> None:
    for _ in range(times):
        before = epoch(page)
        page.get_by_role("button", name="One epoch").click()
        reads(page, "#epoch", str(before + 1))


def reads(page: Page, selector: str, text: str | re.Pattern[str]) -> None:
    """Waits until an element says so."""
    from playwright.sync_api import expect

    expect(page.locator(selector)).to_have_text(text, timeout=20_000)


def settings_of(page: Page) -> Settings:
    """Those that the address tells."""
    settings, ignored = Settings.from_address(urlsplit(page.url).fragment)
    assert ignored == []
    return settings


def in_address(page: Page, name: str, text: str) -> None:
    """Waits until the address says so."""
    part = re.escape(f"{name}={text}")
    page.wait_for_url(re.compile(rf"[#&]{part}(&|$)"))


def trained(settings: Settings, epochs: int) -> Experiment:
    experiment = Experiment(settings)
    for _ in range(epochs):
        experiment.train_epoch()
    return experiment


def short(number: float) -> str:
    """A number as the page writes it."""
    return f"{number:.4g}"


# ---------------------------------------------------------------- training


def test_the_page_trains_with_the_numbers_of_the_library(opened: Open) -> None:
    page = opened("data=circles&layers=3&seed=5")
    step(page, 3)
    experiment = trained(settings_of(page), 3)
    assert page.locator("#training-loss").inner_text() == short(experiment.loss[-1])
    assert page.locator("#test-loss").inner_text() == short(experiment.test_loss[-1])
    assert page.locator("#training-accuracy").inner_text() == f"{100 * experiment.accuracy[-1]:.0f} %"
    assert page.locator("#test-accuracy").inner_text() == f"{100 * experiment.test_accuracy[-1]:.0f} %"


def test_python_in_the_browser_computes_as_python_does_here(opened: Open) -> None:
    settings = Settings(points=40, layers=(3, 2), activation="gelu", optimizer="Adam", lr=0.05)
    page = opened("points=20")
    losses = page.evaluate(
        """async (address) => {
            const { Session } = await import("./session.js");
            const session = new Session(1, { progress() {} });
            await session.ask("open", address);
            await session.ask("begin");
            const losses = [];
            for (let epoch = 0; epoch < 5; epoch += 1) {
                losses.push(...(await session.ask("train")).loss);
            }
            session.worker.terminate();
            return losses;
        }""",
        settings.address(),
    )
    assert losses == pytest.approx(trained(settings, 5).loss[1:], rel=1e-12, abs=0)


def test_play_goes_on_until_pause(opened: Open) -> None:
    page = opened("points=20")
    page.get_by_role("button", name="Play").click()
    reads(page, "#epoch", re.compile(r"^([5-9]|\d\d+)$"))
    page.get_by_role("button", name="Pause").click()
    reads(page, "#live", re.compile(r"^Epoch \d+: training loss [\d.e-]+, test loss [\d.e-]+\.$"))
    said = re.match(r"Epoch (\d+):", page.locator("#live").inner_text())
    assert said is not None
    reads(page, "#epoch", said[1])
    assert page.get_by_role("button", name="Play").is_visible()


def test_reset_goes_back_to_the_same_start(opened: Open) -> None:
    page = opened("points=20")
    step(page)
    first = page.locator("#training-loss").inner_text()
    page.get_by_role("button", name="Back to the start").click()
    reads(page, "#epoch", "0")
    reads(page, "#training-loss", short(Experiment(settings_of(page)).loss[0]))
    step(page)
    assert page.locator("#training-loss").inner_text() == first


def test_a_new_experiment_says_nothing_of_the_one_before(opened: Open) -> None:
    page = opened("points=20")
    step(page)
    reads(page, "#live", re.compile("^Epoch 1:"))
    page.get_by_role("button", name="Back to the start").click()
    reads(page, "#live", "")


@pytest.mark.parametrize(("speed", "longest"), [("1", 1000), ("4", 250), ("16", 62.5)])
def test_a_speed_is_what_each_epoch_waits_for(opened: Open, speed: str, longest: float) -> None:
    page = opened("points=20", fresh=True)
    page.evaluate(
        """() => {
            globalThis.waits = [];
            const wait = globalThis.setTimeout;
            globalThis.setTimeout = (call, time) => {
                globalThis.waits.push(time);
                return wait(call, 0);
            };
        }"""
    )
    page.get_by_label("Speed").select_option(speed)
    page.get_by_role("button", name="Play").click()
    reads(page, "#epoch", re.compile(r"^([3-9]|\d\d+)$"))
    waits = page.evaluate("globalThis.waits")
    assert len(waits) >= 2
    assert all(0 <= wait <= longest for wait in waits)  # the time that the epoch took is taken off


def test_play_after_a_short_pause_trains_no_faster(opened: Open) -> None:
    page = opened("points=20", fresh=True)
    page.evaluate(
        """() => {
            globalThis.waiting = [];
            globalThis.setTimeout = (call) => {
                document.body.dataset.waiting = globalThis.waiting.push(call);
            };
            globalThis.asked = 0;
            const { postMessage } = Worker.prototype;
            Worker.prototype.postMessage = function (question) {
                globalThis.asked += question.ask === "train";
                postMessage.call(this, question);
            };
        }"""
    )
    page.get_by_label("Speed").select_option("1")
    page.get_by_role("button", name="Play").click()
    page.locator("body[data-waiting='1']").wait_for()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").click()
    page.locator("body[data-waiting='2']").wait_for()
    page.evaluate("globalThis.waiting.forEach((call) => call())")
    assert page.evaluate("globalThis.asked") == 3


def test_the_curves_say_what_they_show(opened: Open) -> None:
    page = opened("points=20")
    curves = page.locator("#curves")
    experiment = trained(settings_of(page), 2)
    before = f"Loss before the first epoch: training {short(experiment.loss[0])}, test {short(experiment.test_loss[0])}"
    assert curves.get_attribute("aria-label") == before
    step(page, 2)
    after = f"Loss after 2 epochs: training {short(experiment.loss[-1])}, test {short(experiment.test_loss[-1])}"
    assert curves.get_attribute("aria-label") == after
    assert len(str(curves.locator(".curve.of-training").get_attribute("points")).split()) == 3


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)], ids=str)
def test_the_map_and_the_curves_are_in_sight_together(opened: Open, size: tuple[int, int]) -> None:
    page = opened("")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.locator("#square").scroll_into_view_if_needed()
    bottom = page.locator("#curves").evaluate("(curves) => curves.getBoundingClientRect().bottom")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert bottom <= size[1]


def test_training_that_diverges_stops_and_says_why(opened: Open) -> None:
    page = opened(DIVERGING)
    page.get_by_role("button", name="Play").click()
    reads(page, "#diverged", re.compile("^Training diverged at epoch [0-9]+: the learning rate 1000 is too large.$"))
    page.get_by_role("button", name="Play").wait_for()
    assert f"epoch {epoch(page) + 1}:" in page.locator("#diverged").inner_text()
    assert not page.locator("#failure").is_visible()


@pytest.mark.parametrize(
    ("settings", "offer", "lower"),
    [
        (DIVERGING, "Take 0.3, the default of SGD", "0.3"),
        (DIVERGING + "&optimizer=AdamW&weight_decay=1", "Take 0.001, the default of AdamW", "0.001"),
        ("loss=mse&activation=linear&layers=8,8&points=20&batch_size=1", "Take a tenth of it: 0.03", "0.03"),
    ],
)
def test_after_a_divergence_a_lower_rate_is_a_click_away(opened: Open, settings: str, offer: str, lower: str) -> None:
    page = opened(settings)
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name=offer).click()
    in_address(page, "lr", lower)
    page.locator("#divergence").wait_for(state="hidden")
    assert page.locator("#lr").input_value() == lower
    step(page)


def test_a_weight_can_be_looked_at_after_a_divergence(opened: Open) -> None:
    page = opened(DIVERGING + "&layers=2&points=20")
    page.get_by_role("button", name="Play").click()
    page.locator("#diverged:not(:empty)").wait_for()
    page.get_by_role("button", name="Play").wait_for()
    weight(page, "layer1.neuron1.w1").focus()
    page.keyboard.press("Enter")
    reads(page, "#example-name", re.compile("^Point 1 of 20"))
    assert page.locator("#divergence").is_visible()
    assert not page.locator("#failure").is_visible()


def test_what_an_optimizer_does_not_take_is_shown_and_can_be_mended(opened: Open) -> None:
    page = opened("nesterov=1")
    reads(page, "#failure", re.compile("^ValueError: nesterov needs a momentum above 0"))
    assert page.get_by_role("button", name="Play").is_disabled()
    page.get_by_label("Momentum").fill("0.9")
    page.get_by_label("Momentum").press("Enter")
    page.locator("#failure").wait_for(state="hidden")
    step(page)


def test_an_experiment_that_cannot_begin_shows_nothing_of_the_one_before(opened: Open) -> None:
    page = opened("points=20")
    step(page)
    page.get_by_label("Nesterov").check()
    reads(page, "#failure", re.compile("^ValueError: nesterov needs a momentum above 0"))
    assert epoch(page) == 0
    assert page.locator("#training-loss").inner_text() == "–"
    assert page.locator("#curves .curve.of-training").get_attribute("points") == ""
    assert page.locator("#diagram").inner_html() == ""


def test_what_is_missing_on_the_server_is_said(browser: Browser, address: str) -> None:
    context = browser.new_context(locale="en-GB")
    context.route("**/playground.zip", lambda route: route.fulfill(status=404))
    page = context.new_page()
    page.goto(address)
    reads(page, "#failure", re.compile("playground.zip: 404"))
    context.close()


# ---------------------------------------------------------------- before Python has started


@pytest.fixture
def unstarted(browser: Browser, address: str) -> Iterator[tuple[Page, list[Route]]]:
    """The playground as it is opened, and the download of its Python code, which waits."""
    context = browser.new_context(locale="en-GB")
    waiting: list[Route] = []
    context.route("**/playground.zip", lambda route: waiting.append(route))
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.goto(address)
    page.locator("#starting").wait_for()
    yield page, waiting
    context.unroute_all(behavior="ignoreErrors")
    context.close()


ALL_PAINTED = """() => [...document.querySelectorAll("#plane, .neuron canvas")].every((canvas) => {
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    return width > 1 && data.every((part, index) => index % 4 !== 3 || part === 255);
})"""


def test_the_page_shows_its_experiment_before_python_has_started(unstarted: tuple[Page, list[Route]]) -> None:
    page, _ = unstarted
    experiment = Experiment(Settings())
    assert page.locator("#training-loss").inner_text() == short(experiment.loss[0])
    assert page.locator(".parameter").count() == len(experiment.model.parameters())
    assert page.evaluate(ALL_PAINTED)
    drawn = page.evaluate(
        """() => {
            const points = document.getElementById("points-layer");
            return points.getContext("2d").getImageData(0, 0, points.width, points.height).data.some(Boolean);
        }"""
    )
    assert drawn
    assert page.get_by_role("button", name="Play").is_disabled()


def test_what_is_changed_before_python_has_started_is_not_lost(unstarted: tuple[Page, list[Route]]) -> None:
    page, waiting = unstarted
    page.get_by_role("combobox", name="Points", exact=True).select_option("xor")
    page.get_by_role("button", name="Add a hidden layer").click()
    page.get_by_role("button", name="Add a hidden layer").click()
    reads(page, "#layer-count", "4 hidden layers")
    while not waiting:
        page.evaluate("document.readyState")  # lets the request arrive here
    waiting[0].continue_()
    in_address(page, "layers", "4,2,2,2")
    assert settings_of(page).data == "xor"
    page.locator("#starting").wait_for(state="hidden")
    step(page)


def test_the_page_says_how_much_of_python_has_started(opened: Open) -> None:
    page = opened("")
    percents = [int(text.removesuffix(" %")) for text in page.evaluate("globalThis.percents")]
    assert percents == sorted(percents)
    assert len(percents) > 5
    assert 95 <= percents[-1] <= 100


def test_what_the_page_brings_is_what_python_says(opened: Open) -> None:
    page = opened("points=20")
    brought, said = page.evaluate(
        """async () => {
            const { Session } = await import("./session.js");
            const session = new Session(1, { progress() {} });
            const choices = await session.ask("choices");
            const opened = await session.ask("open", "");
            const begun = await session.ask("begin");
            session.worker.terminate();
            const { bytes, ...brought } = JSON.parse(document.getElementById("snapshot").textContent);
            return [brought, { choices, opened, begun }];
        }"""
    )
    assert list(numbers_in(brought)) == pytest.approx(list(numbers_in(said)), rel=1e-9, abs=1e-12)
    assert without_numbers(brought) == without_numbers(said)


def numbers_in(data: Any) -> Iterator[float]:
    if isinstance(data, (dict, list)):
        for part in data.values() if isinstance(data, dict) else data:
            yield from numbers_in(part)
    elif isinstance(data, (int, float)):
        yield data


def without_numbers(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: without_numbers(part) for name, part in data.items()}
    if isinstance(data, list):
        return [without_numbers(part) for part in data]
    return 0 if isinstance(data, (int, float)) else data


def test_after_the_start_nothing_is_fetched(opened: Open) -> None:
    page = opened("points=20&layers=2", fresh=True)
    page.context.set_offline(True)
    step(page)
    weight(page, "layer1.neuron1.w1").focus()
    page.keyboard.press("Enter")
    page.frame_locator("#player").get_by_role("heading", name="Start").wait_for()
    page.get_by_role("combobox", name="Optimizer", exact=True).select_option("Adam")
    in_address(page, "optimizer", "Adam")
    page.get_by_role("button", name="Show me the Python").click()
    reads(page, "#program-text", re.compile('^"""Learns to tell'))


# ---------------------------------------------------------------- settings and the address


@pytest.mark.parametrize("menu", CHOICES)
def test_each_choice_of_a_menu_learns_and_has_its_maps(opened: Open, menu: str) -> None:
    page = opened(OWN + "&layers=2")
    for choice in (*CHOICES[menu], CHOICES[menu][0]):
        page.locator(f"#{menu}").select_option(choice)
        in_address(page, menu, choice)
        page.locator("#play:enabled").wait_for()
        reads(page, "#epoch", "0")
        assert page.evaluate(ALL_PAINTED), choice
        step(page)
        assert page.evaluate(ALL_PAINTED), choice
        assert not page.locator("#failure").is_visible(), choice


@pytest.mark.parametrize(
    ("label", "choice", "name"),
    [
        ("Points", "spiral", "data"),
        ("Activation", "gelu", "activation"),
        ("Loss", "hinge", "loss"),
        ("Optimizer", "AdamW", "optimizer"),
    ],
)
def test_a_choice_goes_into_the_address_and_begins_anew(opened: Open, label: str, choice: str, name: str) -> None:
    page = opened("points=20")
    step(page)
    page.get_by_role("combobox", name=label, exact=True).select_option(choice)
    in_address(page, name, choice)
    reads(page, "#epoch", "0")
    step(page)


@pytest.mark.parametrize(
    ("label", "name", "text"),
    [
        ("Random seed", "seed", "7"),
        ("Learning rate", "lr", "0.05"),
        ("Momentum", "momentum", "0.5"),
        ("Weight decay", "weight_decay", "0.25"),
        ("Batch size", "batch_size", "3"),
        ("Alpha", "alpha", "0.5"),
        ("Beta 1", "beta_1", "0.5"),
        ("Beta 2", "beta_2", "0.75"),
    ],
)
def test_a_number_goes_into_the_address(opened: Open, label: str, name: str, text: str) -> None:
    optimizer = next((optimizer for optimizer, taken in OPTIMIZERS.items() if name in taken), "SGD")
    page = opened(f"points=20&optimizer={optimizer}")
    page.get_by_label(label).fill(text)
    page.get_by_label(label).press("Enter")
    in_address(page, name, text)


@pytest.mark.parametrize(
    ("label", "name", "text", "shown"),
    [
        ("How many", "points", "101", "101"),
        ("Noise", "noise", "0.11", "0.11"),
        ("Held out for testing", "test", "0.31", "31 %"),
    ],
)
def test_a_slider_moves_by_keys_into_the_address(opened: Open, label: str, name: str, text: str, shown: str) -> None:
    page = opened("")
    page.get_by_label(label).press("ArrowRight")
    in_address(page, name, text)
    assert page.locator(f"output[for={name}]").inner_text() == shown


def test_nesterov_goes_into_the_address(opened: Open) -> None:
    page = opened("momentum=0.5&points=20")
    page.get_by_label("Nesterov").check()
    in_address(page, "nesterov", "1")


def test_a_number_out_of_its_limits_changes_nothing(opened: Open) -> None:
    page = opened("points=20&lr=0.1")
    page.get_by_label("Learning rate").fill("-1")
    page.get_by_label("Learning rate").press("Tab")
    assert settings_of(page).lr == 0.1
    assert page.locator("#lr:invalid").count() == 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_only_what_the_optimizer_takes_can_be_set(opened: Open, optimizer: str) -> None:
    page = opened(f"points=20&optimizer={optimizer}")
    names = {name for taken in OPTIMIZERS.values() for name in taken}
    assert {name for name in names if page.locator(f"#{name}").is_visible()} == set(OPTIMIZERS[optimizer])


def test_features_can_be_added_and_taken_away_but_the_last(opened: Open) -> None:
    page = opened("points=20")
    page.get_by_role("checkbox", name="sin x").check()
    in_address(page, "features", "x,y,sinx")
    page.get_by_role("checkbox", name="x", exact=True).uncheck()
    in_address(page, "features", "y,sinx")
    page.get_by_role("checkbox", name="y", exact=True).uncheck()
    in_address(page, "features", "sinx")
    assert page.get_by_role("checkbox", name="sin x").is_disabled()
    step(page)


def test_layers_and_neurons_come_and_go(opened: Open) -> None:
    page = opened("points=20&layers=4,2")
    page.get_by_role("button", name="Add a hidden layer").click()
    in_address(page, "layers", "4,2,2")
    page.get_by_role("button", name="Add a neuron to layer 3").click()
    in_address(page, "layers", "4,2,3")
    page.get_by_role("button", name="Remove a neuron from layer 1").click()
    in_address(page, "layers", "3,2,3")
    for left in ("3,2", "3", ""):
        page.get_by_role("button", name="Remove the last hidden layer").click()
        in_address(page, "layers", left)
    assert page.get_by_role("button", name="Remove the last hidden layer").is_disabled()
    assert page.locator(".parameter").count() == 3
    step(page)


def test_there_are_no_more_layers_and_neurons_than_there_may_be(opened: Open) -> None:
    page = opened("points=20&layers=8,1,1,1")
    assert page.get_by_role("button", name="Add a hidden layer").is_disabled()
    assert page.get_by_role("button", name="Add a neuron to layer 1").is_disabled()
    assert page.get_by_role("button", name="Remove a neuron from layer 2").is_disabled()


def test_a_link_opens_the_same_experiment(opened: Open) -> None:
    page = opened("data=xor&points=40&features=x,xy&layers=3&loss=mse&optimizer=Adam&lr=0.01&seed=9")
    step(page)
    link, loss = urlsplit(page.url).fragment, page.locator("#training-loss").inner_text()
    other = opened(link)
    step(other)
    assert other.locator("#training-loss").inner_text() == loss
    assert [other.locator(f"#{name}").input_value() for name in ("data", "loss", "optimizer", "lr", "seed")] == [
        "xor",
        "mse",
        "Adam",
        "0.01",
        "9",
    ]


def test_a_new_address_in_the_same_page_is_followed(opened: Open, address: str) -> None:
    page = opened("points=20")
    page.goto(f"{address}#data=spiral&points=30")
    in_address(page, "points", "30")
    reads(page, "output[for=points]", "30")
    assert page.locator("#data").input_value() == "spiral"


def test_what_an_address_says_stays_text(opened: Open) -> None:
    page = opened("data=<img src=x onerror=alert(1)>&<b>x</b>=1&own=</script><script>alert(1)</script>")
    said = page.locator("#status").inner_text()
    assert "data=<img src=x onerror=alert(1)>" in said
    assert "<b>x</b>=1" in said
    assert page.locator("main b, main img, main script").count() == 0


def test_the_link_can_be_copied(opened: Open) -> None:
    page = opened("points=20")
    page.get_by_role("button", name="Copy link").click()
    reads(page, "#status", "Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == page.url


# ---------------------------------------------------------------- the map


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_maps_are_what_the_model_says(opened: Open, activation: str) -> None:
    settings = Settings(points=20, layers=(3, 2), features=tuple(FEATURES), activation=activation, lr=0.05)
    experiment = trained(settings, 3)
    layers = [
        [{"weights": [weight.data for weight in neuron.w], "bias": neuron.b.data} for neuron in layer.neurons]
        for layer in experiment.model.layers
    ]
    told = Session().choices()
    features = [told["features"][name] for name in settings.features]
    network = {"features": features, "layers": layers, "activation": told["activations"][activation]}
    page = opened("")
    view, size = {"x": 0.25, "y": -0.5, "half": 2.0}, 7
    maps = page.evaluate(
        """async ({ network, view, size }) => {
            const { maps } = await import("./formulas.js");
            return maps(network, view, size).map((column) => column.map((numbers) => [...numbers]));
        }""",
        {"network": network, "view": view, "size": size},
    )
    fields = [
        (
            view["x"] + view["half"] * ((2 * column + 1) / size - 1),
            view["y"] + view["half"] * (1 - (2 * row + 1) / size),
        )
        for row in range(size)
        for column in range(size)
    ]
    for index, (x, y) in enumerate(fields):
        numbers: Any = [feature.function(x, y) for feature in FEATURES.values()]
        for column, layer in zip(maps, [None, *experiment.model.layers], strict=True):
            if layer is not None:
                outputs = layer(numbers)
                numbers = [outputs] if len(layer.neurons) == 1 else outputs
            expected = [float(number) if layer is None else number.data for number in numbers]
            assert [neuron[index] for neuron in column] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_the_value_under_the_pointer_is_that_of_the_model(opened: Open) -> None:
    page = opened(OWN + "&layers=2")
    page.locator("#square").hover()
    output: Any = Experiment(settings_of(page)).model([0.0, 0.0])
    said = page.locator("#reading").inner_text()
    found = re.match(r"\((-?[\d.]+), (-?[\d.]+)\): output (\S+), class ([AB]) with probability (\d+) %", said)
    assert found, said
    assert [float(found[1]), float(found[2])] == pytest.approx([0.0, 0.0], abs=0.011)
    assert float(found[3]) == pytest.approx(output.data, abs=0.03)  # the pointer is on a pixel, not on a number
    page.get_by_role("heading", name="Loss").hover()
    reads(page, "#reading", "")


def test_the_map_can_be_read_by_keys(opened: Open) -> None:
    page = opened(OWN + "&layers=2")
    page.locator("#square").focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(key)
    output: Any = Experiment(settings_of(page)).model([0.0, 0.0])
    assert page.locator("#reading").inner_text().startswith(f"(0.00, 0.00): output {short(output.data)}, class ")


def test_a_neuron_can_be_seen_at_large(opened: Open) -> None:
    page = opened("points=20&layers=2")
    page.get_by_role("button", name="Show on the map: Layer 1, neuron 2").hover()
    reads(page, "#plane-heading", "Layer 1, neuron 2")
    page.get_by_role("button", name="Show on the map: y", exact=True).focus()
    reads(page, "#plane-heading", "y")
    page.get_by_role("button", name="One epoch").hover()
    page.get_by_role("button", name="One epoch").focus()
    reads(page, "#plane-heading", "Output")


def test_points_look_the_same_on_every_ground_and_those_held_out_have_a_hole(opened: Open) -> None:
    page = opened(OWN.replace("test=0", "test=0.34"))
    experiment = Experiment(settings_of(page))
    assert experiment.test is not None
    points = [*experiment.train.X, *experiment.test.X]
    found = page.evaluate(
        """async (points) => {
            const { palette } = await import("./plane.js");
            const canvas = document.getElementById("points-layer");
            const { width, height } = canvas;
            const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
            copy.drawImage(canvas, 0, 0);
            const colours = Object.entries(palette());
            const name = (x, y) => {
                const { data } = copy.getImageData(x, y, 1, 1);
                const far = (colour) => Math.hypot(...colour.map((part, index) => part - data[index]));
                const nearest = colours.toSorted(([, one], [, other]) => far(one) - far(other))[0];
                return data[3] > 128 ? nearest[0] : null;
            };
            return points.map(([x, y]) => {
                const [left, top] = [(1 + x / 1.05) / 2, (1 - y / 1.05) / 2].map((part) => part * width);
                const row = Array.from({ length: 10 }, (_, right) => name(left + right, top)).filter(Boolean);
                return row.filter((colour, index) => colour !== row[index - 1]);
            });
        }""",
        points,
    )
    classes = ["second" if label else "first" for label in [*experiment.train.y, *experiment.test.y]]
    assert found == [[classes[0], "text"], [classes[1], "text"], ["between", classes[2], "text"]]


# ---------------------------------------------------------------- one's own points


def click_on_map(page: Page, x: float, y: float) -> None:
    """Clicks on a point of the map of one's own points, which goes a little beyond -1 and 1."""
    box = page.locator("#square").bounding_box()
    assert box is not None
    at = {"x": box["width"] * (1 + x / 1.05) / 2, "y": box["height"] * (1 - y / 1.05) / 2}
    page.locator("#square").click(position={"x": at["x"], "y": at["y"]})


def own_points(page: Page, count: int) -> list[tuple[float, float, int]]:
    """Waits until there are so many, and gives them."""
    page.wait_for_url(
        lambda url: len(Settings.from_address(urlsplit(url).fragment)[0].own) == count,
    )
    return list(settings_of(page).own)


def test_own_points_are_clicked_into_the_map_and_learned(opened: Open) -> None:
    page = opened("points=20&test=0")
    page.get_by_role("combobox", name="Points", exact=True).select_option("own")
    page.get_by_text("There are no points yet. Choose a class, and click.").wait_for()
    assert page.get_by_role("button", name="Play").is_disabled()
    click_on_map(page, -0.5, 0.5)
    own_points(page, 1)
    page.get_by_label("Add B ◆").check()
    click_on_map(page, 0.5, -0.25)
    first, second = own_points(page, 2)
    assert first == pytest.approx((-0.5, 0.5, 0), abs=0.011)
    assert second == pytest.approx((0.5, -0.25, 1), abs=0.011)
    page.locator("#no-points").wait_for(state="hidden")
    step(page)


def test_own_points_are_added_by_keys(opened: Open) -> None:
    page = opened(OWN)
    page.get_by_label("Add B ◆").check()
    page.locator("#square").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert own_points(page, 4)[-1] == pytest.approx((0.05, 0.0, 1), abs=0.005)


def test_own_points_are_removed_by_a_click(opened: Open) -> None:
    page = opened(OWN)
    page.get_by_label("Remove", exact=True).check()
    click_on_map(page, 0.9, -0.9)
    click_on_map(page, 0.5, 0.5)
    assert own_points(page, 2) == [(-0.5, 0.5, 0), (0.0, -0.5, 0)]


def test_the_last_point_removed_leaves_an_empty_map(opened: Open) -> None:
    page = opened("data=own&test=0&own=0,0,0")
    step(page)
    page.get_by_label("Remove", exact=True).check()
    click_on_map(page, 0.0, 0.0)
    page.locator("#no-points").wait_for()
    assert (epoch(page), page.locator(".parameter").count()) == (0, 0)
    assert page.get_by_role("button", name="Play").is_disabled()


# ---------------------------------------------------------------- one weight


def weight(page: Page, name: str) -> Any:
    return page.locator(f'.parameter[aria-label^="{name} = "]')


def test_a_weight_under_the_pointer_tells_its_number_and_its_gradient(opened: Open) -> None:
    page = opened("points=20&layers=2")
    step(page, 2)
    weight(page, "layer2.neuron1.w1").hover()
    experiment = trained(settings_of(page), 2)
    number = dict(experiment.model.named_parameters())["layer2.neuron1.w1"].data
    gradient = experiment.gradients()["layer2.neuron1.w1"]
    reads(
        page,
        "#weight-reading",
        f"layer2.neuron1.w1 = {short(number)} d mean loss / d layer2.neuron1.w1 = {short(gradient)}",
    )
    page.get_by_role("heading", name="Network").hover()
    reads(page, "#weight-reading", "Point at a line (a weight) or at a dot (a bias) to see its gradient.")


def test_weights_are_drawn_by_size_and_sign(opened: Open) -> None:
    page = opened("points=20&layers=3")
    drawn = page.locator(".parameter:has(.line)").evaluate_all(
        """(all) => all.map((weight) => [
            Number(weight.getAttribute("aria-label").split(" = ")[1]),
            Number(weight.querySelector(".line").getAttribute("stroke-width")),
            weight.classList.contains("negative"),
        ])"""
    )
    assert {number < 0 for number, _, _ in drawn} == {True, False}
    assert all(negative == (number < 0) for number, _, negative in drawn)
    assert all(width == pytest.approx(0.6 + 2 * abs(number), abs=0.02) for number, width, _ in drawn)


def test_a_bias_is_a_dot_that_tells_its_gradient(opened: Open) -> None:
    page = opened("points=20&layers=2")
    weight(page, "layer1.neuron1.b").focus()
    reads(
        page, "#weight-reading", re.compile(r"^layer1.neuron1.b = 0\s+d mean loss / d layer1.neuron1.b = -?[\d.e-]+$")
    )


def test_weights_are_reached_by_arrow_keys(opened: Open) -> None:
    page = opened("points=20&layers=2")
    weight(page, "layer1.neuron1.w1").focus()
    page.keyboard.press("ArrowRight")
    reads(page, "#weight-reading", re.compile(r"^layer1.neuron1.w2 = "))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    reads(page, "#weight-reading", re.compile(r"^layer2.neuron1.b = "))


def test_a_click_on_a_weight_plays_how_its_gradient_is_computed(opened: Open) -> None:
    page = opened("points=20&layers=2&loss=hinge&features=x,xy")
    step(page)
    weight(page, "layer2.neuron1.w2").click()
    player = page.frame_locator("#player")
    loss = trained(settings_of(page), 1).loss_by("layer2.neuron1.w2", 0)
    player.locator("#title", has_text=f"= {short(loss.data)}").wait_for()
    reads(page, "#weight-heading", "How the gradient of layer2.neuron1.w2 is computed")
    reads(page, "#example-name", re.compile(r"^Point 1 of 20, class [AB]; at epoch 1$"))
    player.get_by_role("heading", name=re.compile("Paths from.*w.?2.* to .*loss")).wait_for()
    player.get_by_role("button", name="Step forward").click()
    player.get_by_role("heading", name="Forward: step 1 of").wait_for()


def test_a_pointer_that_rests_on_a_weight_plays_how_its_gradient_is_computed(opened: Open) -> None:
    page = opened("points=20&layers=2&loss=hinge")
    top = page.evaluate("scrollY")
    weight(page, "layer2.neuron1.w2").hover()
    reads(page, "#weight-heading", "How the gradient of layer2.neuron1.w2 is computed")
    page.frame_locator("#player").get_by_role("heading", name=re.compile("Paths from.*w.?2")).wait_for()
    assert page.evaluate("scrollY") == top
    weight(page, "layer2.neuron1.w1").hover()
    reads(page, "#weight-heading", "How the gradient of layer2.neuron1.w1 is computed")
    page.get_by_role("heading", name="Network").hover()
    assert page.locator("#weight").is_visible()  # the pointer can go into it


def test_a_pointer_that_rests_on_another_weight_leaves_the_chosen_one(opened: Open) -> None:
    page = opened("points=20&layers=2&loss=hinge", fresh=True)
    weight(page, "layer2.neuron1.w2").click()
    reads(page, "#weight-heading", "How the gradient of layer2.neuron1.w2 is computed")
    page.evaluate("() => { globalThis.rests = 0; globalThis.setTimeout = () => (globalThis.rests += 1) }")
    weight(page, "layer2.neuron1.w1").hover()
    reads(page, "#weight-reading", re.compile("^layer2.neuron1.w1 = "))
    assert page.evaluate("globalThis.rests") == 0


def test_the_example_of_the_player_can_be_chosen(opened: Open) -> None:
    page = opened(OWN + "&layers=2")
    weight(page, "layer1.neuron1.w1").focus()
    page.keyboard.press("Enter")
    reads(page, "#example-name", "Point 1 of 3, class A; at epoch 0")
    page.get_by_role("button", name="Next point").click()
    reads(page, "#example-name", "Point 2 of 3, class B; at epoch 0")
    for _ in range(2):
        page.get_by_role("button", name="Previous point").click()
    reads(page, "#example-name", "Point 3 of 3, class A; at epoch 0")
    page.get_by_role("radio", name="Choose").check()
    click_on_map(page, 0.5, 0.5)
    reads(page, "#example-name", "Point 2 of 3, class B; at epoch 0")
    loss = Experiment(settings_of(page)).loss_by("layer1.neuron1.w1", 1)
    page.frame_locator("#player").locator("#title", has_text=f"= {short(loss.data)}").wait_for()


@pytest.mark.parametrize("example", [0, 2])
def test_the_gradient_of_the_point_is_joined_to_that_of_the_mean(opened: Open, example: int) -> None:
    page = opened(OWN.replace("test=0", "test=0.34") + "&layers=2")
    step(page)
    weight(page, "layer1.neuron1.w1").focus()
    page.keyboard.press("Enter")
    for _ in range(example):
        page.get_by_role("button", name="Next point").click()
    experiment = trained(settings_of(page), 1)
    mean = short(experiment.gradients()["layer1.neuron1.w1"])
    session = Session()
    session.open(settings_of(page).address())
    session.begin()
    session.train()
    gradient = short(session.player("layer1.neuron1.w1", example)["gradient"])
    mean_part = f"The gradient of the mean loss is {mean}, the mean over 2 training points."
    held_out = "; it is held out for testing, so it is not among them" if example == 2 else ""
    reads(page, "#joined", f"{mean_part} This point gives {gradient}{held_out}.")


def test_the_player_follows_the_training_and_goes_with_its_weight(opened: Open) -> None:
    page = opened("points=20&layers=2")
    weight(page, "layer1.neuron1.w1").focus()
    page.keyboard.press(" ")
    reads(page, "#example-name", re.compile("at epoch 0$"))
    step(page)
    reads(page, "#example-name", re.compile("at epoch 1$"))
    weight(page, "layer1.neuron1.w1").focus()
    page.keyboard.press("Enter")
    page.locator("#weight").wait_for(state="hidden")


def test_the_frame_of_the_player_cannot_reach_the_page(opened: Open) -> None:
    page = opened("points=20&layers=2")
    assert page.locator("#player").get_attribute("sandbox") == "allow-scripts"


# ---------------------------------------------------------------- the program


def test_the_python_is_shown_and_copied(opened: Open) -> None:
    page = opened("points=20&features=x,sinx")
    step(page, 2)
    page.get_by_role("button", name="Show me the Python").click()
    reads(page, "#program-heading", "The program that does the same")
    expected = program(settings_of(page), 2)
    reads(page, "#program-text", expected)
    assert page.locator("#program-text").text_content() == expected  # to the letter, line breaks included
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_role("button", name="Copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == expected
    page.get_by_role("button", name="Close").click()
    page.get_by_role("dialog").wait_for(state="hidden")


def test_what_cannot_be_copied_is_selected(opened: Open) -> None:
    page = opened("points=20", fresh=True)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    page.get_by_role("button", name="Show me the Python").click()
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_role("button", name="The program is selected: press Ctrl+C.").wait_for()
    assert page.evaluate("String(getSelection())").startswith('"""Learns to tell')


# ---------------------------------------------------------------- for everybody


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_axe_finds_nothing(opened: Open, axe: Axe, options: dict[str, Any]) -> None:
    page = opened(OWN, **options)
    step(page)
    assert axe(page) == []
    weight(page, "layer1.neuron1.w1").focus()
    page.keyboard.press("Enter")
    reads(page, "#example-name", re.compile("^Point 1 of 3"))
    assert axe(page) == []
    page.get_by_role("button", name="Show me the Python").click()
    page.get_by_role("dialog").wait_for()
    assert axe(page) == []


def test_axe_finds_nothing_where_there_is_a_failure(opened: Open, axe: Axe) -> None:
    page = opened("nesterov=1&colour=red")
    reads(page, "#failure", re.compile("ValueError"))
    assert axe(page) == []


@pytest.mark.parametrize("settings", ["", OWN, "layers=8,8,8,8&features=x,y,xx,yy,xy,sinx,siny", DIVERGING])
def test_nothing_sticks_out_of_a_phone(opened: Open, settings: str) -> None:
    page = opened(settings, **PHONE)
    page.get_by_role("button", name="One epoch").click()
    page.locator("#live:not(:empty), #failure:not(:empty)").first.wait_for(state="attached")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_bar_of_a_phone_does_not_cover_the_heading_of_a_weight(opened: Open) -> None:
    page = opened("points=20", **PHONE)
    weight(page, "layer1.neuron1.w1").focus()
    page.keyboard.press("Enter")
    reads(page, "#joined", re.compile("^The gradient of the mean loss"))
    page.wait_for_function(
        """() => {
            const bar = document.querySelector(".training").getBoundingClientRect();
            const { top } = document.getElementById("weight-heading").getBoundingClientRect();
            return bar.top === 0 && bar.bottom <= top && top < innerHeight / 2;
        }"""
    )


def test_a_chinese_browser_gets_a_chinese_page(opened: Open) -> None:
    page = opened("points=20&layers=2", locale="zh-CN")
    step_in_chinese = page.get_by_role("button", name="训练一轮")
    step_in_chinese.click()
    reads(page, "#live", re.compile("^第 1 轮：训练损失 .+，测试损失 .+。$"))
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    weight(page, "layer1.neuron1.w1").focus()
    page.keyboard.press("Enter")
    page.frame_locator("#player").get_by_role("heading", name="开始").wait_for()


def test_the_language_can_be_switched_and_the_experiment_goes_on(opened: Open) -> None:
    page = opened("points=20&layers=2")
    step(page)
    weight(page, "layer1.neuron1.w1").focus()
    page.keyboard.press("Enter")
    page.frame_locator("#player").get_by_role("heading", name="Start").wait_for()
    page.get_by_label("Language").select_option("zh-Hans")
    reads(page, "#plane-heading", "输出")
    page.frame_locator("#player").get_by_role("heading", name="开始").wait_for()
    page.get_by_label("语言").select_option("en")
    reads(page, "#plane-heading", "Output")
    page.frame_locator("#player").get_by_role("heading", name="Start").wait_for()
    assert epoch(page) == 1


def test_both_languages_say_everything(opened: Open) -> None:
    page = opened("")
    kinds = page.evaluate(
        """async () => {
            const { LANGUAGES } = await import("./texts.js");
            const kind = (text) =>
                typeof text === "object" ? Object.entries(text).map(([name, part]) => [name, kind(part)]) : typeof text;
            return Object.values(LANGUAGES).map(kind);
        }"""
    )
    assert len(kinds) == 2
    assert kinds[0] == kinds[1]


def test_the_player_has_the_colours_of_the_page(opened: Open) -> None:
    page = opened("points=20&layers=2", fresh=True)
    page.get_by_label("Colours").select_option("dark")
    weight(page, "layer1.neuron1.w1").focus()
    page.keyboard.press("Enter")
    player = page.frame_locator("#player").locator("html[data-theme=dark]")
    player.wait_for()
    assert not page.frame_locator("#player").get_by_label("Colours").is_visible()
    page.get_by_label("Colours").select_option("light")
    page.frame_locator("#player").locator("html[data-theme=light]").wait_for()


def test_the_title_is_whole_on_a_phone(opened: Open) -> None:
    page = opened("points=20", **PHONE)
    assert page.locator("h1").evaluate("(title) => title.scrollWidth <= title.clientWidth")


def test_the_colours_can_be_chosen(opened: Open) -> None:
    page = opened("points=20", fresh=True)
    drawn = "[...document.querySelectorAll('#square canvas')].map((canvas) => canvas.toDataURL())"
    light = page.evaluate(drawn)
    page.get_by_label("Colours").select_option("dark")
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
    map_in_dark, points_in_dark = page.evaluate(drawn)
    assert map_in_dark != light[0]
    assert points_in_dark != light[1]
    page.get_by_label("Colours").select_option("light")
    assert page.evaluate(drawn) == light


def test_the_page_answers_while_python_works(opened: Open) -> None:
    page = opened("points=500&layers=8,8,8,8&batch_size=1&optimizer=Adam")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.locator("#square").hover()
    reads(page, "#reading", re.compile("output"))
    assert epoch(page) == 0  # all of that came before the first epoch was done
    page.get_by_role("button", name="Pause").click()
    reads(page, "#epoch", "1")


def test_the_page_keeps_to_a_policy_without_evaluation_of_text(opened: Open) -> None:
    page = opened("")
    policy = str(page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content"))
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
