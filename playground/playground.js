// The page: connects its parts, opens experiments, and shows the current one.
import { Diagram, MAP_SIZE } from "./network.js";
import { showReadings, tellReadings } from "./readings.js";
import { Choices } from "./player/choices.js";
import { Copies } from "./copies.js";
import { Experiment } from "./experiment.js";
import { LANGUAGES } from "./texts.js";
import { MapPanel } from "./map.js";
import { Session } from "./session.js";
import { SettingsForm } from "./form.js";
import { Training } from "./training.js";
import { WeightPanel } from "./weight.js";
import { element } from "./player/elements.js";
import { maps } from "./formulas.js";
import { palette } from "./plane.js";
import { translate } from "./player/language.js";

const PROGRAM_EPOCHS = 100; // of the program, if the page has not trained yet

class Playground {
  constructor() {
    this.session = new Session();
    this.experiment = null; // the current one
    this.turn = 0; // counts the experiments, so that late answers to an earlier one are dropped
    this.form = new SettingsForm(document.querySelector("form.settings"), {
      change: (settings) => this.change(settings),
    });
    this.training = new Training({ epoch: () => this.trainEpoch(), rest: () => this.rest() });
    this.map = new MapPanel({
      choose: (index) => this.weight.chooseExample(index),
      setPoints: (own) => this.change({ own }),
    });
    this.diagram = new Diagram(element("diagram"), {
      point: (name) => this.weight.point(name),
      choose: (name) => this.weight.choose(name),
      resize: (layer, neurons, sign) => this.resize(layer, neurons, sign),
      show: (neuron) => this.map.showNeuron(neuron),
      rebuilt: () => this.redraw(),
    });
    this.weight = new WeightPanel(this.session, this.diagram, this.map.plane, {
      isPlaying: () => this.training.isPlaying,
      fail: (error) => this.fail(error),
    });
    this.copies = new Copies({
      program: () => this.session.ask("program", this.experiment.epochs || PROGRAM_EPOCHS),
      say: (text) => this.say(text),
    });
    this.choices = new Choices({
      language: (language) => this.changeLanguage(language),
      theme: () => this.redraw(),
    });
    this.choices.lead(element("player"));
    this.listen();
    this.start();
  }

  async start() {
    this.say(this.texts.starting);
    try {
      this.offered = await this.session.ask("choices");
      this.form.offer(this.offered);
      await this.open(location.hash);
    } catch (error) {
      this.fail(error);
    }
  }

  changeLanguage(language) {
    this.texts = LANGUAGES[language];
    document.title = this.texts.title;
    translate(language, this.texts);
    element("curves").setAttribute("aria-label", this.texts.curves); // until there are some
    for (const part of [this.form, this.training, this.map, this.weight, this.copies]) {
      part.translate(this.texts);
    }
    if (this.experiment?.layers) {
      this.rebuild();
    }
  }

  // ---------------------------------------------------------------- experiments

  /** Opens a link as a new page would. */
  follow(address) {
    this.diagram.forget();
    this.map.tool = "choose";
    return this.open(address);
  }

  /** Opens an experiment with the settings in an address. */
  async open(address) {
    this.training.pause();
    this.turn += 1;
    const turn = this.turn;
    await this.begin(address, turn);
    if (turn === this.turn) {
      document.body.dataset.experiment = turn; // tells the outside that this one is ready
    }
  }

  async begin(address, turn) {
    this.weight.stopWaiting();
    const { settings, address: understood, ignored } = await this.session.ask("open", address);
    if (turn !== this.turn) {
      return;
    }
    history.replaceState(null, "", `#${understood}`);
    const experiment = new Experiment(settings, this.offered);
    this.experiment = experiment;
    this.fail(null);
    element("live").textContent = ""; // it told of the experiment before
    this.say(ignored.length ? this.texts.ignored(ignored.join(", ")) : "");
    this.form.show(settings);
    this.map.open(experiment);
    this.weight.open(experiment);
    showReadings(experiment, this.texts); // those of the experiment before are no longer true
    const hasNoPoints = experiment.isOwn && settings.own.length === 0;
    element("no-points").hidden = !hasNoPoints;
    if (hasNoPoints) {
      this.showReady(false);
      this.clear();
      return;
    }
    try {
      const begun = await this.session.ask("begin");
      if (turn !== this.turn) {
        return;
      }
      experiment.begin(begun);
      this.map.begin();
      this.showReady(true);
      this.rebuild();
    } catch (error) {
      if (turn === this.turn) {
        this.showReady(false);
        this.clear();
        this.fail(error);
      }
    }
  }

  /** Opens an experiment that differs from this one in some settings. */
  change(settings) {
    return this.open(this.experiment.address(settings));
  }

  async resize(layer, neurons, sign) {
    await this.change({ layers: this.experiment.settings.layers.with(layer, neurons) });
    this.diagram.element.querySelector(`[data-resize="${layer + 1} ${sign}"]`)?.focus();
  }

  async trainEpoch() {
    const { turn, experiment } = this;
    try {
      const answer = await this.session.ask("train");
      if (turn === this.turn) {
        experiment.add(answer);
        this.drawSoon();
      }
    } catch (error) {
      if (turn === this.turn) {
        this.training.pause();
        this.fail(error);
      }
    }
  }

  /** After the last epoch for now. */
  rest() {
    tellReadings(this.experiment, this.texts);
    this.weight.showPlayer();
  }

  // ---------------------------------------------------------------- showing

  showReady(ready) {
    for (const id of ["reset", "play", "step", "show-program"]) {
      element(id).disabled = !ready;
    }
  }

  say(text) {
    element("status").textContent = text;
  }

  /** Shows a failure; null takes it away. */
  fail(error) {
    element("failure").textContent = error?.message ?? "";
    element("failure").hidden = error === null;
  }

  /** Draws another network, or the same in another language. */
  rebuild() {
    this.map.shown = null;
    this.diagram.build({ ...this.experiment.network, mostNeurons: this.offered.mostNeurons }, this.texts);
    this.draw();
    this.weight.showPlayer();
  }

  clear() {
    this.diagram.clear();
    this.map.clear();
    showReadings(this.experiment, this.texts);
    this.weight.show();
    this.weight.showPlayer();
  }

  drawSoon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.redraw();
    });
  }

  redraw() {
    if (this.experiment?.layers) {
      this.draw();
    }
  }

  draw() {
    const { experiment } = this;
    const small = maps(experiment.network, this.map.plane.view, MAP_SIZE);
    this.diagram.update(experiment.layers, small, palette(), experiment.scale);
    this.map.show();
    showReadings(experiment, this.texts);
    this.weight.show();
  }

  // ---------------------------------------------------------------- controls

  listen() {
    element("reset").addEventListener("click", () => this.change({}));
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
    window.addEventListener("hashchange", () => this.follow(location.hash));
    window.addEventListener("resize", () => this.redraw());
  }
}

new Playground();
