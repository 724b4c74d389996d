// The network as a drawing: a square for each neuron with its own map, a line for each weight, a dot for each bias.
import { paint } from "./plane.js";
import { short } from "./player/numbers.js";

const SVG = "http://www.w3.org/2000/svg";
export const MAP_SIZE = 40; // fields in a row of a neuron's map
const LARGEST_NEURON = 44; // pixels
const LEAST_ROW = 54;
const LARGEST_ROW = 130;
const HEIGHT = 540; // pixels, which a small network fills if it is as wide

function made(kind, name, attributes = {}) {
  const created = document.createElementNS(SVG, kind);
  created.setAttribute("class", name);
  for (const [attribute, value] of Object.entries(attributes)) {
    created.setAttribute(attribute, value);
  }
  return created;
}

export class Diagram {
  /** `point` is called with the name of the parameter under the pointer or null, `choose` with one that was clicked,
   * `resize` with a hidden layer and its new number of neurons, `show` with a neuron to see at large or null. */
  constructor(element, calls) {
    this.element = element;
    this.calls = calls;
    this.parameters = new Map();
    this.chosen = null;
    this.rested = null; // counts only while none is chosen
    this.shape = "";
    this.width = 0;
    new ResizeObserver(() => {
      if (this.state && this.element.clientWidth !== this.width) {
        this.build(this.state, this.texts);
        this.calls.rebuilt();
      }
    }).observe(element);
  }

  /** Draws a network with other layers or features, or in another language. */
  build(state, texts) {
    this.state = state;
    this.texts = texts;
    this.parameters = new Map();
    this.canvases = [];
    const { features, layers } = state;
    const sizes = [features.length, ...layers.map((layer) => layer.length)];
    this.width = this.element.clientWidth;
    const heads = sizes.map((size, column) => this.head(size, column, sizes.length - 1));
    this.element.replaceChildren(...heads);
    const top = Math.max(...heads.map((head) => head.offsetHeight)) + 8;
    const most = Math.max(...sizes);
    const row = Math.min(LARGEST_ROW, Math.max(LEAST_ROW, Math.min(HEIGHT, this.width) / most));
    const height = top + row * most + 4;
    const margin = LARGEST_NEURON / 2 + (this.width < 400 ? 4 : 22);
    const apart = (this.width - 2 * margin) / (sizes.length - 1);
    const side = Math.min(LARGEST_NEURON, 0.5 * apart); // of a neuron, so that the lines have room
    const x = (column) => margin + apart * column;
    const y = (column, neuron) => top + (height - top) / 2 + row * (neuron - (sizes[column] - 1) / 2);
    heads.forEach((head, column) => {
      head.style.left = `${x(column)}px`;
    });
    this.element.style.height = `${height}px`;
    const svg = made("svg", "weights", { viewBox: `0 0 ${this.width} ${height}`, role: "group" });
    svg.setAttribute("aria-label", texts.weights);
    this.element.append(svg);
    layers.forEach((layer, index) => {
      layer.forEach((neuron, number) => {
        const name = `layer${index + 1}.neuron${number + 1}`;
        const [endX, endY] = [x(index + 1) - side / 2, y(index + 1, number)];
        neuron.weights.forEach((_, input) => {
          const [startX, startY] = [x(index) + side / 2, y(index, input)];
          const bend = (endX - startX) / 2;
          const d = `M${startX} ${startY}C${startX + bend} ${startY} ${endX - bend} ${endY} ${endX} ${endY}`;
          this.parameter(svg, `${name}.w${input + 1}`, [made("path", "hit", { d }), made("path", "line", { d })]);
        });
      });
    });
    layers.forEach((layer, index) => {
      layer.forEach((_, number) => {
        const at = { cx: x(index + 1) - side / 2, cy: y(index + 1, number) + side / 2 };
        const name = `layer${index + 1}.neuron${number + 1}.b`;
        this.parameter(svg, name, [made("circle", "hit", { ...at, r: 10 }), made("circle", "dot", { ...at, r: 5 })]);
      });
    });
    sizes.forEach((size, column) => {
      this.canvases.push(
        Array.from({ length: size }, (_, neuron) => this.neuron(column, neuron, x(column), y(column, neuron), side)),
      );
    });
    if (!this.parameters.has(this.played)) {
      this.forget();
    }
    this.mark();
  }

  /** The parameter whose gradient is played: the chosen one, or the last one that the pointer rested on. */
  get played() {
    return this.chosen ?? this.rested;
  }

  /** Shows no network. */
  clear() {
    this.element.replaceChildren();
    this.state = null;
    this.forget();
  }

  /** Stops playing a parameter. */
  forget() {
    this.chosen = null;
    this.rested = null;
  }

  head(size, column, last) {
    const head = document.createElement("div");
    head.className = "column-head";
    const name = document.createElement("span");
    name.textContent = column === 0 ? this.texts.inputs : column === last ? this.texts.output : "";
    if (column === 0 || column === last) {
      head.append(name);
      return head;
    }
    name.textContent = size;
    const button = (sign, label, wanted) => {
      const created = document.createElement("button");
      created.type = "button";
      created.textContent = sign;
      created.title = label;
      created.setAttribute("aria-label", label);
      created.disabled = wanted < 1 || wanted > this.state.mostNeurons;
      created.addEventListener("click", () => this.calls.resize(column - 1, wanted, sign));
      created.dataset.resize = `${column} ${sign}`;
      return created;
    };
    head.append(
      button("−", this.texts.removeNeuron(column), size - 1),
      name,
      button("+", this.texts.addNeuron(column), size + 1),
    );
    return head;
  }

  neuron(column, neuron, x, y, side) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "neuron";
    button.style.left = `${x}px`;
    button.style.top = `${y}px`;
    button.style.width = button.style.height = `${side}px`;
    const label =
      column === 0
        ? this.state.features[neuron].label
        : this.texts.neuron(column, neuron + 1, column === this.state.layers.length);
    button.setAttribute("aria-label", this.texts.showNeuron(label));
    button.title = label;
    const canvas = document.createElement("canvas");
    button.append(canvas);
    if (column === 0) {
      const name = document.createElement("span");
      name.className = "feature-name";
      name.textContent = label;
      button.append(name);
    }
    const show = () => this.calls.show({ column, neuron, label });
    button.addEventListener("pointerenter", show);
    button.addEventListener("focus", show);
    button.addEventListener("click", show);
    button.addEventListener("pointerleave", () => this.calls.show(null));
    button.addEventListener("blur", () => this.calls.show(null));
    this.element.append(button);
    return canvas;
  }

  /** Adds a weight or a bias, to point at, to reach with the arrow keys, and to choose. */
  parameter(svg, name, parts) {
    const group = made("g", "parameter", { role: "button", tabindex: -1 });
    group.append(...parts);
    group.addEventListener("pointerenter", () => this.calls.point(name));
    group.addEventListener("pointerleave", () => this.calls.point(null));
    group.addEventListener("focus", () => this.calls.point(name));
    group.addEventListener("blur", () => this.calls.point(null));
    group.addEventListener("click", () => this.calls.choose(name));
    group.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
      if (by) {
        event.preventDefault();
        const names = [...this.parameters.keys()];
        const next = names[(names.indexOf(name) + by + names.length) % names.length];
        this.parameters.get(next).group.focus();
      } else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        this.calls.choose(name);
      }
    });
    this.parameters.set(name, { group, shape: parts.at(-1) });
    svg.append(group);
  }

  mark() {
    const reachable = this.chosen ?? this.parameters.keys().next().value;
    for (const [name, { group }] of this.parameters) {
      group.setAttribute("tabindex", name === reachable ? 0 : -1);
      group.setAttribute("aria-pressed", name === this.chosen);
      group.classList.toggle("chosen", name === this.chosen);
    }
  }

  /** The names of the parameters and their numbers, layer by layer. */
  static numbers(layers) {
    const found = new Map();
    layers.forEach((layer, index) => {
      layer.forEach(({ weights, bias }, number) => {
        const name = `layer${index + 1}.neuron${number + 1}`;
        weights.forEach((weight, input) => found.set(`${name}.w${input + 1}`, weight));
        found.set(`${name}.b`, bias);
      });
    });
    return found;
  }

  /** Shows the numbers of the weights, and the maps of the neurons. */
  update(layers, maps, colours, scale) {
    for (const [name, number] of Diagram.numbers(layers)) {
      const { group, shape } = this.parameters.get(name);
      group.setAttribute("aria-label", this.texts.parameter(name, short(number)));
      group.classList.toggle("negative", number < 0);
      if (shape.tagName === "path") {
        shape.setAttribute("stroke-width", Math.min(9, 0.6 + 2 * Math.abs(number)).toFixed(2));
      }
    }
    const last = maps.length - 1;
    maps.forEach((column, index) => {
      column.forEach((numbers, neuron) => {
        paint(this.canvases[index][neuron], numbers, MAP_SIZE, colours, index === last ? scale : Math.tanh);
      });
    });
  }
}
