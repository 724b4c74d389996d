// The names of nodes, and their formulas with names or with numbers.
import { ATOM, CHOICE, WORDS, inPlace, numberPart, part, written } from "./formulas.js";
import { short } from "./numbers.js";

const LONGEST = 24; // characters of a formula that is a name: formulas.py leaves room for as many
const MOST_NAMED = 4; // in the call of a compiled function, which may have thousands
const WORD = /^[\p{L}\p{N}\p{M}_.'′]+$/u;
const SEVERAL_WORDS = /^[\p{L}\p{N}\p{M}_.'′ ]+$/u;

/** A user's name, isolated so that a right-to-left script does not turn the text around it. */
export const isolated = (name) => `\u2068${name.replaceAll("\n", " ")}\u2069`;

/** A text without the marks of `isolated`. */
export const plain = (text) => text.replace(/[\u2068\u2069]/g, "");

/**
 * A text with names as nodes of the document: the number at the end of a name is an index, and there is room to break
 * the line after each sign.
 */
export function withIndices(text) {
  return text.split(/(\u2068\p{L}+_?\d+\u2069)/u).flatMap((piece, which) => {
    if (which % 2 === 0) {
      return piece.split(/(?<=[_·/])|(?<=\.)(?!\d)/).flatMap((part) => [part, document.createElement("wbr")]);
    }
    const [, letters, digits] = /^(\u2068\p{L}+)_?(\d+)/u.exec(piece);
    const index = document.createElement("sub");
    index.textContent = digits;
    return [letters, index, "\u2069"];
  });
}

/** A number after an operator. */
export const second = (number) => inPlace(numberPart(number), WORDS);

/** A name as part of a formula: what holds an operator is put in parentheses. */
function namePart(name) {
  const binds = WORD.test(name) ? ATOM : SEVERAL_WORDS.test(name) ? WORDS : CHOICE;
  return part(isolated(name), binds);
}

/**
 * Names the nodes of a computation: by its label; a constant by its number; a result by its formula, in which its
 * operands have their names, if that is short, is used in its scope alone, and no other result there has it; and all others by a word and
 * a number, as in "sum 3".
 */
export class Names {
  constructor(computation) {
    this.computation = computation;
    this.nodes = computation.nodes;
  }

  /** Finds the names, in a language. */
  translate(texts) {
    this.texts = texts;
    const labels = new Set(this.nodes.map((node) => node.name));
    const taken = new Set();
    const counts = new Map();
    this.given = this.nodes.map(() => null); // a word and a number
    this.nodes.forEach((node, index) => {
      if (node.name || !node.requiresGrad) {
        return;
      }
      if (node.operands && !this.leavesScope(index)) {
        const formula = plain(this.formula(index));
        const key = `${node.scope} ${formula}`;
        if (formula.length <= LONGEST && !taken.has(key) && !labels.has(formula)) {
          taken.add(key);
          return;
        }
      }
      const word = node.operands ? (texts.results[node.operation] ?? node.symbol) : texts.kinds.leaf;
      do {
        counts.set(word, (counts.get(word) ?? 0) + 1);
        this.given[index] = `${word} ${counts.get(word)}`;
      } while (labels.has(this.given[index]));
    });
  }

  /** Whether a node is used outside its scope, where the labels in its formula may mean something else. */
  leavesScope(index) {
    const { scopes, consumers } = this.computation;
    const { scope } = this.nodes[index];
    const isInside = (other) => {
      let around = other;
      while (around !== null && around !== scope) {
        around = scopes[around].parent;
      }
      return around === scope;
    };
    return consumers[index].some(([operation]) => !isInside(this.nodes[operation].scope));
  }

  /** What a node is called. */
  of(index) {
    return this.part(index).text;
  }

  /** The name of a node as part of a formula. */
  part(index) {
    const node = this.nodes[index];
    if (node.name) {
      return namePart(node.name);
    }
    if (!node.requiresGrad) {
      const value = this.computation.values[index];
      return value === undefined ? part("?") : numberPart(value);
    }
    return this.isFormula(index) ? this.formulaPart(index) : part(this.given[index], WORDS);
  }

  /** Whether the name of a node is its formula. */
  isFormula(index) {
    const { name, requiresGrad, operands } = this.nodes[index];
    return Boolean(!name && requiresGrad && operands) && this.given[index] === null;
  }

  /** The tree of a node: its formula, or else a call of it with its operands. */
  tree(index) {
    const { formula, symbol, operands } = this.nodes[index];
    if (formula !== null) {
      return formula;
    }
    const given = operands.slice(0, MOST_NAMED).map((_, which) => which);
    return ["call", symbol, ...given, ...(operands.length > MOST_NAMED ? ["…"] : [])];
  }

  formulaPart(index) {
    const { operands } = this.nodes[index];
    return written(this.tree(index), (which) => this.part(operands[which]), this.texts);
  }

  /** How a node is computed, with the names of its operands: tanh(n). */
  formula(index) {
    return this.formulaPart(index).text;
  }

  /** The same with their numbers: tanh(0.8814). */
  numbers(index) {
    const { operands } = this.nodes[index];
    const { values } = this.computation;
    return written(this.tree(index), (which) => numberPart(values[operands[which]]), this.texts).text;
  }

  /** An operand of an operation, as part of a formula: if it stands there twice, with its place. */
  operand(index, which) {
    const { operands } = this.nodes[index];
    const found = this.part(operands[which]);
    const isTwice = operands.indexOf(operands[which]) !== operands.lastIndexOf(operands[which]);
    return isTwice ? part(this.texts.place(which + 1, found.text), WORDS) : found;
  }

  /** A local derivative as formula and as number: d tanh(n)/dn = 1 - tanh(n)^2 = 0.5. */
  derivative(index, which, partial) {
    const { operands, derivatives } = this.nodes[index];
    const value = partial === undefined ? "?" : short(partial);
    const formula = this.formulaPart(index);
    const isShort = plain(formula.text).length <= LONGEST;
    const d = operands.length === 1 ? "d" : "∂";
    const call = inPlace(isShort ? formula : this.part(index), ATOM);
    const below = inPlace(this.operand(index, which), ATOM);
    const space = /^[\p{L}\u2068]/u.test(call) && isShort && formula.text.endsWith(")") ? " " : "";
    const rule = derivatives[which] ?? null;
    const found = rule === null ? value : written(rule, (each) => this.part(operands[each]), this.texts).text;
    return `${d}${space}${call}/${d}${below} = ${found}${found === value ? "" : ` = ${value}`}`;
  }
}
