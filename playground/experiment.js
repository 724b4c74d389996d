// An experiment as the page knows it: its settings, and what Python last said of its training.
import { PRIMITIVES } from "./player/primitives.js";
import { viewOf } from "./formulas.js";

const sigmoid = PRIMITIVES.sigmoid.forward;

export class Experiment {
  /** settings: as settings.Settings has them; offered: what session.Session offers for choice. */
  constructor(settings, offered) {
    this.settings = settings;
    this.offered = offered;
    this.points = [];
    this.layers = null; // of weights and biases; null before the experiment has begun
    this.epochs = 0;
    this.losses = { training: [], test: [] }; // of each epoch
    this.accuracy = { training: null, test: null }; // of the last one
  }

  /** Takes what Python tells before the first epoch. */
  begin({ points, layers }) {
    this.points = points;
    this.layers = layers;
  }

  /** Takes what Python tells after an epoch. */
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

  /** What the formulas need to compute the network. */
  get network() {
    const { settings, layers, offered } = this;
    const features = settings.features.map((name) => offered.features[name]);
    return { features, layers, activation: offered.activations[settings.activation] };
  }

  get givesProbability() {
    return this.settings.loss === "binary_cross_entropy_with_logits";
  }

  /** The probability of the class on whose side an output is; null where the loss gives none. */
  probability(output) {
    return this.givesProbability ? sigmoid(Math.abs(output)) : null;
  }

  /** A function from an output to -1 to 1: by the probability, else so that -1 and 1 are the classes. */
  get scale() {
    return this.givesProbability ? (output) => 2 * sigmoid(output) - 1 : (output) => Math.max(-1, Math.min(1, output));
  }

  /** An address with these settings, some of them changed. */
  address(changes) {
    const written = Object.entries({ ...this.settings, ...changes }).map(([name, value]) => {
      if (name === "own") {
        return [name, value.map((point) => point.join(",")).join(";")];
      }
      return [name, typeof value === "boolean" ? Number(value) : String(value)];
    });
    return new URLSearchParams(written).toString();
  }
}
