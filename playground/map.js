// The large map: the output of the network, or of one neuron, at every point; and the tools for the user's own points.
import { Plane, SIZE, paint, palette } from "./plane.js";
import { evaluation, maps } from "./formulas.js";
import { element } from "./player/elements.js";
import { percent } from "./readings.js";
import { short } from "./player/numbers.js";

export class MapPanel {
  /** `choose` is called with the index of a point that was clicked, `setPoints` with the user's own points. */
  constructor({ choose, setPoints }) {
    this.choose = choose;
    this.setPoints = setPoints;
    this.tool = "choose";
    this.shown = null; // the neuron that the map shows instead of the output
    this.plane = new Plane(element("square"), {
      point: () => this.read(),
      click: (place) => this.click(place),
    });
    element("tools").addEventListener("change", (event) => {
      this.tool = event.target.value;
    });
  }

  translate(texts) {
    this.texts = texts;
    this.showTools();
  }

  /** Takes another experiment, before it has points. */
  open(experiment) {
    this.experiment = experiment;
    if (!experiment.isOwn) {
      this.tool = "choose";
    } else if (experiment.settings.own.length === 0 && this.tool === "choose") {
      this.tool = "first";
    }
    this.showTools();
  }

  /** Takes the points of the experiment. */
  begin() {
    this.plane.points = this.experiment.points;
    this.plane.view = this.experiment.view;
    this.shown = null;
  }

  /** Shows no network: there are no points. */
  clear() {
    this.begin();
    for (const canvas of element("square").querySelectorAll("canvas")) {
      canvas.width = 1;
    }
    this.plane.drawPoints();
  }

  show() {
    this.drawBackground();
    this.plane.drawPoints();
    this.read();
  }

  drawBackground() {
    if (!this.experiment?.layers) {
      return;
    }
    const all = maps(this.experiment.network, this.plane.view, SIZE);
    const last = all.length - 1;
    const { column, neuron } = this.shown ?? { column: last, neuron: 0 };
    const scale = column === last ? this.experiment.scale : Math.tanh;
    paint(this.plane.background, all[column][neuron], SIZE, palette(), scale);
  }

  /** Shows one neuron at large, or the output again. */
  showNeuron(neuron) {
    this.shown = neuron;
    element("plane-heading").textContent = neuron?.label ?? this.texts.plane;
    this.drawBackground();
    this.read();
  }

  /** Shows the output of the network at the place on the map. */
  read() {
    element("reading").value = this.plane.place && this.experiment?.layers ? this.reading(this.plane.place) : "";
  }

  reading({ x, y }) {
    const { experiment, texts, shown } = this;
    const columns = evaluation(experiment.network)(x, y);
    if (shown) {
      return short(columns[shown.column][shown.neuron]);
    }
    const output = columns.at(-1)[0];
    const label = output > 0 ? texts.classSecond : texts.classFirst;
    const share = experiment.probability(output);
    return texts.readingOf(x.toFixed(2), y.toFixed(2), short(output), label, share === null ? null : percent(share));
  }

  // ---------------------------------------------------------------- the user's own points

  showTools() {
    element("tools").hidden = !this.experiment?.isOwn;
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
    if (!this.experiment) {
      return;
    }
    const { own } = this.experiment.settings;
    const label = { first: 0, second: 1 }[this.tool];
    if (label !== undefined) {
      const rounded = (number) => Math.max(-1, Math.min(1, Math.round(100 * number) / 100));
      this.setPoints([...own, [rounded(place.x), rounded(place.y), label]]);
      return;
    }
    const removes = this.tool === "remove";
    const points = removes ? own.map(([x, y]) => ({ x, y })) : this.plane.points;
    const index = this.plane.nearest(points, place);
    if (index >= 0 && removes) {
      this.setPoints(own.toSpliced(index, 1));
    } else if (index >= 0) {
      this.choose(index);
    }
  }
}
