// One weight or bias: its number, its gradient, and the player of the paths from it to the loss of one point.
import { Diagram } from "./network.js";
import { element } from "./player/elements.js";
import { short } from "./player/numbers.js";

const REST = 400; // milliseconds after which a pointer rests on a weight

export class WeightPanel {
  /** `isPlaying` tells whether the training runs; `fail` is called with an error, or with null to clear it. */
  constructor(session, diagram, plane, { isPlaying, fail }) {
    this.session = session;
    this.diagram = diagram;
    this.plane = plane;
    this.isPlaying = isPlaying;
    this.fail = fail;
    this.pointed = null; // the parameter under the pointer
    this.example = 0; // the index of the point whose loss is played
    this.gradients = null; // of the mean loss, after so many epochs
    this.shown = null; // the parameter and the point that the panel shows, and the gradient there
    element("example-back").addEventListener("click", () => this.chooseExample(this.example - 1));
    element("example-forward").addEventListener("click", () => this.chooseExample(this.example + 1));
  }

  translate(texts) {
    this.texts = texts;
  }

  /** Takes another experiment. */
  open(experiment) {
    this.experiment = experiment;
    this.example = 0;
    this.gradients = null;
    this.shown = null;
  }

  /** Stops waiting for the pointer to rest on a weight. */
  stopWaiting() {
    clearTimeout(this.resting);
  }

  point(name) {
    this.pointed = name;
    this.show();
    this.stopWaiting();
    if (name !== null && this.diagram.chosen === null && !this.isPlaying()) {
      this.resting = setTimeout(() => {
        this.diagram.rested = name;
        this.showPlayer();
      }, REST);
    }
  }

  choose(name) {
    this.stopWaiting();
    const { chosen } = this.diagram;
    this.diagram.forget();
    this.diagram.chosen = chosen === name ? null : name;
    this.diagram.mark();
    this.fail(null);
    this.show();
    this.showPlayer().then(() => {
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      element("weight").scrollIntoView({ block: "nearest", behavior: still ? "instant" : "smooth" });
    });
  }

  chooseExample(index) {
    const count = this.plane.points.length;
    this.example = (index + count) % count;
    this.fail(null);
    this.showPlayer();
  }

  /** The number and the gradient of the weight under the pointer, or of the chosen one. */
  show() {
    const { experiment, texts } = this;
    const name = this.pointed ?? this.diagram.chosen;
    const layers = experiment?.layers;
    const number = layers ? Diagram.numbers(layers).get(name) : undefined;
    const reading = element("weight-reading");
    reading.className = number === undefined ? "quiet" : "number";
    if (number === undefined) {
      reading.textContent = layers ? texts.weightHelp : "";
      return;
    }
    const gradient = this.gradients?.gradients[name];
    const isNew = this.gradients?.epochs === experiment.epochs;
    reading.textContent =
      gradient !== undefined
        ? texts.weightReading(name, short(number), short(gradient))
        : isNew
          ? texts.weightTooLarge(name, short(number))
          : texts.weightNumber(name, short(number));
    if (!isNew) {
      this.askGradients();
    }
  }

  /** Asks for the gradients, one question at a time: during fast training they come as often as they can. */
  async askGradients() {
    if (this.asking) {
      return;
    }
    this.asking = true;
    const { experiment } = this;
    try {
      const gradients = await this.session.ask("gradients");
      if (experiment === this.experiment) {
        this.gradients = gradients;
      }
    } catch (error) {
      if (experiment === this.experiment) {
        this.gradients = { epochs: experiment.epochs, gradients: {} };
        this.fail(error);
      }
    }
    this.asking = false;
    this.show();
    this.joinGradients();
  }

  /** Shows the player of the weight that is played, for the chosen point; training leaves it as it was. */
  async showPlayer() {
    const name = this.diagram.played;
    this.plane.chosen = name ? this.example : null;
    this.plane.drawPoints();
    if (!name) {
      element("weight").hidden = true;
      element("player").removeAttribute("srcdoc");
      return;
    }
    if (this.isPlaying()) {
      return;
    }
    const { experiment, example } = this;
    try {
      const answer = await this.session.ask("player", name, example);
      if (experiment === this.experiment && name === this.diagram.played && example === this.example) {
        this.shown = { name, ...answer };
        this.fillPlayer(this.shown);
      }
    } catch (error) {
      if (experiment === this.experiment) {
        this.fail(error);
      }
    }
  }

  fillPlayer({ name, html, epochs }) {
    const { texts, example } = this;
    const { points } = this.plane;
    const { label, heldOut } = points[example];
    const ofClass = label === 1 ? texts.classSecond : texts.classFirst;
    element("example-name").textContent = texts.example(example + 1, points.length, ofClass, heldOut, epochs);
    element("weight-heading").textContent = texts.playerOf(name);
    const frame = element("player");
    frame.title = texts.playerOf(name);
    frame.srcdoc = html ?? "";
    frame.hidden = html === undefined;
    element("weight").hidden = false;
    this.joinGradients();
    if (html !== undefined && this.gradients?.epochs !== epochs) {
      this.askGradients();
    }
  }

  /** Says how the gradient that the player computes belongs to the one that the training uses. */
  joinGradients() {
    const { experiment, gradients, shown, texts } = this;
    if (!shown || shown.epochs !== experiment.epochs) {
      return; // the training has gone on, and what the panel says stays true of its epoch
    }
    const { name, gradient, epochs } = shown;
    const mean = gradients?.epochs === epochs ? gradients.gradients[name] : undefined;
    const written = (number) => (number === undefined ? null : short(number));
    const learned = experiment.points.filter((point) => !point.heldOut).length;
    const { heldOut } = experiment.points[this.example];
    element("joined").textContent = texts.joined(written(gradient), written(mean), learned, heldOut);
  }
}
