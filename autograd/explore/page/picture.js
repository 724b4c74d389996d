// The graph as SVG: the nodes, edges and scopes where the layout put them, folded or not, lit or not. All texts are text
// nodes, so a label never acts as markup.
import { View } from "./view.js";
import { short } from "./numbers.js";
import { write } from "./elements.js";

const SVG = "http://www.w3.org/2000/svg";
const FOLDED_ABOVE = 500;
const HEAD = 6; // the length of an arrow's head
const MOST_NOTES = 2; // on one edge
const MOST_GLIDING = 150; // nodes: without a graphics card, more cannot be drawn in every frame

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

const isNear = (point, other) => Math.hypot(point[0] - other[0], point[1] - other[1]) < 0.5;

/** The outline of an arrow's head that comes from a point. */
function arrowHead(tip, from) {
  const [x, y] = [tip[0] - from[0], tip[1] - from[1]];
  const size = HEAD / Math.hypot(x, y);
  const [right, down] = [x * size, y * size];
  const base = [tip[0] - right, tip[1] - down];
  const corners = [tip, [base[0] - down * 0.4, base[1] + right * 0.4], [base[0] + down * 0.4, base[1] - right * 0.4]];
  return `M${corners.join(" L")} Z`;
}

/** Puts spaces between the texts, which a screen reader joins into one name. */
function apart(group) {
  for (const text of group.querySelectorAll("text")) {
    text.after(" ");
  }
}

export class Picture {
  constructor(svg, graph) {
    this.svg = svg;
    this.graph = graph;
    const all = added(svg, "g", { class: "all" });
    const layers = ["boxes", "lines", "nodes", "covers", "notes"];
    [this.boxes, this.lines, this.nodeLayer, this.covers, this.notes] = layers.map((name) =>
      added(all, "g", { class: name }),
    );
    this.view = new View(svg, all, graph.nodes.length <= MOST_GLIDING);
    this.lit = [];
    this.paths = null;
    this.scopes = graph.scopes.map((scope, index) => this.drawnScope(scope, index));
    this.nodes = graph.nodes.map((node, index) => this.drawnNode(node, index));
    this.folded = graph.scopes.map(() => graph.nodes.length > FOLDED_ABOVE);
    this.foldChanged();
    this.view.resized();
  }

  // ---------------------------------------------------------------- drawing

  kind(index) {
    const node = this.graph.nodes[index];
    if (!node.requiresGrad) {
      return "constant";
    }
    if (index === this.graph.nodes.length - 1) {
      return "root";
    }
    return node.operands ? "operation" : "leaf";
  }

  drawnNode(node, index) {
    const [width, height] = node.size;
    const kind = this.kind(index);
    const group = added(this.nodeLayer, "g", {
      class: `node ${kind}`,
      role: "button",
      tabindex: "-1",
      "data-node": index,
    });
    added(group, "rect", { class: "halo", x: -5, y: -5, width: width + 10, height: height + 10, rx: 10 });
    const rounded = kind === "leaf" || kind === "constant" ? 0 : 7;
    added(group, "rect", { class: "shape", width, height, rx: rounded });
    let left = 7;
    if (node.symbol) {
      const isShort = node.symbol.length <= 2;
      const room = isShort ? 24 : 8 + 7.5 * node.symbol.length + 6 * (node.symbol.split("m").length - 1);
      const size = isShort ? "large" : "";
      added(group, "text", { class: `symbol ${size}`, x: left + room / 2 - 3, y: height / 2 }, node.symbol);
      left += room;
    }
    const rows = [];
    let given = null; // a name that is no label
    if (node.name) {
      rows.push(...node.name.split("\n").map((line) => added(group, "text", { class: "name" }, line)));
    } else if (node.requiresGrad) {
      given = added(group, "text", { class: "name given" });
      rows.push(given);
    }
    const data = added(group, "text", { class: "data" });
    rows.push(data);
    const grad = node.requiresGrad ? added(group, "text", { class: "grad" }) : null;
    if (grad) {
      rows.push(grad);
    }
    const line = (height - 7) / rows.length;
    rows.forEach((row, number) => {
      row.setAttribute("x", left);
      row.setAttribute("y", 3.5 + line * (number + 0.5));
    });
    apart(group);
    return { group, data, grad, given };
  }

  /** Names a node that has no label. */
  setName(index, name) {
    write(this.nodes[index].given, name);
  }

  /** A line with a head at each end, of which the one is seen that points the way that numbers flow. */
  drawnEdge(edge) {
    const { nodes } = this.graph;
    const carries = edge.of.some(([operation, which]) => nodes[nodes[operation].operands[which]].requiresGrad);
    const group = added(this.lines, "g", { class: carries ? "edge carries" : "edge" });
    const [start, ...points] = edge.points;
    const tip = points.pop();
    added(group, "path", { class: "line", d: `M${start} C${points.join(" ")} L${tip}` });
    added(group, "path", { class: "head", d: arrowHead(tip, points[points.length - 1]) });
    added(group, "path", {
      class: "head back",
      d: arrowHead(start, points.find((point) => !isNear(point, start)) ?? tip),
    });
    return group;
  }

  /** Turns the arrows the way that numbers flow: gradients go back. */
  setBackward(isBackward) {
    this.svg.classList.toggle("flows-back", isBackward);
  }

  drawnScope(scope, index) {
    const box = added(this.boxes, "rect", { class: "scope-box", rx: 8 });
    const group = added(this.covers, "g", { class: "scope", role: "button", tabindex: "-1", "data-scope": index });
    const cover = added(group, "rect", { class: "cover", rx: 8 });
    const header = added(group, "g", { class: "header" });
    const width = 30 + 7.2 * scope.name.length;
    added(header, "rect", { class: "header-area", x: 4, y: 4, width, height: 20, rx: 4 });
    added(header, "path", { class: "chevron", d: "M10 11 l4 5 l4 -5" });
    added(header, "text", { x: 24, y: 14.5 }, scope.name);
    const inside = added(group, "g", { class: "inside" });
    const name = added(inside, "text", { class: "scope-name" }, scope.name);
    const count = added(inside, "text");
    apart(inside);
    return { box, group, cover, header, name, count };
  }

  /** Tells a screen reader the kind of each node, and how many operations are in each scope. */
  translate(texts) {
    const { scopes, nodes } = this.graph;
    const counts = scopes.map(() => 0);
    for (const node of nodes) {
      for (let scope = node.operands ? node.scope : null; scope !== null; scope = scopes[scope].parent) {
        counts[scope] += 1;
      }
    }
    this.scopes.forEach(({ group, count }, index) => {
      count.textContent = texts.operations(counts[index]);
      group.setAttribute("aria-description", texts.scope);
    });
    this.nodes.forEach(({ group }, index) => group.setAttribute("aria-description", texts.kinds[this.kind(index)]));
  }

  // ---------------------------------------------------------------- folding

  /** The outermost folded scope around a scope, itself included, or null. */
  hiddenIn(scope) {
    let found = null;
    for (let outer = scope; outer !== null; outer = this.graph.scopes[outer].parent) {
      found = this.folded[outer] ? outer : found;
    }
    return found;
  }

  fold(scope, folded = !this.folded[scope]) {
    this.folded[scope] = folded;
    this.foldChanged(scope);
  }

  foldAll(folded) {
    this.folded.fill(folded);
    this.foldChanged();
  }

  /** Shows what is folded; the scope that was changed keeps its position in the window. */
  foldChanged(changed = null) {
    const isShown = (scope) => this.hiddenIn(scope) === null;
    const before = this.layout;
    // The coarsest layout in which every open scope is open; other folded scopes are covered.
    const open = this.graph.scopes.map((_, index) => index).filter(isShown);
    this.layout = this.graph.layouts.find(
      ({ boxes, centers }) =>
        this.graph.scopes.every((scope, index) => !open.includes(scope.parent) || boxes[index] !== null) &&
        this.graph.nodes.every(
          (node, index) => !(node.scope === null || isShown(node.scope)) || centers[index] !== null,
        ),
    );
    if (this.layout !== before) {
      this.arrange();
    }
    this.coverOf = this.graph.nodes.map((node) => this.hiddenIn(node.scope));
    this.nodes.forEach(({ group }, index) => group.classList.toggle("hidden", this.coverOf[index] !== null));
    this.layout.edges.forEach(({ of: [[operation, operand]] }, index) => {
      const from = this.coverOf[this.graph.nodes[operation].operands[operand]];
      const to = this.coverOf[operation];
      this.edges[index].classList.toggle("hidden", from !== null && from === to);
    });
    this.scopes.forEach(({ box, group }, index) => {
      const hidden = !(this.graph.scopes[index].parent === null || isShown(this.graph.scopes[index].parent));
      box.classList.toggle("hidden", hidden);
      group.classList.toggle("hidden", hidden);
      group.classList.toggle("folded", this.folded[index]);
      group.setAttribute("aria-expanded", String(!this.folded[index]));
    });
    if (before && this.layout !== before) {
      if (changed === null || this.view.shows === "everything") {
        this.view.fit();
      } else {
        const [oldX, oldY] = before.boxes[changed];
        const [x, y] = this.layout.boxes[changed];
        this.view.shift(x - oldX, y - oldY);
      }
    }
  }

  /** Moves everything to its position in the layout. */
  arrange() {
    this.view.extent = this.layout.extent;
    this.nodes.forEach(({ group }, index) => {
      const center = this.layout.centers[index];
      if (center) {
        const [width, height] = this.graph.nodes[index].size;
        group.setAttribute("transform", `translate(${center[0] - width / 2} ${center[1] - height / 2})`);
      }
    });
    this.scopes.forEach(({ box, cover, header, name, count }, index) => {
      if (!this.layout.boxes[index]) {
        return;
      }
      const [x, y, width, height] = this.layout.boxes[index];
      for (const rectangle of [box, cover]) {
        Object.entries({ x, y, width, height }).forEach(([key, value]) => rectangle.setAttribute(key, value));
      }
      header.setAttribute("transform", `translate(${x} ${y})`);
      // A large folded box is read from afar, so its text grows with it.
      const letters = Math.max(14, this.graph.scopes[index].name.length);
      const size = Math.max(11, Math.min(height / 4, width / letters / 0.6));
      name.style.fontSize = `${size}px`;
      count.style.fontSize = `${size * 0.8}px`;
      name.setAttribute("x", x + width / 2);
      name.setAttribute("y", y + height / 2 - size * 0.65);
      count.setAttribute("x", x + width / 2);
      count.setAttribute("y", y + height / 2 + size * 0.75);
    });
    this.light(null, [], []);
    this.lines.replaceChildren();
    this.edges = this.layout.edges.map((edge) => this.drawnEdge(edge));
    this.edgeOf = new Map();
    this.layout.edges.forEach(({ of }, index) => of.forEach((pair) => this.edgeOf.set(pair.join(" "), index)));
    this.mark(this.paths);
  }

  /** The groups that can have the focus now, in the order of the graph. */
  stops() {
    const scopes = this.scopes.map(({ group }) => group);
    const nodes = this.nodes.map(({ group }) => group);
    return [...scopes, ...nodes].filter((group) => !group.classList.contains("hidden"));
  }

  /** The element that shows a node: its own, or that of the scope it is folded into. */
  shownAs(index) {
    const cover = this.coverOf[index];
    return cover === null ? this.nodes[index].group : this.scopes[cover].group;
  }

  // ---------------------------------------------------------------- what is lit

  /** Shows the numbers of a node; undefined means not computed yet. */
  setNumbers(index, value, gradient) {
    const node = this.nodes[index];
    const plain = !this.graph.nodes[index].requiresGrad;
    write(node.data, plain ? short(value) : value === undefined ? "data" : `data ${short(value)}`);
    write(node.grad, gradient === undefined ? "grad" : `grad ${short(gradient)}`);
    node.group.classList.toggle("waiting", value === undefined);
    node.group.classList.toggle("graded", gradient !== undefined);
  }

  /**
   * Lights the node of a step and its edges, and writes notes on these. `edges` are [operation, operand, text].
   */
  light(index, edges, look) {
    this.lit.forEach((element) => element.classList.remove("current", "forward", "backward", "failed"));
    this.notes.replaceChildren();
    this.lit = [];
    if (index === null) {
      return;
    }
    const lit = (element) => {
      element.classList.add("current", ...look);
      this.lit.push(element);
    };
    lit(this.shownAs(index));
    const notes = new Map(); // an edge of a folded scope stands for several
    for (const [operation, operand, text] of edges) {
      const edge = this.edges[this.edgeOf.get(`${operation} ${operand}`)];
      if (!edge || edge.classList.contains("hidden")) {
        continue;
      }
      lit(edge);
      if (text) {
        notes.set(edge, [...(notes.get(edge) ?? []), text]);
      }
    }
    for (const [edge, texts] of notes) {
      const line = edge.firstChild;
      const { x, y } = line.getPointAtLength(line.getTotalLength() / 2);
      const more = texts.length > MOST_NOTES ? ["…"] : [];
      added(this.notes, "text", { x, y }, [...texts.slice(0, MOST_NOTES), ...more].join(" "));
    }
  }

  /** Marks the nodes and edges of the paths from a node, or nothing. */
  mark(paths) {
    this.paths = paths;
    this.svg.classList.toggle("marking", paths !== null);
    this.nodes.forEach(({ group }, index) =>
      group.classList.toggle("on-path", paths !== null && paths.nodes.has(index)),
    );
    this.layout.edges.forEach(({ of }, index) => {
      const on = paths !== null && of.some((pair) => paths.edges.has(pair.join(" ")));
      this.edges[index].classList.toggle("on-path", on);
    });
  }

  // ---------------------------------------------------------------- the window

  /** Left, top, right and bottom of a node, or of the scope it is folded into. */
  box(index) {
    const cover = this.coverOf[index];
    if (cover !== null) {
      const [x, y, width, height] = this.layout.boxes[cover];
      return [x, y, x + width, y + height];
    }
    const [x, y] = this.layout.centers[index];
    const [width, height] = this.graph.nodes[index].size;
    return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
  }

  /** Moves the window as little as brings a node into it, or the middle of the scope it is folded into. */
  show(index) {
    const [left, top, right, bottom] = this.box(index);
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    this.view.show(this.coverOf[index] === null ? [left, top, right, bottom] : [x, y, x, y]);
  }

  /** Brings an operation into the window with its operands, large enough to read. */
  follow(index) {
    const { operands } = this.graph.nodes[index];
    const boxes = [index, ...(this.coverOf[index] === null ? operands : [])].map((near) => this.box(near));
    const least = (side) => Math.min(...boxes.map((box) => box[side]));
    const largest = (side) => Math.max(...boxes.map((box) => box[side]));
    this.view.follow([least(0), least(1), largest(2), largest(3)], this.box(index));
  }
}
