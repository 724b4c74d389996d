// The whole expression of the graph above the picture, in MathML: its parts light up with the steps and the pointer.
import { ATOM, COMPARISON, POWER, PRODUCT, SUM, WORDS } from "./formulas.js";
import { element, made, nodeAt } from "./elements.js";
import { isolated, plain } from "./names.js";
import { short } from "./numbers.js";

const MATH = "http://www.w3.org/1998/Math/MathML";
const MOST_OPERATIONS = 12; // written out; what is beyond them stands by its name
const AROUND_PART = 16; // pixels between a part that is lit and the border
const INDEXED = /^(\p{L}+)_?(\d+)$/u; // w1 and w_1
const NUMBER = /^\d/;
const SIGNS = { "+": "+", "-": "−", "*": "⋅", "<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠" };
// How tightly the whole binds, and how tightly its operands have to.
const BINDS = { "+": [SUM, SUM, WORDS], "-": [SUM, SUM, WORDS], "*": [PRODUCT, PRODUCT, POWER] };

/** A new element of MathML, with children that are elements or text. */
function math(kind, ...children) {
  const created = document.createElementNS(MATH, kind);
  created.append(...children);
  return created;
}

const sign = (text) => math("mo", text);

/** An element as part of another. */
const mathPart = (found, binds = ATOM) => ({ found, binds });

/** Parts between parentheses, which are tall around a fraction alone. */
function bracketed(left, right, ...parts) {
  const isTall = parts.some((each) => each.matches("mfrac") || each.querySelector("mfrac"));
  const signs = [left, right].map(sign);
  signs.forEach((each) => each.setAttribute("stretchy", String(isTall)));
  return math("mrow", signs[0], ...parts, signs[1]);
}

/** The element of a part in a place that needs it to bind this tightly. */
function placed({ found, binds }, needed) {
  return binds < needed ? bracketed("(", ")", found) : found;
}

/** A name: w1 has an index. */
export function mathName(name) {
  const [, letters, index] = INDEXED.exec(name) ?? [];
  if (letters) {
    return math("msub", math("mi", letters), math("mn", index));
  }
  return math("mi", /^\p{L}$/u.test(name) ? name : isolated(name));
}

function mathNumber(number) {
  const absolute = math("mn", short(Math.abs(number)));
  return number < 0 ? mathPart(math("mrow", sign("−"), absolute), SUM) : mathPart(absolute);
}

/** A tree of formulas.py in MathML. `operand` gives the part for an operand. */
function mathOf(tree, operand, texts) {
  if (typeof tree === "number") {
    return operand(tree);
  }
  if (typeof tree === "string") {
    return mathPart(NUMBER.test(tree) ? math("mn", tree) : math("mi", tree === "pi" ? "π" : tree));
  }
  const [kind, ...rest] = tree;
  if (kind === "call") {
    return mathPart(
      mathCall(
        rest[0],
        rest.slice(1).map((each) => mathOf(each, operand, texts)),
      ),
    );
  }
  const parts = rest.map((each) => mathOf(each, operand, texts));
  if (kind === "if") {
    const places = ["①", "②", "③"];
    const words = texts.choice(...places).split(/([①②③])/);
    const all = words.map((word) => (places.includes(word) ? parts[places.indexOf(word)].found : math("mtext", word)));
    return mathPart(math("mrow", ...all), COMPARISON - 1);
  }
  if (kind === "negative") {
    return mathPart(math("mrow", sign("−"), placed(parts[0], PRODUCT)), SUM);
  }
  if (kind === "/") {
    return mathPart(math("mfrac", parts[0].found, parts[1].found), POWER);
  }
  if (kind === "**") {
    return mathPart(math("msup", placed(parts[0], ATOM), parts[1].found), POWER);
  }
  const [binds, left, right] = BINDS[kind] ?? [COMPARISON, SUM, SUM];
  return mathPart(math("mrow", placed(parts[0], left), sign(SIGNS[kind]), placed(parts[1], right)), binds);
}

function mathCall(name, operands) {
  const [first] = operands.map(({ found }) => found);
  if (name === "sqrt") {
    return math("msqrt", first);
  }
  if (name === "cbrt") {
    return math("mroot", first, math("mn", "3"));
  }
  if (name === "abs") {
    return bracketed("|", "|", first);
  }
  const listed = operands.flatMap(({ found }, which) => (which === 0 ? [found] : [sign(","), found]));
  return math("mrow", math("mi", name), sign("\u2061"), bracketed("(", ")", ...listed));
}

export class Expression {
  /** `point` is called with the node that the pointer is at, or null. */
  constructor(computation, names, picture, { point }) {
    this.computation = computation;
    this.names = names;
    this.picture = picture;
    const strip = element("expression");
    strip.addEventListener("pointerover", (event) => point(nodeAt(event.target)));
    strip.addEventListener("pointerleave", () => point(null));
    this.lit = { current: [], pointed: [] };
  }

  translate(texts) {
    this.texts = texts;
  }

  /** Writes the expression, with the names and the folded scopes of now. */
  write() {
    const { computation } = this;
    const { root, nodes } = computation;
    this.parts = nodes.map(() => []); // the elements that show each node
    this.open = this.opened();
    element("expression").hidden = computation.isLeaf(root);
    if (computation.isLeaf(root)) {
      return;
    }
    const { found } = this.formula(root);
    const named = nodes[root].name ? [mathName(nodes[root].name), sign("=")] : [];
    element("expression").replaceChildren(made("span", ""));
    element("expression").firstChild.append(math("math", ...named, found));
    this.lit = { current: [], pointed: [] };
  }

  /** The operations to write out: all, if they are few; else those next to the root, without shared and folded parts. */
  opened() {
    const { computation, picture } = this;
    const { root, nodes, consumers } = computation;
    const sizes = nodes.map(() => 0);
    computation.operations.forEach((index) => {
      sizes[index] = nodes[index].operands.reduce((sum, operand) => sum + sizes[operand], 1);
    });
    const isWhole = sizes[root] <= MOST_OPERATIONS;
    const open = new Set();
    const queue = [root];
    while (queue.length > 0 && open.size < MOST_OPERATIONS) {
      const index = queue.shift();
      const isFolded = picture.coverOf[index] !== null && picture.coverOf[index] !== picture.coverOf[root];
      const isApart = isFolded || consumers[index].length > 1;
      if (nodes[index].operands && nodes[index].requiresGrad && (isWhole || !isApart)) {
        open.add(index);
        queue.push(...nodes[index].operands);
      }
    }
    return open;
  }

  /** The part that shows a node: its formula if that is written out or is its name, else its name. */
  part(index) {
    if (this.open.has(index) || this.names.isFormula(index)) {
      return this.formula(index);
    }
    const { name, requiresGrad } = this.computation.nodes[index];
    const value = this.computation.values[index];
    const { text, binds } = this.names.part(index);
    const part =
      name || requiresGrad || value === undefined ? mathPart(mathName(name || plain(text)), binds) : mathNumber(value);
    return { ...part, found: this.linked(index, part.found) };
  }

  formula(index) {
    const { operands } = this.computation.nodes[index];
    const { found, binds } = mathOf(this.names.tree(index), (which) => this.part(operands[which]), this.texts);
    return { found: this.linked(index, found), binds };
  }

  /** An element that shows a node. */
  linked(index, found) {
    const link = math("mrow", found);
    link.dataset.node = index;
    this.parts[index].push(link);
    return link;
  }

  /** The elements that show a node, or the smallest parts that it is in: all of them, as none is more its own. */
  showing(index) {
    const seen = new Set([index]);
    const found = [];
    for (const near of seen) {
      if (this.parts[near].length > 0) {
        found.push(...this.parts[near]);
      } else {
        this.computation.consumers[near].forEach(([operation]) => seen.add(operation));
      }
    }
    return found;
  }

  /** Lights the part of a step in its phase, or none. */
  show({ index, phase }) {
    this.light("current", index);
    element("expression").dataset.phase = phase;
    if (this.lit.current.length > 0) {
      this.bringIntoSight(this.lit.current[0]);
    }
  }

  /** Scrolls the expression, and nothing around it, where it is wider than its place. */
  bringIntoSight(part) {
    const strip = element("expression");
    const [inside, outside] = [part.getBoundingClientRect(), strip.getBoundingClientRect()];
    const left = Math.min(0, inside.left - outside.left - AROUND_PART);
    strip.scrollLeft += left < 0 ? left : Math.max(0, inside.right - outside.right + AROUND_PART);
  }

  /** Lights the part that the user points at, or none. */
  point(index) {
    this.light("pointed", index);
  }

  light(look, index) {
    this.lit[look].forEach((each) => each.classList.remove(look));
    this.lit[look] = index === null || element("expression").hidden ? [] : this.showing(index);
    this.lit[look].forEach((each) => each.classList.add(look));
  }
}
