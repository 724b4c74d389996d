// Changes the numbers of the leaves, by typing, by the arrow keys or by dragging; and nudges them to check a gradient.
import { element, write } from "./elements.js";
import { isolated } from "./names.js";
import { exact, read, short } from "./numbers.js";

/** What one pixel of a drag adds to a number, about a hundredth of it; an arrow key adds ten times as much. */
function grain(value) {
  return 10 ** (Math.floor(Math.log10(Math.max(1, Math.abs(value)))) - 2);
}

/** A number moved by some grains. */
function moved(value, grains) {
  if (!Number.isFinite(value)) {
    return value;
  }
  const size = grain(value);
  return Number((Math.round(value / size + grains) * size).toPrecision(12));
}

export class Editing {
  /** `change` is called with a leaf and its new number, `reset` to restore all numbers. */
  constructor(computation, names, tables, { change, reset }) {
    this.computation = computation;
    this.names = names;
    this.tables = tables;
    this.change = change;
    element("inputs").addEventListener("input", (event) => this.read(event.target));
    element("inputs").addEventListener("keydown", (event) => this.key(event));
    element("inputs").addEventListener("click", (event) => {
      const button = event.target.closest("[data-nudge]");
      if (button) {
        this.nudge(Number(button.dataset.nudge));
      }
    });
    element("reset").addEventListener("click", () => {
      reset();
      this.say("");
    });
  }

  translate(texts) {
    this.texts = texts;
    this.say("");
    const { editable, foreign } = this.computation;
    const symbols = texts.listed([...new Set(foreign.map((node) => isolated(node.symbol)))]);
    const reasons = [...new Set(foreign.map((node) => node.why).filter(Boolean))].map((why) => ` (${isolated(why)})`);
    element("editing").textContent = editable ? texts.editHelp : texts.editingOff(symbols) + reasons.join("");
    element("reset").hidden = !editable;
    document.body.classList.toggle("fixed", !editable);
  }

  /** Says something below the row of a leaf, to a screen reader too; "" takes back what was said. */
  say(text, leaf) {
    this.tables.say(text, leaf);
    if (text !== "") {
      write(element("live"), text);
    }
  }

  /** Takes the number that was typed into a field. */
  read(field) {
    const value = read(field.value);
    if (value === undefined) {
      field.setAttribute("aria-invalid", "true");
      this.say(this.texts.notANumber(field.value), Number(field.dataset.field));
      return;
    }
    field.removeAttribute("aria-invalid");
    this.say("");
    this.change(Number(field.dataset.field), value);
  }

  /** The arrow keys in a field. */
  key(event) {
    const field = event.target.closest("[data-field]");
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!field || !direction || !this.computation.editable) {
      return;
    }
    event.preventDefault();
    const leaf = Number(field.dataset.field);
    field.value = exact(moved(this.computation.leaves[leaf], direction * (event.shiftKey ? 100 : 10)));
    this.read(field);
  }

  /** A function that changes the number of a node by a drag of some pixels; null if the node cannot be changed. */
  drag(index) {
    if (index === null || !this.computation.isLeaf(index) || !this.computation.editable) {
      return null;
    }
    const start = this.computation.leaves[index];
    return (pixels) => this.beforeNextFrame(() => this.change(index, moved(start, pixels)));
  }

  /** Makes the latest change before the next frame, and skips the others. */
  beforeNextFrame(change) {
    if (this.waiting === undefined) {
      requestAnimationFrame(() => {
        const act = this.waiting;
        this.waiting = undefined;
        act();
      });
    }
    this.waiting = change;
  }

  /** Shows the derivative with respect to a leaf, estimated by a finite difference. */
  nudge(leaf) {
    const { texts, computation, names } = this;
    const found = computation.nudged(leaf);
    const { slope } = this.tables.rows.get(leaf);
    const name = names.of(leaf);
    if (found === null) {
      slope.textContent = "?";
      this.say(texts.notNudged(name), leaf);
      return;
    }
    slope.textContent = `≈ ${short(found.slope)}`;
    const [low, high] = [found.low, found.high].map((value) => value.toPrecision(9));
    this.say(texts.nudged(names.of(computation.root), name, short(found.slope), short(found.size), low, high), leaf);
  }
}
