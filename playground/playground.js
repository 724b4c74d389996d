// The page: its state, its controls, and what it shows of each epoch.
import { LANGUAGES } from "./texts.js";
import { Diagram, FEATURE_NAMES, MAP_SIZE } from "./network.js";
import { Plane, SIZE, paint, palette } from "./plane.js";
import { PRIMITIVES } from "./player/primitives.js";
import { Session } from "./session.js";
import { drawCurves } from "./curves.js";
import { element } from "./player/elements.js";
import { evaluation, maps, viewOf } from "./formulas.js";
import { preferred, translate } from "./player/language.js";
import { short } from "./player/numbers.js";

const PROGRAM_EPOCHS = 100; // of the program, while nothing was trained here
const REST = 400; // milliseconds after which a pointer rests on a weight
const form = document.querySelector("form.settings");
const sigmoid = PRIMITIVES.sigmoid.forward;

const percent = (share) => `${Math.round(100 * share)} %`;

class Playground {
  constructor() {
    this.session = new Session();
    this.settings = null; // those of experiment.Settings
    this.layers = null; // of weights and biases, as Python last sent them
    this.epochs = 0;
    this.losses = { training: [], test: [] };
    this.turn = 0; // counts the experiments, so that answers to a former one are dropped
    this.run = null; // of epochs one after the other, from Play to Pause
    this.tool = "choose";
    this.shown = null; // the neuron that the map shows in place of the output
    this.pointed = null; // the parameter under the pointer
    this.example = 0;
    this.gradients = null;
    this.plane = new Plane(element("square"), {
      point: () => this.read(),
      click: (place) => this.click(place),
    });
    this.diagram = new Diagram(element("diagram"), {
      point: (name) => this.pointAt(name),
      choose: (name) => this.choose(name),
      resize: (layer, neurons, sign) => this.resize(layer, neurons, sign),
      show: (neuron) => this.show(neuron),
      rebuilt: () => this.draw(),
    });
    this.changeLanguage(preferred(navigator.languages ?? [navigator.language]));
    this.listen();
    this.start();
  }

  async start() {
    element("status").textContent = this.texts.starting;
    try {
      this.offered = await this.session.ask("choices");
      this.fillChoices();
      await this.open(location.hash);
    } catch (error) {
      this.fail(error);
    }
  }

  // ---------------------------------------------------------------- languages

  changeLanguage(language) {
    this.texts = LANGUAGES[language];
    document.title = this.texts.title;
    translate(language, this.texts);
    element("curves").setAttribute("aria-label", this.texts.curves); // until there are some
    this.showPlaying();
    this.makeTools();
    if (this.offered) {
      this.fillChoices();
    }
    if (this.settings) {
      this.showSettings();
    }
    if (this.layers) {
      this.rebuild();
    }
  }

  fillChoices() {
    const names = { data: this.texts.dataNames, loss: this.texts.lossNames };
    for (const setting of ["data", "activation", "loss", "optimizer"]) {
      const options = this.offered.choices[setting].map((name) => new Option(names[setting]?.[name] ?? name, name));
      element(setting).replaceChildren(...options);
    }
    for (const [setting, [least, largest]] of Object.entries(this.offered.limits)) {
      element(setting).min = least;
      element(setting).max = largest;
    }
    const boxes = this.offered.choices.features.map((name) => {
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.value = name;
      label.append(box, FEATURE_NAMES[name]);
      return label;
    });
    element("features").replaceChildren(...boxes);
  }

  // ---------------------------------------------------------------- settings

  /** A link, opened in this page: it begins as a new page would. */
  follow(address) {
    this.diagram.forget();
    this.tool = "choose";
    return this.open(address);
  }

  /** Begins a new experiment, of the settings in an address. */
  async open(address) {
    this.pause();
    this.turn += 1;
    const turn = this.turn;
    await this.begin(address, turn);
    if (turn === this.turn) {
      document.body.dataset.experiment = turn; // to be seen from outside: this one is there
    }
  }

  async begin(address, turn) {
    clearTimeout(this.resting); // the next network may not have that weight
    const { settings, address: understood, ignored } = await this.session.ask("open", address);
    if (turn !== this.turn) {
      return;
    }
    history.replaceState(null, "", `#${understood}`);
    this.settings = settings;
    this.epochs = 0;
    this.losses = { training: [], test: [] };
    this.gradients = null;
    this.example = 0;
    this.showFailure("");
    element("live").textContent = ""; // what it said was of the experiment before
    this.say(ignored.length ? this.texts.ignored(ignored.join(", ")) : "");
    this.showSettings();
    const nothing = settings.data === "own" && settings.own.length === 0;
    element("no-points").hidden = !nothing;
    if (nothing) {
      this.layers = null;
      this.plane.points = [];
      this.plane.view = viewOf([], true);
      this.showReady(false);
      this.clear();
      return;
    }
    try {
      const begun = await this.session.ask("begin");
      if (turn !== this.turn) {
        return;
      }
      this.plane.points = begun.points;
      this.plane.view = viewOf(begun.points, settings.data === "own");
      this.layers = begun.layers;
      this.showReady(true);
      this.rebuild();
    } catch (error) {
      if (turn === this.turn) {
        this.showReady(false);
        this.fail(error);
      }
    }
  }

  /** A new experiment that differs from this one in some settings. */
  change(settings) {
    const wanted = { ...this.settings, ...settings };
    const written = Object.entries(wanted).map(([name, value]) => {
      if (name === "own") {
        return [name, value.map((point) => point.join(",")).join(";")];
      }
      return [name, typeof value === "boolean" ? Number(value) : String(value)];
    });
    return this.open(new URLSearchParams(written).toString());
  }

  changeFrom(field) {
    if (!field.reportValidity()) {
      return;
    }
    if (field.closest("#features")) {
      const features = [...element("features").querySelectorAll(":checked")].map((box) => box.value);
      if (features.length === 0) {
        field.checked = true;
        return;
      }
      this.change({ features });
      return;
    }
    this.change({ [field.name]: field.type === "checkbox" ? field.checked : field.value });
  }

  showSettings() {
    const { settings, offered, texts } = this;
    for (const field of form.elements) {
      if (field.closest("#features")) {
        field.checked = settings.features.includes(field.value);
        field.disabled = field.checked && settings.features.length === 1;
      } else if (field.type === "checkbox") {
        field.checked = settings[field.name];
      } else if (field.name) {
        field.value = settings[field.name];
      }
    }
    this.showOutputs();
    const own = settings.data === "own";
    for (const one of form.querySelectorAll(".made-by-chance")) {
      one.hidden = own;
    }
    const taken = offered.optimizers[settings.optimizer];
    for (const name of new Set(Object.values(offered.optimizers).flat())) {
      element(name).closest("label").hidden = !taken.includes(name);
    }
    if (!own) {
      this.tool = "choose";
    } else if (settings.own.length === 0 && this.tool === "choose") {
      this.tool = "first";
    }
    this.makeTools();
    element("layer-count").textContent = texts.layerCount(settings.layers.length);
    element("remove-layer").disabled = settings.layers.length === 0;
    element("add-layer").disabled = settings.layers.length === offered.mostLayers;
  }

  showOutputs() {
    for (const output of form.querySelectorAll("output")) {
      const field = element(output.htmlFor.value);
      output.value = field.name === "test" ? percent(field.value) : field.value;
    }
  }

  async resize(layer, neurons, sign) {
    await this.change({ layers: this.settings.layers.map((size, place) => (place === layer ? neurons : size)) });
    const button = this.diagram.element.querySelector(`[data-resize="${layer + 1} ${sign}"]`);
    button?.focus();
  }

  // ---------------------------------------------------------------- training

  get playing() {
    return this.run !== null;
  }

  async play() {
    const run = Symbol("from Play to Pause");
    this.run = run;
    this.showPlaying();
    while (this.run === run) {
      const began = performance.now();
      await this.train();
      const speed = Number(element("speed").value);
      if (speed > 0 && this.run === run) {
        const rest = 1000 / speed - (performance.now() - began);
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, rest)));
      }
    }
  }

  pause() {
    this.run = null;
    this.showPlaying();
  }

  /** One epoch. */
  async train() {
    const turn = this.turn;
    try {
      const answer = await this.session.ask("train");
      if (turn === this.turn) {
        this.layers = answer.layers;
        this.epochs = answer.epochs;
        this.losses.training.push(...answer.loss);
        this.losses.test.push(...answer.testLoss);
        this.accuracy = { training: answer.accuracy[0], test: answer.testAccuracy[0] };
        this.drawSoon();
      }
    } catch (error) {
      if (turn === this.turn) {
        this.pause();
        this.fail(error);
      }
    }
  }

  /** After the last epoch for now. */
  rest() {
    if (this.epochs > 0) {
      const [training, test] = [this.losses.training.at(-1), this.losses.test.at(-1) ?? null];
      const latest = this.texts.atEpoch(this.epochs, short(training), test === null ? null : short(test));
      element("live").textContent = latest;
    }
    this.showPlayer();
  }

  showPlaying() {
    document.body.classList.toggle("playing", this.playing);
    const label = this.playing ? this.texts.pause : this.texts.play;
    element("play").setAttribute("aria-label", label);
    element("play").title = label;
  }

  showReady(ready) {
    for (const id of ["reset", "play", "step", "show-program"]) {
      element(id).disabled = !ready;
    }
  }

  say(text) {
    element("status").textContent = text;
  }

  fail(error) {
    this.showFailure(error.message);
  }

  showFailure(text) {
    element("failure").textContent = text;
    element("failure").hidden = text === "";
  }

  // ---------------------------------------------------------------- what is seen

  get network() {
    const { settings, layers, offered } = this;
    return { features: settings.features, layers, activation: offered.activations[settings.activation] };
  }

  /** An output as a number from -1 to 1: with cross entropy by the probability, else where -1 and 1 are the classes. */
  get scale() {
    return this.settings.loss === "binary_cross_entropy_with_logits"
      ? (output) => 2 * sigmoid(output) - 1
      : (output) => Math.max(-1, Math.min(1, output));
  }

  rebuild() {
    this.shown = null;
    this.diagram.build({ ...this.network, mostNeurons: this.offered.mostNeurons }, this.texts);
    this.draw();
    this.showPlayer();
  }

  clear() {
    this.diagram.element.replaceChildren();
    this.diagram.state = null;
    this.diagram.forget();
    for (const canvas of element("square").querySelectorAll("canvas")) {
      canvas.width = 1;
    }
    this.showReadings();
    this.showWeight();
    this.plane.drawPoints();
    this.showPlayer();
  }

  drawSoon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.layers) {
        this.draw();
      }
    });
  }

  draw() {
    this.colours = palette();
    const { view } = this.plane;
    this.diagram.update(this.layers, maps(this.network, view, MAP_SIZE), this.colours, this.scale);
    this.drawPlane();
    this.plane.drawPoints();
    this.showReadings();
    this.read();
    this.showWeight();
  }

  drawPlane() {
    const all = maps(this.network, this.plane.view, SIZE);
    const { column, neuron } = this.shown ?? { column: all.length - 1, neuron: 0 };
    const scale = column === all.length - 1 ? this.scale : Math.tanh;
    paint(this.plane.background, all[column][neuron], SIZE, this.colours, scale);
  }

  show(neuron) {
    this.shown = neuron;
    element("plane-heading").textContent = neuron?.label ?? this.texts.plane;
    this.drawPlane();
    this.read();
  }

  showReadings() {
    const { training, test } = this.losses;
    const none = "–";
    element("epoch").textContent = String(this.epochs);
    element("training-loss").textContent = training.length ? short(training.at(-1)) : none;
    element("test-loss").textContent = test.length ? short(test.at(-1)) : none;
    element("training-accuracy").textContent = training.length ? percent(this.accuracy.training) : none;
    element("test-accuracy").textContent = test.length ? percent(this.accuracy.test) : none;
    drawCurves(element("curves"), training, test);
    const latest = (losses) => (losses.length ? short(losses.at(-1)) : null);
    element("curves").setAttribute("aria-label", this.texts.curvesOf(this.epochs, latest(training), latest(test)));
  }

  /** Says what the network makes of the place on the map. */
  read() {
    const { place } = this.plane;
    if (!place || !this.layers) {
      element("reading").value = "";
      return;
    }
    const columns = evaluation(this.network)(place.x, place.y);
    if (this.shown) {
      element("reading").value = short(columns[this.shown.column][this.shown.neuron]);
      return;
    }
    const output = columns.at(-1)[0];
    const label = output > 0 ? this.texts.classSecond : this.texts.classFirst;
    const share = this.settings.loss === "binary_cross_entropy_with_logits" ? sigmoid(Math.abs(output)) : null;
    element("reading").value = this.texts.readingOf(
      place.x.toFixed(2),
      place.y.toFixed(2),
      short(output),
      label,
      share === null ? null : percent(share),
    );
  }

  // ---------------------------------------------------------------- points

  makeTools() {
    const own = this.settings?.data === "own";
    element("tools").hidden = !own;
    const tools = Object.entries(this.texts.toolNames).map(([tool, name]) => {
      const label = document.createElement("label");
      const button = document.createElement("input");
      button.type = "radio";
      button.name = "tool";
      button.value = tool;
      button.checked = tool === this.tool;
      label.append(button, name);
      return label;
    });
    element("tools").replaceChildren(...tools);
  }

  click(place) {
    if (!this.settings) {
      return;
    }
    const { own } = this.settings;
    const label = { first: 0, second: 1 }[this.tool];
    if (label !== undefined) {
      const rounded = (number) => Math.max(-1, Math.min(1, Math.round(100 * number) / 100));
      this.change({ own: [...own, [rounded(place.x), rounded(place.y), label]] });
    } else if (this.tool === "remove") {
      const number = this.plane.nearest(
        own.map(([x, y]) => ({ x, y })),
        place,
      );
      if (number >= 0) {
        this.change({ own: own.toSpliced(number, 1) });
      }
    } else {
      const number = this.plane.nearest(this.plane.points, place);
      if (number >= 0) {
        this.chooseExample(number);
      }
    }
  }

  chooseExample(number) {
    const count = this.plane.points.length;
    this.example = (number + count) % count;
    this.showFailure("");
    this.showPlayer();
  }

  // ---------------------------------------------------------------- one weight

  pointAt(name) {
    this.pointed = name;
    this.showWeight();
    clearTimeout(this.resting);
    if (name !== null && this.diagram.chosen === null && !this.playing) {
      this.resting = setTimeout(() => {
        this.diagram.rested = name;
        this.showPlayer();
      }, REST);
    }
  }

  choose(name) {
    clearTimeout(this.resting);
    const { chosen } = this.diagram;
    this.diagram.forget();
    this.diagram.chosen = chosen === name ? null : name;
    this.diagram.mark();
    this.showFailure("");
    this.showWeight();
    this.showPlayer().then(() => {
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      element("weight").scrollIntoView({ block: "nearest", behavior: still ? "instant" : "smooth" });
    });
  }

  /** The number and the gradient of the weight under the pointer, or of the chosen one. */
  showWeight() {
    const name = this.pointed ?? this.diagram.chosen;
    const number = this.layers && Diagram.numbers(this.layers).get(name);
    element("weight-reading").className = number === undefined ? "quiet" : "number";
    if (number === undefined || number === null) {
      element("weight-reading").textContent = this.layers ? this.texts.weightHelp : "";
      return;
    }
    const gradient = this.gradients?.gradients[name];
    element("weight-reading").textContent =
      gradient === undefined
        ? this.texts.weightNumber(name, short(number))
        : this.texts.weightReading(name, short(number), short(gradient));
    if (this.gradients?.epochs !== this.epochs) {
      this.askGradients();
    }
  }

  /** One question at a time: while epochs fly by, the gradients come as often as they can. */
  async askGradients() {
    if (this.asking) {
      return;
    }
    this.asking = true;
    const turn = this.turn;
    try {
      const gradients = await this.session.ask("gradients");
      if (turn === this.turn) {
        this.gradients = gradients;
      }
    } catch (error) {
      if (turn === this.turn) {
        this.gradients = { epochs: this.epochs, gradients: {} };
        this.fail(error);
      }
    }
    this.asking = false;
    this.showWeight();
  }

  /** The player of the weight that is played, for the chosen point; while the training runs, as it was before. */
  async showPlayer() {
    const name = this.diagram.played;
    const frame = element("player");
    this.plane.chosen = name ? this.example : null;
    this.plane.drawPoints();
    if (!name) {
      element("weight").hidden = true;
      frame.removeAttribute("srcdoc");
      return;
    }
    if (this.playing) {
      return;
    }
    const { turn, example } = this;
    try {
      const { html, epochs } = await this.session.ask("player", name, example);
      if (turn !== this.turn || name !== this.diagram.played || example !== this.example) {
        return;
      }
      const { points } = this.plane;
      const point = points[example];
      const label = point.label === 1 ? this.texts.classSecond : this.texts.classFirst;
      element("example-name").textContent = this.texts.example(
        example + 1,
        points.length,
        label,
        point.heldOut,
        epochs,
      );
      element("weight-heading").textContent = this.texts.playerOf(name);
      frame.title = this.texts.playerOf(name);
      const { lang, dataset } = document.documentElement;
      frame.srcdoc = html.replace("<html", `<html data-language="${lang}" data-theme="${dataset.theme ?? "auto"}"`);
      element("weight").hidden = false;
    } catch (error) {
      if (turn === this.turn) {
        this.fail(error);
      }
    }
  }

  // ---------------------------------------------------------------- controls

  listen() {
    element("play").addEventListener("click", async () => {
      if (this.playing) {
        this.pause();
      } else {
        await this.play();
        if (!this.playing) {
          this.rest();
        }
      }
    });
    element("step").addEventListener("click", async () => {
      this.pause();
      await this.train();
      this.rest();
    });
    element("reset").addEventListener("click", () => this.change({}));
    element("add-layer").addEventListener("click", () => this.change({ layers: [...this.settings.layers, 2] }));
    element("remove-layer").addEventListener("click", () => this.change({ layers: this.settings.layers.slice(0, -1) }));
    form.addEventListener("change", (event) => this.changeFrom(event.target));
    form.addEventListener("input", () => this.showOutputs());
    form.addEventListener("submit", (event) => event.preventDefault());
    element("tools").addEventListener("change", (event) => {
      this.tool = event.target.value;
    });
    element("example-back").addEventListener("click", () => this.chooseExample(this.example - 1));
    element("example-forward").addEventListener("click", () => this.chooseExample(this.example + 1));
    element("language").addEventListener("change", (event) => this.changeLanguage(event.target.value));
    element("theme").addEventListener("change", (event) => {
      document.documentElement.dataset.theme = event.target.value;
      this.redraw();
      this.showPlayer();
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
    window.addEventListener("hashchange", () => this.follow(location.hash));
    window.addEventListener("resize", () => this.redraw());
    this.listenForCopies();
  }

  redraw() {
    if (this.layers) {
      this.draw();
    }
  }

  listenForCopies() {
    const dialog = element("program");
    element("show-program").addEventListener("click", async () => {
      element("program-text").textContent = await this.session.ask("program", this.epochs || PROGRAM_EPOCHS);
      element("copy-program").textContent = this.texts.copy;
      dialog.showModal();
    });
    element("close-program").addEventListener("click", () => dialog.close());
    element("copy-program").addEventListener("click", async () => {
      const text = element("program-text");
      try {
        await navigator.clipboard.writeText(text.textContent);
        element("copy-program").textContent = this.texts.copied;
      } catch {
        window.getSelection().selectAllChildren(text);
        element("copy-program").textContent = this.texts.notCopied;
      }
    });
    element("copy-link").addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(location.href);
        this.say(this.texts.copied);
      } catch {
        this.say(this.texts.linkNotCopied);
      }
    });
  }
}

new Playground();
