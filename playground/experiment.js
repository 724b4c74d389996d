// An experiment as the page knows it: its settings, and the latest numbers from Python.
import { PRIMITIVES } from "./player/primitives.js";
import { viewOf } from "./formulas.js";

const sigmoid = PRIMITIVES.sigmoid.forward;

export class Experiment {
  /** settings: a Settings of settings.py; offered: the choices of the Session in session.py. */
  constructor(settings, offered) {
    this.settings = settings;
    this.offered = offered;
    this.points = [];
    this.layers = null; // weights and biases; null until the experiment begins
    this.epochs = 0;
    this.losses = { training: [], test: [] }; // before the training, and of each epoch
    this.accuracy = { training: null, test: null }; // of the last one
  }

  /** Takes the answer of Python at the beginning. */
  begin({ points, ...state }) {
    this.points = points;
    this.losses = { training: [], test: [] };
    this.add(state);
  }

  /** Takes the answer of Python after an epoch. */
  add({ epochs, layers, loss, testLoss, accuracy, testAccuracy }) {
    this.epochs = epochs;
    this.layers = layers;
    this.losses.training.push(...loss);
    this.losses.test.push(...testLoss);
    this.accuracy = { training: accuracy[0], test: testAccuracy[0] };
  }

  /** Whether the points are the user's own. */
  get isOwn() {
    return this.settings.data === "own";
  }

  /** The square that the map shows. */
  get view() {
    return viewOf(this.points, this.isOwn);
  }

  /** The network as the formulas need it. */
  get network() {
    const { settings, layers, offered } = this;
    const features = settings.features.map((name) => offered.features[name]);
    return { features, layers, activation: offered.activations[settings.activation] };
  }

  get givesProbability() {
    return this.settings.loss === "binary_cross_entropy_with_logits";
  }

  /** The probability of the class that an output stands for; null if the loss gives none. */
  probability(output) {
    return this.givesProbability ? sigmoid(Math.abs(output)) : null;
  }

  /** A function that maps an output to the range from -1 to 1, by its probability if the loss gives one. */
  get scale() {
    return this.givesProbability ? (output) => 2 * sigmoid(output) - 1 : (output) => Math.max(-1, Math.min(1, output));
  }
}

/** An address with these settings. */
export function addressOf(settings) {
  const written = Object.entries(settings).map(([name, value]) => {
    if (name === "own") {
      return [name, value.map((point) => point.join(",")).join(";")];
    }
    return [name, typeof value === "boolean" ? Number(value) : String(value)];
  });
  return new URLSearchParams(written).toString();
}
