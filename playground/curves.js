// The training loss and the test loss, before the training and of each epoch, as two lines.
import { short } from "./player/numbers.js";

const SVG = "http://www.w3.org/2000/svg";
const MOST_POINTS = 400; // of a line, which has no more pixels
const BOTTOM = 22;
const TOP = 10;
const RIGHT = 8;

function part(kind, attributes, text = "") {
  const created = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) {
    created.setAttribute(name, value);
  }
  created.textContent = text;
  return created;
}

/** A round number at or above the given one: 1, 2 or 5 times a power of ten. */
function rounded(number) {
  const power = 10 ** Math.floor(Math.log10(number));
  return [1, 2, 5, 10].find((digit) => digit * power >= number * 0.999999) * power;
}

export function drawCurves(svg, training, test) {
  const width = svg.clientWidth;
  const height = svg.clientHeight;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const finite = [...training, ...test].filter(Number.isFinite);
  const top = rounded(finite.reduce((most, loss) => Math.max(most, loss), 1e-9));
  const epochs = Math.max(training.length - 1, 0);
  const ticks = [0, top / 2, top];
  const left = 14 + 7 * Math.max(...ticks.map((loss) => short(loss).length)); // room for the labels
  const x = (epoch) => left + ((width - left - RIGHT) * epoch) / Math.max(epochs, 1);
  const y = (loss) => height - BOTTOM - ((height - BOTTOM - TOP) * Math.min(loss, top)) / top;
  const parts = [];
  for (const loss of ticks) {
    parts.push(part("line", { class: "grid", x1: left, x2: width - RIGHT, y1: y(loss), y2: y(loss) }));
    parts.push(part("text", { class: "tick left", x: left - 6, y: y(loss) }, finite.length ? short(loss) : ""));
  }
  if (training.length > 0) {
    parts.push(part("text", { class: "tick start", x: left, y: height - 6 }, "0"));
    if (epochs > 0) {
      parts.push(part("text", { class: "tick end", x: width - RIGHT, y: height - 6 }, String(epochs)));
    }
  }
  for (const [name, losses] of [
    ["of-test", test],
    ["of-training", training],
  ]) {
    const step = Math.max(1, Math.ceil(losses.length / MOST_POINTS));
    const shown = losses
      .map((loss, epoch) => [epoch, loss])
      .filter(([epoch, loss]) => Number.isFinite(loss) && (epoch % step === 0 || epoch === epochs));
    const points = shown.map(([epoch, loss]) => `${x(epoch).toFixed(1)},${y(loss).toFixed(1)}`).join(" ");
    parts.push(part("polyline", { class: `curve ${name}`, points }));
    if (shown.length === 1) {
      parts.push(part("circle", { class: `dot ${name}`, cx: x(0), cy: y(shown[0][1]), r: 4 }));
    }
  }
  svg.replaceChildren(...parts);
}
