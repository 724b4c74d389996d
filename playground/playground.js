// The page: connects its parts, opens experiments, and shows the current one.
import { Diagram, MAP_SIZE } from "./network.js";
import { Experiment, addressOf } from "./experiment.js";
import { percent, showReadings, tellReadings } from "./readings.js";
import { Choices } from "./player/choices.js";
import { Copies } from "./copies.js";
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

/** Waits until the page has been painted, if anybody sees it. */
function painted() {
  return new Promise((resolve) => {
    if (document.hidden) {
      resolve();
    } else {
      requestAnimationFrame(() => setTimeout(resolve));
    }
  });
}

class Playground {
  /** snapshot: what build.py got from the Session in session.py about the experiment that an empty address means. */
  constructor(snapshot) {
    this.snapshot = snapshot;
    this.offered = snapshot.choices;
    this.session = new Session(snapshot.bytes, { progress: (share) => this.showProgress(share) });
    this.experiment = null; // the current one
    this.settings = null; // those of the experiment that was asked for last
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
    const { opened, begun } = this.snapshot;
    this.form.offer(this.offered);
    this.showsSnapshot = ["", `#${opened.address}`].includes(location.hash);
    if (this.showsSnapshot) {
      this.take(opened);
      this.show(begun);
    }
    this.say(this.texts.starting);
    this.showProgress(0);
    await painted(); // Python needs all the power there is
    await this.open(location.hash);
    this.showProgress(null);
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
    if (this.diverged) {
      this.showDivergence(this.diverged);
    }
    if (!element("starting").hidden) {
      this.say(this.texts.starting);
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
    try {
      await this.begin(address, turn);
      if (turn === this.turn) {
        document.body.dataset.experiment = turn; // tells the outside that this one is ready
      }
    } catch (error) {
      this.say("");
      this.fail(error); // Python is not there
    }
  }

  async begin(address, turn) {
    this.weight.stopWaiting();
    const opened = await this.session.ask("open", address);
    if (turn !== this.turn) {
      return;
    }
    history.replaceState(null, "", `#${opened.address}`);
    if (!this.showsSnapshot || opened.address !== this.snapshot.opened.address) {
      this.take(opened);
    }
    this.showsSnapshot = false;
    this.say(opened.ignored.length ? this.texts.ignored(opened.ignored.join(", ")) : "");
    const { isOwn, settings } = this.experiment;
    const hasNoPoints = isOwn && settings.own.length === 0;
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
      this.show(begun);
      this.showReady(true);
    } catch (error) {
      if (turn === this.turn) {
        this.showReady(false);
        this.clear();
        this.fail(error);
      }
    }
  }

  /** Takes an experiment with other settings, before it has points. */
  take({ settings }) {
    const experiment = new Experiment(settings, this.offered);
    this.experiment = experiment;
    this.settings = settings;
    this.fail(null);
    this.showDivergence(null);
    element("live").textContent = ""; // it told of the experiment before
    this.form.show(settings);
    this.map.open(experiment);
    this.weight.open(experiment);
    showReadings(experiment, this.texts); // those of the experiment before are no longer true
  }

  /** Shows the beginning of the experiment. */
  show(begun) {
    this.experiment.begin(begun);
    this.map.begin();
    this.rebuild();
  }

  /** Opens an experiment that differs from the one asked for last in some settings. */
  change(settings) {
    this.settings = { ...this.settings, ...settings };
    this.form.show(this.settings); // the answer may take long, while Python starts
    return this.open(addressOf(this.settings));
  }

  async resize(layer, neurons, sign) {
    await this.change({ layers: this.settings.layers.with(layer, neurons) });
    this.diagram.element.querySelector(`[data-resize="${layer + 1} ${sign}"]`)?.focus();
  }

  async trainEpoch() {
    const { turn, experiment } = this;
    try {
      const answer = await this.session.ask("train");
      if (turn !== this.turn) {
        return;
      }
      if (answer.diverged) {
        this.training.pause();
        this.showDivergence(answer.diverged);
        return;
      }
      experiment.add(answer);
      this.drawSoon();
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

  /** Shows how much of Python has started, from 0 to 1; null takes that away. */
  showProgress(share) {
    element("starting").hidden = share === null;
    if (share !== null) {
      element("progress").value = share;
      element("percent").textContent = percent(share);
    }
  }

  /** Says at which epoch the training diverged, and offers a lower learning rate; null takes that away. */
  showDivergence(diverged) {
    element("divergence").hidden = diverged === null;
    this.diverged = diverged;
    if (diverged) {
      const { epoch, rate, lower, isDefault } = diverged;
      element("diverged").textContent = this.texts.diverged(epoch, rate);
      element("lower-rate").textContent = this.texts.lowerRate(lower, isDefault ? this.settings.optimizer : null);
    }
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
    element("lower-rate").addEventListener("click", async () => {
      await this.change({ lr: this.diverged.lower });
      element("play").focus();
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
    window.addEventListener("hashchange", () => this.follow(location.hash));
    window.addEventListener("resize", () => this.redraw());
  }
}

new Playground(JSON.parse(element("snapshot").textContent));
