// The graph as SVG: nodes, edges and scopes where Graphviz has put them, with pan, zoom and folding. All text goes in
// as text nodes, so that a label can never be markup.
import { short } from "./numbers.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 24;
const LARGEST_SCALE = 4;
const FOLDED_ABOVE = 500;

/** A new element with attributes and text, added to its parent. */
function added(parent, kind, attributes = {}, text = null) {
  const element = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  if (text !== null) {
    element.textContent = text;
  }
  parent.append(element);
  return element;
}

/** Writes a text only where it changed: that is what keeps a step cheap. */
function write(element, text) {
  if (element && element.textContent !== text) {
    element.textContent = text;
  }
}

export class Picture {
  constructor(svg, graph) {
    this.svg = svg;
    this.graph = graph;
    this.extent = graph.extent;
    this.center = [this.extent[0] / 2, this.extent[1] / 2];
    this.scale = 1;
    const layers = ["boxes", "lines", "nodes", "covers", "notes"];
    [this.boxes, this.lines, this.nodeLayer, this.covers, this.notes] = layers.map((name) =>
      added(svg, "g", { class: name }),
    );
    this.lit = [];
    this.marked = null;
    this.scopes = graph.scopes.map((scope, place) => this.drawnScope(scope, place));
    this.edges = graph.edges.map((edge) => this.drawnEdge(edge));
    this.edgeOf = new Map(graph.edges.map((edge, place) => [`${edge.to} ${edge.operand}`, place]));
    this.nodes = graph.nodes.map((node, place) => this.drawnNode(node, place));
    this.folded = graph.scopes.map(() => graph.nodes.length > FOLDED_ABOVE);
    this.foldChanged();
    new ResizeObserver(() => this.resized()).observe(svg);
  }

  // ---------------------------------------------------------------- drawing

  kind(place) {
    const node = this.graph.nodes[place];
    if (!node.requiresGrad) {
      return "constant";
    }
    if (place === this.graph.nodes.length - 1) {
      return "root";
    }
    return node.operands ? "operation" : "leaf";
  }

  drawnNode(node, place) {
    const [width, height] = node.size;
    const kind = this.kind(place);
    const group = added(this.nodeLayer, "g", {
      class: `node ${kind}`,
      role: "button",
      tabindex: "-1",
      "data-node": place,
      transform: `translate(${node.center[0] - width / 2} ${node.center[1] - height / 2})`,
    });
    added(group, "rect", { class: "halo", x: -5, y: -5, width: width + 10, height: height + 10, rx: 10 });
    const rounded = kind === "leaf" || kind === "constant" ? 0 : 7;
    added(group, "rect", { class: "shape", width, height, rx: rounded });
    let left = 7;
    if (node.symbol) {
      const isShort = node.symbol.length <= 2;
      const room = isShort ? 24 : 8 + 7.5 * node.symbol.length;
      const title = node.symbol.replaceAll("**", "^").replace(/^-$/, "−").replace(/^\*$/, "×");
      const size = isShort ? "large" : "";
      added(group, "text", { class: `symbol ${size}`, x: left + room / 2 - 3, y: height / 2 }, title);
      left += room;
    }
    const rows = [];
    const unnamed = !node.labelled && !node.requiresGrad;
    if (!unnamed) {
      for (const line of node.name.split("\n")) {
        rows.push(added(group, "text", { class: node.labelled ? "name" : "name given" }, line));
      }
    }
    const data = added(group, "text", { class: "data" });
    rows.push(data);
    const grad = node.requiresGrad ? added(group, "text", { class: "grad" }) : null;
    if (grad) {
      rows.push(grad);
    }
    const line = (height - 7) / rows.length;
    rows.forEach((row, at) => {
      row.setAttribute("x", left);
      row.setAttribute("y", 3.5 + line * (at + 0.5));
    });
    return { group, data, grad, label: null };
  }

  drawnEdge(edge) {
    const group = added(this.lines, "g", { class: "edge" });
    const [start, ...points] = edge.points;
    const tip = points.pop();
    const end = points[points.length - 1];
    const path = `M${start} C${points.join(" ")}`;
    added(group, "path", { class: "line", d: path });
    const [x, y] = [tip[0] - end[0], tip[1] - end[1]];
    const head = [tip, [end[0] - y * 0.4, end[1] + x * 0.4], [end[0] + y * 0.4, end[1] - x * 0.4]];
    added(group, "path", { class: "head", d: `M${head.join(" L")} Z` });
    return group;
  }

  drawnScope(scope, place) {
    const [x, y, width, height] = scope.box;
    const box = added(this.boxes, "rect", { class: "scope-box", x, y, width, height, rx: 8 });
    const group = added(this.covers, "g", { class: "scope", role: "button", tabindex: "-1", "data-scope": place });
    added(group, "rect", { class: "cover", x, y, width, height, rx: 8 });
    const header = added(group, "g", { class: "header" });
    added(header, "rect", { class: "header-area", x: x + 4, y: y + 4, width: 30 + 7.2 * scope.name.length, height: 20, rx: 4 });
    added(header, "path", { class: "chevron", d: `M${x + 10} ${y + 11} l4 5 l4 -5` });
    added(header, "text", { x: x + 24, y: y + 14.5 }, scope.name);
    // What is folded is read from afar: its text fills the box.
    const inside = added(group, "g", { class: "inside" });
    const size = Math.max(10, Math.min(height / 4, width / Math.max(10, scope.name.length) / 0.7, 160));
    added(inside, "text", { class: "scope-name", x: x + width / 2, y: y + height / 2 - size * 0.3, "font-size": size }, scope.name);
    const count = added(inside, "text", { x: x + width / 2, y: y + height / 2 + size * 0.75, "font-size": size * 0.6 });
    return { box, group, count };
  }

  // ---------------------------------------------------------------- folding

  /** The outermost folded scope around a node or a scope, or null. */
  hiddenIn(scope) {
    let found = null;
    for (let one = scope; one !== null; one = this.graph.scopes[one].parent) {
      found = this.folded[one] ? one : found;
    }
    return found;
  }

  fold(scope, folded = !this.folded[scope]) {
    this.folded[scope] = folded;
    this.foldChanged();
  }

  foldAll(folded) {
    this.folded.fill(folded);
    this.foldChanged();
  }

  foldChanged() {
    this.coverOf = this.graph.nodes.map((node) => this.hiddenIn(node.scope));
    this.nodes.forEach(({ group }, place) => group.classList.toggle("hidden", this.coverOf[place] !== null));
    this.graph.edges.forEach((edge, place) => {
      const [from, to] = [this.coverOf[edge.from], this.coverOf[edge.to]];
      this.edges[place].classList.toggle("hidden", from !== null && from === to);
    });
    this.scopes.forEach(({ box, group }, place) => {
      const { parent } = this.graph.scopes[place];
      const hidden = this.hiddenIn(parent) !== null;
      box.classList.toggle("hidden", hidden);
      group.classList.toggle("hidden", hidden);
      group.classList.toggle("folded", this.folded[place]);
      group.setAttribute("aria-expanded", String(!this.folded[place]));
    });
  }

  /** What can have the focus now, in the order of the graph. */
  stops() {
    const scopes = this.scopes.map(({ group }) => group);
    const nodes = this.nodes.map(({ group }) => group);
    return [...scopes, ...nodes].filter((group) => !group.classList.contains("hidden"));
  }

  /** The element that shows a node: its own, or that of the scope it is folded into. */
  shownAs(place) {
    const cover = this.coverOf[place];
    return cover === null ? this.nodes[place].group : this.scopes[cover].group;
  }

  // ---------------------------------------------------------------- what is lit

  /** The numbers of one node; undefined shows as not there yet. */
  setNumbers(place, value, gradient, label) {
    const node = this.nodes[place];
    const plain = !this.graph.nodes[place].requiresGrad;
    write(node.data, plain ? short(value) : value === undefined ? "data" : `data ${short(value)}`);
    write(node.grad, gradient === undefined ? "grad" : `grad ${short(gradient)}`);
    node.group.classList.toggle("waiting", value === undefined);
    node.group.classList.toggle("graded", gradient !== undefined);
    if (node.label !== label) {
      node.label = label;
      node.group.setAttribute("aria-label", label);
    }
  }

  /**
   * Lights the node of a step and its edges, and writes notes on these. `edges` are [operation, operand, text].
   */
  light(place, edges, look) {
    this.lit.forEach((element) => element.classList.remove("current", "forward", "backward", "failed"));
    this.notes.replaceChildren();
    this.lit = [];
    if (place === null) {
      return;
    }
    const lit = (element) => {
      element.classList.add("current", ...look);
      this.lit.push(element);
    };
    lit(this.shownAs(place));
    for (const [operation, operand, text] of edges) {
      const edge = this.edgeOf.get(`${operation} ${operand}`);
      if (this.edges[edge].classList.contains("hidden")) {
        continue;
      }
      lit(this.edges[edge]);
      if (text) {
        const line = this.edges[edge].firstChild;
        const { x, y } = line.getPointAtLength(line.getTotalLength() / 2);
        added(this.notes, "text", { x, y: y - 6 }, text);
      }
    }
  }

  /** Marks the nodes and edges of the paths from a node, or nothing. */
  mark(paths) {
    if (paths === null && this.marked === null) {
      return;
    }
    this.marked = paths;
    this.svg.classList.toggle("marking", paths !== null);
    this.nodes.forEach(({ group }, place) => group.classList.toggle("on-path", paths !== null && paths.nodes.has(place)));
    this.graph.edges.forEach((edge, place) => {
      const on = paths !== null && paths.edges.has(`${edge.to} ${edge.operand}`);
      this.edges[place].classList.toggle("on-path", on);
    });
  }

  // ---------------------------------------------------------------- pan and zoom

  resized() {
    const { width, height } = this.svg.getBoundingClientRect();
    const first = this.width === undefined;
    this.width = width || 1;
    this.height = height || 1;
    if (first || this.fitted) {
      this.fit();
    } else {
      this.applyView();
    }
  }

  applyView() {
    const [width, height] = [this.width / this.scale, this.height / this.scale];
    const [x, y] = [this.center[0] - width / 2, this.center[1] - height / 2];
    this.svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
  }

  smallestScale() {
    const [width, height] = this.extent;
    return Math.min(this.width / (width + 2 * MARGIN), this.height / (height + 2 * MARGIN));
  }

  fit() {
    this.fitted = true;
    this.scale = Math.min(this.smallestScale(), 1.5);
    this.center = [this.extent[0] / 2, this.extent[1] / 2];
    this.applyView();
  }

  /** Zooms by a factor around a point of the window, or around the middle. */
  zoom(factor, x = null, y = null) {
    this.fitted = false;
    const frame = this.svg.getBoundingClientRect();
    const [right, down] = x === null ? [0, 0] : [x - frame.left - this.width / 2, y - frame.top - this.height / 2];
    const least = Math.min(this.smallestScale() / 2, 1);
    const scale = Math.max(least, Math.min(LARGEST_SCALE, this.scale * factor));
    this.center[0] += right / this.scale - right / scale;
    this.center[1] += down / this.scale - down / scale;
    this.scale = scale;
    this.applyView();
  }

  pan(right, down) {
    this.fitted = false;
    this.center[0] -= right / this.scale;
    this.center[1] -= down / this.scale;
    this.keepInSight();
    this.applyView();
  }

  /** The middle of the window never leaves the graph. */
  keepInSight() {
    this.center = this.center.map((at, axis) => Math.max(0, Math.min(this.extent[axis], at)));
  }

  /** Moves the window as little as brings a node into it. */
  show(place) {
    const cover = this.coverOf[place];
    const node = this.graph.nodes[place];
    const [x, y] = node.center;
    const [halfWidth, halfHeight] = cover === null ? node.size.map((size) => size / 2 + 12) : [0, 0];
    const [width, height] = [this.width / this.scale / 2, this.height / this.scale / 2];
    const right = Math.max(0, x + halfWidth - this.center[0] - width) - Math.max(0, this.center[0] - width - x + halfWidth);
    const down = Math.max(0, y + halfHeight - this.center[1] - height) - Math.max(0, this.center[1] - height - y + halfHeight);
    if (right !== 0 || down !== 0) {
      this.center[0] += right;
      this.center[1] += down;
      this.fitted = false;
      this.applyView();
    }
  }

  /** For paper: everything, whatever the window shows. */
  showForPrint() {
    const [width, height] = this.extent;
    this.svg.setAttribute("viewBox", `${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`);
  }
}
