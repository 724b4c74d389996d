// The graph as SVG: the nodes, edges and scopes where the layout put them, folded or not, lit or not. All texts are text
// nodes, so a label never acts as markup.
import { READABLE, View } from "./view.js";
import { short } from "./numbers.js";
import { write } from "./elements.js";

const SVG = "http://www.w3.org/2000/svg";
const HEAD = 6; // the length of an arrow's head
const MOST_NOTES = 2; // on one edge
const SHARES = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]; // of an edge: where its note may stand, the best first
const HALO = 2; // around a note
const PADDING = 7; // between the border of a node and its texts
const DIGIT = 7.2; // the width of a digit in the widest of the common fonts
const NARROWEST = 0.7; // that a name is drawn
const BETWEEN = 54; // units between neighbours in a row
const READABLE_ON_PAPER = 0.6; // the smallest scale, of letters of 5 points
const HEADER = 24; // the height of a scope's name
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

/** Draws a text narrower if it is wider than its room, or as wide as it is. */
function squeeze(text, room, isWide) {
  if (isWide) {
    text.setAttribute("textLength", room);
    text.setAttribute("lengthAdjust", "spacingAndGlyphs");
  } else if (text.hasAttribute("textLength")) {
    text.removeAttribute("textLength");
  }
}

/** A text that holds a number, after a word that only a screen reader says. */
function addedNumber(parent, kind, word, attributes = {}) {
  const text = added(parent, "text", { class: kind, ...attributes });
  return { text, word: added(text, "tspan", { class: "word" }, word), number: added(text, "tspan") };
}

/** Writes a number that stays in its room. */
function writeNumber({ number }, text, room) {
  if (number.textContent !== text) {
    number.textContent = text;
    squeeze(number, room, text.length * DIGIT > room);
  }
}

/** Puts a text beside a line, near its middle, where it covers the least of the boxes in `taken`, and adds its own. */
function putBeside(line, text, taken) {
  const { x: left, y: top, width, height } = text.getBBox();
  const length = line.getTotalLength();
  let best = { covered: Infinity };
  for (const side of [-1, 1]) {
    for (const share of SHARES) {
      const on = line.getPointAtLength(share * length);
      const [x, y] = [on.x, on.y + side * 0.6 * height];
      const box = [x + left - HALO, y + top, x + left + width + HALO, y + top + height];
      const covered = taken.reduce((sum, other) => sum + common(box, other), 0);
      best = covered < best.covered ? { x, y, box, covered } : best;
    }
  }
  text.setAttribute("x", best.x);
  text.setAttribute("y", best.y);
  taken.push(best.box);
}

/** The area that two boxes have in common: left, top, right, bottom. */
function common(one, other) {
  const [width, height] = [0, 1].map(
    (side) => Math.min(one[side + 2], other[side + 2]) - Math.max(one[side], other[side]),
  );
  return Math.max(0, width) * Math.max(0, height);
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
    this.changedNames = []; // [the text, its node]
    this.scopes = graph.scopes.map((scope, index) => this.drawnScope(scope, index));
    this.nodes = graph.nodes.map((node, index) => this.drawnNode(node, index));
    this.depths = [];
    graph.scopes.forEach(({ parent }, index) => (this.depths[index] = parent === null ? 1 : this.depths[parent] + 1));
    this.focus = null; // the scope that was opened last
    this.firstOperation = graph.nodes.findIndex((node) => node.operands);
    this.view.measure();
    this.folded = this.foldedToRead();
    this.foldChanged(this.openAround(graph.pathsFrom));
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
    const room = width - 2 * PADDING;
    const named = node.name !== "" || node.requiresGrad;
    const names = named ? node.name.split("\n") : [];
    const line = (height - PADDING) / (names.length + (node.requiresGrad ? 2 : 1));
    const heightOf = (row) => PADDING / 2 + line * (row + 0.5);
    if (node.symbol) {
      const large = node.symbol.length <= 2 ? "large" : "";
      added(group, "text", { class: `symbol ${large}`, x: PADDING, y: heightOf(0) }, node.symbol);
    }
    // Beside a symbol, the name stands at the right.
    const [x, side] = node.symbol ? [width - PADDING, "after"] : [PADDING, ""];
    const drawnNames = names.map((name, row) => {
      const look = `name ${node.name ? "" : "given"} ${side}`;
      return added(group, "text", { class: look, x, y: heightOf(row) }, name);
    });
    const data = addedNumber(group, "data", named ? "data " : "", { x: PADDING, y: heightOf(names.length) });
    const grad = node.requiresGrad
      ? addedNumber(group, "grad", "grad ", { x: PADDING, y: heightOf(names.length + 1) })
      : null;
    apart(group);
    const given = !node.name && named ? drawnNames[0] : null;
    const drawn = { group, data, grad, room, given };
    this.changedNames.push(...drawnNames.map((name) => [name, drawn]));
    return drawn;
  }

  /** Names a node that has no label; `keepNamesInside` comes after the last. */
  setName(index, name) {
    const drawn = this.nodes[index];
    if (drawn.given.textContent !== name) {
      drawn.given.textContent = name;
      this.changedNames.push([drawn.given, drawn]);
    }
  }

  /**
   * Makes names narrower that are wider than Python thought, since fonts differ. A formula that does not fit the box of
   * its own operation is left to the panels.
   */
  keepNamesInside() {
    this.changedNames.forEach(([name]) => {
      name.classList.remove("word");
      squeeze(name, 0, false);
    });
    const measured = this.changedNames.map(([name, { group, room, given }]) => {
      const symbol = group.querySelector(".symbol");
      const left = symbol ? room - symbol.getComputedTextLength() - 6 : room;
      return { name, left, width: name.getComputedTextLength(), isGiven: name === given };
    });
    measured.forEach(({ name, left, width, isGiven }) => {
      if (isGiven && width * NARROWEST > left) {
        name.classList.add("word");
      } else if (width > left) {
        squeeze(name, left, true);
      }
    });
    this.changedNames = [];
  }

  /** A line with a head at each end, of which the one is seen that points the way that numbers flow. */
  drawnEdge(line, of) {
    const { nodes } = this.graph;
    const carries = of.some(([operation, which]) => nodes[nodes[operation].operands[which]].requiresGrad);
    const group = added(this.lines, "g", { class: carries ? "edge carries" : "edge" });
    const [start, ...points] = Array.from({ length: line.length / 2 }, (_, at) => line.slice(2 * at, 2 * at + 2));
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
    const [data, grad] = ["data", "grad"].map((kind) => addedNumber(inside, kind, ""));
    apart(inside);
    return { box, group, cover, header, name, data, grad };
  }

  /** Tells a screen reader the kind of each node, and what each scope holds. */
  translate(texts) {
    this.texts = texts;
    const { scopes, nodes } = this.graph;
    const counts = scopes.map(() => 0);
    for (const node of nodes) {
      for (let scope = node.operands ? node.scope : null; scope !== null; scope = scopes[scope].parent) {
        counts[scope] += 1;
      }
    }
    this.scopes.forEach(({ group }, index) => {
      group.setAttribute("aria-description", `${texts.scope}, ${texts.operations(counts[index])}`);
    });
    this.writeOutputs();
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

  /** Opens the folded scopes around a node, and gives the innermost of them, or null. */
  openAround(index) {
    let innermost = null;
    for (let scope = index === null ? null : this.graph.nodes[index].scope; scope !== null;) {
      innermost ??= this.folded[scope] ? scope : null;
      this.folded[scope] = false;
      scope = this.graph.scopes[scope].parent;
    }
    return innermost;
  }

  fold(scope, folded = !this.folded[scope]) {
    this.folded[scope] = folded;
    this.foldChanged(scope);
  }

  foldAll(folded) {
    this.folded.fill(folded);
    this.foldChanged();
  }

  /** What to fold so that the letters can be read, and no more; if none can, what makes them largest. */
  foldedToRead(readable = READABLE) {
    const { layouts } = this.graph;
    const scales = layouts.map((layout) => this.fitting(layout).scale);
    let chosen = layouts.length - 1;
    while (chosen > 0 && scales[chosen] < readable && layouts[chosen - 1].edges.length > 0) {
      chosen -= 1;
    }
    const depth = chosen === layouts.length - 1 ? Infinity : chosen + 1;
    return this.depths.map((at) => at >= depth);
  }

  /** The direction of a layout that is larger in the window, and its scale: of the whole, or of the scope in focus. */
  fitting(layout) {
    const scaled = Object.entries(layout.directions).map(([direction, { extent, boxes }]) => {
      const size = this.focus === null ? extent : boxes[this.focus].slice(2);
      return { direction, scale: this.view.scaleOf(size) };
    });
    return scaled.reduce((best, other) => (other.scale > best.scale ? other : best));
  }

  /** Shows what is folded, and all of it, or the scope that was opened. */
  foldChanged(changed = null) {
    const isShown = (scope) => this.hiddenIn(scope) === null;
    this.focus = changed === null || this.folded[changed] || !isShown(changed) ? null : changed;
    // The coarsest layout in which every open scope is open; other folded scopes are covered.
    const open = new Set(this.graph.scopes.map((_, index) => index).filter(isShown));
    this.layout = this.graph.layouts.find(
      ({ directions: { LR } }) =>
        this.graph.scopes.every((scope, index) => !open.has(scope.parent) || LR.boxes[index] !== null) &&
        this.graph.nodes.every((node, index) => !(node.scope === null || open.has(node.scope)) || LR.centers[index]),
    );
    this.coverOf = this.graph.nodes.map((node) => this.hiddenIn(node.scope));
    this.nodes.forEach(({ group }, index) => group.classList.toggle("hidden", this.coverOf[index] !== null));
    this.scopes.forEach(({ box, group }, index) => {
      const { parent } = this.graph.scopes[index];
      const hidden = parent !== null && !open.has(parent);
      box.classList.toggle("hidden", hidden);
      group.classList.toggle("hidden", hidden);
      group.classList.toggle("folded", this.folded[index]);
      group.setAttribute("aria-expanded", String(!this.folded[index]));
    });
    this.arrange();
    this.writeOutputs();
    this.view.fit(this.focus === null ? null : this.place.boxes[this.focus]);
  }

  /** Shows everything on paper, large enough to read; gives a function that shows again what was there before. */
  showOnPaper() {
    const { folded, focus, view } = this;
    const { center, scale, shows } = view;
    view.measurePaper();
    if (this.fitting(this.layout).scale < READABLE_ON_PAPER) {
      const more = this.foldedToRead(READABLE_ON_PAPER);
      this.folded = folded.map((isFolded, index) => isFolded || more[index]);
    }
    this.foldChanged();
    view.showOnPaper();
    return () => {
      view.measure();
      this.folded = folded;
      this.foldChanged(focus);
      Object.assign(view, { center, scale, shows });
      view.apply();
    };
  }

  /**
   * Adapts to another size of the window: the other direction may be larger now. It says whether everything was drawn
   * again, so that nothing is lit.
   */
  resized() {
    this.view.measure();
    if (this.view.shows !== "everything") {
      this.view.apply();
      return false;
    }
    const turns = this.fitting(this.layout).direction !== this.direction;
    if (turns) {
      this.arrange();
    }
    this.view.fit(this.focus === null ? null : this.place.boxes[this.focus]);
    return turns;
  }

  /** Moves everything to its position in the layout, in the direction that is larger in the window. */
  arrange() {
    this.direction = this.fitting(this.layout).direction;
    this.place = this.layout.directions[this.direction];
    this.view.extent = this.place.extent;
    this.nodes.forEach(({ group }, index) => {
      const center = this.place.centers[index];
      if (center) {
        const [width, height] = this.graph.nodes[index].size;
        group.setAttribute("transform", `translate(${center[0] - width / 2} ${center[1] - height / 2})`);
      }
    });
    this.scopes.forEach((_, index) => {
      if (this.place.boxes[index]) {
        this.arrangeScope(index);
      }
    });
    this.light(null, [], []);
    this.lines.replaceChildren();
    this.edges = this.place.lines.map((line, index) => this.drawnEdge(line, this.layout.edges[index]));
    this.edgeOf = new Map();
    this.layout.edges.forEach((of, index) => {
      of.forEach((pair) => this.edgeOf.set(pair.join(" "), index));
      const [operation, operand] = of[0];
      const from = this.coverOf[this.graph.nodes[operation].operands[operand]];
      this.edges[index].classList.toggle("hidden", from !== null && from === this.coverOf[operation]);
    });
    this.mark(this.paths);
  }

  /** Moves a scope: its box, and what stands on it, folded and open. */
  arrangeScope(index) {
    const { box, cover, header, name, data, grad } = this.scopes[index];
    const [x, y, width, height] = this.place.boxes[index];
    for (const rectangle of [box, cover]) {
      Object.entries({ x, y, width, height }).forEach(([key, value]) => rectangle.setAttribute(key, value));
    }
    // From top to bottom, the name stands below: what flows into a scope from above is much, what flows out little.
    header.setAttribute("transform", `translate(${x} ${this.direction === "LR" ? y : y + height - HEADER - 4})`);
    // A large folded box is read from afar, so its text grows with it.
    const letters = Math.max(10, this.graph.scopes[index].name.length);
    const size = Math.max(11, Math.min(height / 5, width / letters / 0.6));
    [name, data.text, grad.text].forEach((text, row) => {
      text.style.fontSize = `${size}px`;
      text.setAttribute("x", x + width / 2);
      text.setAttribute("y", y + height / 2 + (row - 1) * size * 1.3);
    });
  }

  /** Finds the values that leave each folded scope, and says how many they are; a single one shows its numbers. */
  writeOutputs() {
    const { nodes } = this.graph;
    const outputs = this.graph.scopes.map(() => new Set([]));
    const root = nodes.length - 1;
    if (this.coverOf[root] !== null) {
      outputs[this.coverOf[root]].add(root);
    }
    nodes.forEach((node, index) => {
      for (const operand of node.operands ?? []) {
        const cover = this.coverOf[operand];
        if (cover !== null && cover !== this.coverOf[index]) {
          outputs[cover].add(operand);
        }
      }
    });
    this.onlyOutputs = new Map();
    this.scopes.forEach((scope, index) => {
      const isOne = outputs[index].size === 1;
      if (isOne) {
        this.onlyOutputs.set([...outputs[index]][0], index);
      }
      const room = this.place.boxes[index] === null ? 0 : this.place.boxes[index][2] - 2 * PADDING;
      write(scope.data.word, isOne ? "data " : "");
      write(scope.grad.word, isOne ? "grad " : "");
      writeNumber(scope.data, isOne || !this.texts ? "" : this.texts.outputs(outputs[index].size), room);
      writeNumber(scope.grad, "", room);
      scope.group.classList.remove("waiting", "graded");
    });
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

  /** Shows the numbers of a node, and of the folded scope that it is the only output of; undefined means not yet. */
  setNumbers(index, value, gradient) {
    const node = this.nodes[index];
    const [data, grad] = [value, gradient].map((number) => (number === undefined ? "" : short(number)));
    const show = (group, texts, room) => {
      writeNumber(texts.data, data, room);
      if (texts.grad) {
        writeNumber(texts.grad, grad, room);
      }
      group.classList.toggle("waiting", value === undefined);
      group.classList.toggle("graded", gradient !== undefined);
    };
    show(node.group, node, node.room);
    if (this.onlyOutputs.has(index)) {
      const scope = this.onlyOutputs.get(index);
      show(this.scopes[scope].group, this.scopes[scope], this.place.boxes[scope][2] - 2 * PADDING);
    }
  }

  /**
   * Lights the node of a step and its edges, and writes what flows back along them. `edges` are [operation, operand,
   * amount]: the amount is null where none flows, and NaN where it does not exist.
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
    const notes = new Map(); // an edge of a folded scope stands for several: the sum for each node that they reach
    for (const [operation, operand, amount] of edges) {
      const edge = this.edges[this.edgeOf.get(`${operation} ${operand}`)];
      if (!edge || edge.classList.contains("hidden")) {
        continue;
      }
      lit(edge);
      if (amount !== null) {
        const to = this.graph.nodes[operation].operands[operand];
        const sums = notes.get(edge) ?? new Map();
        notes.set(edge, sums.set(to, (sums.get(to) ?? 0) + amount));
      }
    }
    const taken = edges.length > 0 ? [index, ...this.graph.nodes[index].operands].map((near) => this.box(near)) : [];
    for (const [edge, sums] of notes) {
      const texts = [...sums.values()].map((sum) => (Number.isNaN(sum) ? "?" : `${sum < 0 ? "" : "+"}${short(sum)}`));
      const more = texts.length > MOST_NOTES ? ["…"] : [];
      const note = added(this.notes, "text", {}, [...texts.slice(0, MOST_NOTES), ...more].join(" "));
      squeeze(note, BETWEEN, texts.length === 1 && this.direction === "LR" && texts[0].length * DIGIT > BETWEEN);
      putBeside(edge.firstChild, note, taken);
    }
  }

  /** Marks the node that the user points at, or none. */
  point(index) {
    this.pointed?.classList.remove("pointed");
    this.pointed = index === null ? null : this.shownAs(index);
    this.pointed?.classList.add("pointed");
  }

  /** Marks the nodes and edges of the paths from a node, or nothing. */
  mark(paths) {
    this.paths = paths;
    this.svg.classList.toggle("marking", paths !== null);
    this.nodes.forEach(({ group }, index) =>
      group.classList.toggle("on-path", paths !== null && paths.nodes.has(index)),
    );
    this.layout.edges.forEach((of, index) => {
      const on = paths !== null && of.some((pair) => paths.edges.has(pair.join(" ")));
      this.edges[index].classList.toggle("on-path", on);
    });
  }

  // ---------------------------------------------------------------- the window

  /** Left, top, right and bottom of a node, or of the scope it is folded into. */
  box(index) {
    const cover = this.coverOf[index];
    if (cover !== null) {
      const [x, y, width, height] = this.place.boxes[cover];
      return [x, y, x + width, y + height];
    }
    const [x, y] = this.place.centers[index];
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
