// The two tables beside the picture: the inputs with their fields, and the results.
import { element, made, nodeAt, write } from "./elements.js";
import { isolated, plain, withIndices } from "./names.js";
import { exact, short } from "./numbers.js";

const LONG = 12; // characters: a longer name takes smaller letters, and more than one line
const INSIDE_A_WORD = /(?<=\p{Script=Latin}{4})(?=\p{Script=Latin}{4})/gu;
const SOFT_HYPHEN = "\u00ad";

export class Tables {
  /** `point` is called with the node of the row that the pointer or the focus is in, or null. */
  constructor(computation, names, { point }) {
    this.computation = computation;
    this.names = names;
    this.rows = new Map(); // for each node, its row and the elements to write to
    for (const table of [element("inputs"), element("computed")]) {
      table.addEventListener("pointerover", (event) => point(nodeAt(event.target)));
      table.addEventListener("pointerleave", () => point(null));
      table.addEventListener("focusin", (event) => point(nodeAt(event.target)));
      table.addEventListener("focusout", () => point(null));
    }
  }

  /** Makes the tables, in a language. */
  translate(texts) {
    this.texts = texts;
    const { operations } = this.computation;
    this.answer = made("tr", "answer", made("td", "", element("said")));
    this.answer.firstChild.colSpan = 4;
    this.answer.hidden = true;
    element("inputs").replaceChildren(...this.groups(this.inputs(), 4, (index) => this.inputRow(index)), this.answer);
    const results = operations.toReversed(); // the order of the backward pass
    element("computed").replaceChildren(...this.groups(results, 3, (index) => this.resultRow(index)));
    element("computed").closest("section").hidden = operations.length === 0;
  }

  /** The leaves: first those of no scope, then scope by scope in the order in which these are done; constants last. */
  inputs() {
    const { nodes, operations, scopes } = this.computation;
    const done = scopes.map(() => -1);
    for (const index of operations) {
      for (let { scope } = nodes[index]; scope !== null; scope = scopes[scope].parent) {
        done[scope] = index;
      }
    }
    const place = (index) => {
      const { scope, requiresGrad } = nodes[index];
      return scope !== null ? [1, done[scope], scope, !requiresGrad] : [requiresGrad ? 0 : 2];
    };
    const order = (left, right) => {
      const [one, other] = [place(left), place(right)];
      const different = one.findIndex((part, which) => part !== other[which]);
      return different < 0 ? left - right : one[different] - other[different];
    };
    const leaves = nodes.map((_, index) => index).filter((index) => this.computation.isLeaf(index));
    return leaves.toSorted(order);
  }

  /** The rows of nodes, with a heading where the scope is another than before. */
  groups(indices, columns, row) {
    let scope = null;
    return indices.flatMap((index) => {
      const heading = this.computation.nodes[index].scope === scope ? [] : [this.groupRow(index, columns)];
      ({ scope } = this.computation.nodes[index]);
      return [...heading, row(index)];
    });
  }

  groupRow(index, columns) {
    const { nodes, scopes } = this.computation;
    const around = [];
    for (let { scope } = nodes[index]; scope !== null; scope = scopes[scope].parent) {
      around.unshift(isolated(scopes[scope].name));
    }
    const cell = made("th", "", around.join(" › ") || this.texts.outside);
    cell.colSpan = columns;
    cell.scope = "colgroup";
    return made("tr", "group", cell);
  }

  /** Says something below the row of a leaf, or nothing. */
  say(text, leaf) {
    if (leaf !== undefined) {
      this.rows.get(leaf).row.after(this.answer);
    }
    this.answer.hidden = text === "";
    element("said").replaceChildren(...withIndices(text));
  }

  nameCell(index) {
    const cell = made("th", "");
    cell.scope = "row";
    this.fillName(cell, index);
    return cell;
  }

  fillName(cell, index) {
    const name = this.names.of(index);
    const isLong = plain(name).length > LONG;
    cell.replaceChildren(...withIndices(isLong ? name.replace(INSIDE_A_WORD, SOFT_HYPHEN) : name));
    cell.classList.toggle("long", isLong);
  }

  /** Writes the name of a node anew. */
  setName(index) {
    this.fillName(this.rows.get(index).row.firstChild, index);
  }

  resultRow(index) {
    const value = made("td", "number");
    const gradient = made("td", "number gradient");
    const row = made("tr", "", this.nameCell(index), value, gradient);
    row.dataset.node = index;
    this.rows.set(index, { row, value, gradient });
    return row;
  }

  inputRow(index) {
    const node = this.computation.nodes[index];
    const { editable } = this.computation;
    const field = document.createElement("input");
    field.type = "text";
    field.autocomplete = "off";
    field.spellcheck = false;
    field.readOnly = !editable;
    field.setAttribute("aria-label", this.texts.valueOf(this.names.of(index)));
    field.dataset.field = index;
    field.value = exact(this.computation.leaves[index]);
    const gradient = made("td", node.requiresGrad ? "number gradient" : "number quiet");
    const check = made("td", "number");
    if (node.requiresGrad && editable) {
      const button = made("button", "nudge", this.texts.nudge);
      button.type = "button";
      button.setAttribute("aria-label", this.texts.nudgeOf(this.names.of(index)));
      button.dataset.nudge = index;
      check.append(button, made("span", "slope"));
    }
    const row = made("tr", "", this.nameCell(index), made("td", "", field), gradient, check);
    row.dataset.node = index;
    this.rows.set(index, { row, field, gradient, slope: check.querySelector(".slope") });
    return row;
  }

  /** Shows the numbers of a node; undefined means not computed yet. */
  setNumbers(index, value, gradient) {
    const cells = this.rows.get(index);
    write(cells.value, value === undefined ? "" : short(value));
    if (this.computation.nodes[index].requiresGrad) {
      write(cells.gradient, gradient === undefined ? "" : short(gradient));
    } else {
      write(cells.gradient, this.texts.constant);
      if (!this.computation.nodes[index].name) {
        write(cells.row.firstChild, this.names.of(index));
      }
    }
  }

  /** Marks the row of the current step, or none. */
  mark(current) {
    this.rows.forEach(({ row }, index) => row.classList.toggle("now", index === current));
  }

  /** Writes the numbers of the leaves into the fields, except the one being typed in, and clears the checks. */
  writeFields(changed) {
    this.rows.forEach(({ field, slope }, index) => {
      if (field && (index !== changed || document.activeElement !== field)) {
        field.value = exact(this.computation.leaves[index]);
        field.removeAttribute("aria-invalid");
      }
      if (slope) {
        slope.textContent = "";
      }
    });
  }
}
