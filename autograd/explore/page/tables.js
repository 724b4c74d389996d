// The two tables beside the picture: the inputs with their fields, and the results.
import { element, made, nodeAt, write } from "./elements.js";
import { exact, short } from "./numbers.js";

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
    const { nodes, operations } = this.computation;
    const leaves = nodes.map((_, index) => index).filter((index) => this.computation.isLeaf(index));
    // Constants come last; results in the order of the backward pass.
    const inputs = [
      ...leaves.filter((index) => nodes[index].requiresGrad),
      ...leaves.filter((index) => !nodes[index].requiresGrad),
    ];
    element("inputs").replaceChildren(...inputs.map((index) => this.inputRow(index)));
    element("computed").replaceChildren(...operations.toReversed().map((index) => this.resultRow(index)));
    element("computed").closest("section").hidden = operations.length === 0;
  }

  nameCell(index) {
    const cell = made("th", "");
    cell.scope = "row";
    this.fillName(cell, index);
    return cell;
  }

  fillName(cell, index) {
    const parts = this.names.of(index).split(/(?<=[._·/])/);
    cell.replaceChildren(...parts.flatMap((part) => [part, document.createElement("wbr")]));
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
      write(cells.row.firstChild, this.names.of(index));
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
