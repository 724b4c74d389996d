// The names of nodes, their formulas and their numbers as texts in a sentence.
import { short, written } from "./numbers.js";

/** A user's name, isolated so that a right-to-left script does not turn the text around it. */
export const isolated = (name) => `\u2068${name.replaceAll("\n", " ")}\u2069`;

/** A number after an operator. */
export const second = (number) => (number < 0 ? `(${short(number)})` : short(number));

/** Names the nodes of a computation. */
export class Names {
  constructor(computation) {
    this.computation = computation;
    this.nodes = computation.nodes;
  }

  /** What a node is called: its label, v1, v2, ..., or a constant's number. */
  of(index) {
    const node = this.nodes[index];
    if (!node.labelled && !node.requiresGrad) {
      return short(this.computation.values[index]);
    }
    return isolated(node.name);
  }

  /** An operation's call with its numbers: tanh(0.8814). */
  call(index) {
    const node = this.nodes[index];
    const numbers = node.operands.map((operand) => this.computation.values[operand]);
    return node.derivatives.length > 0 || node.operands.length <= 2 ? written(node.formula, numbers) : node.formula;
  }

  /** A local derivative as formula and as number: d tanh(x)/dx = 1 - tanh(x)^2 = 0.5. */
  derivative(index, which, partial) {
    const node = this.nodes[index];
    const value = partial === undefined ? "?" : short(partial);
    if (node.operands.length > 2) {
      return `∂ ${node.symbol} / ∂ ${this.of(node.operands[which])} = ${value}`;
    }
    const call = written(node.formula);
    const d = node.operands.length === 1 ? "d" : "∂";
    const rule = node.derivatives[which] === undefined ? value : written(node.derivatives[which]);
    const top = /^\w+\(.*\)$/.test(call) ? `${d} ${call}` : `${d}(${call})`;
    return `${top}/${d}${"xy"[which]} = ${rule}${rule === value ? "" : ` = ${value}`}`;
  }
}
