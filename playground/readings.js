// The results of the training: the latest numbers, and the curves of the losses.
import { drawCurves } from "./curves.js";
import { element } from "./player/elements.js";
import { short } from "./player/numbers.js";

export const percent = (share) => `${Math.round(100 * share)} %`;

/** Shows the numbers of an experiment, in a language. */
export function showReadings({ epochs, losses, accuracy }, texts) {
  const { training, test } = losses;
  const latest = (numbers) => (numbers.length ? short(numbers.at(-1)) : null);
  const none = "–";
  element("epoch").textContent = String(epochs);
  element("training-loss").textContent = latest(training) ?? none;
  element("test-loss").textContent = latest(test) ?? none;
  element("training-accuracy").textContent = training.length ? percent(accuracy.training) : none;
  element("test-accuracy").textContent = test.length ? percent(accuracy.test) : none;
  drawCurves(element("curves"), training, test);
  element("curves").setAttribute("aria-label", texts.curvesOf(epochs, latest(training), latest(test)));
}

/** Tells a screen reader the latest numbers. */
export function tellReadings({ epochs, losses }, texts) {
  if (epochs > 0) {
    const test = losses.test.length ? short(losses.test.at(-1)) : null;
    element("live").textContent = texts.atEpoch(epochs, short(losses.training.at(-1)), test);
  }
}
