// Formulas as text: trees in which names or numbers stand in the places of the operands.
import { short } from "./numbers.js";

/** How tightly a text binds. One that binds less tightly than its place needs is put in parentheses. */
export const [CHOICE, COMPARISON, SUM, WORDS, PRODUCT, POWER, ATOM] = [0, 1, 2, 3, 4, 5, 6];

/** A text that can be a part of another. */
export const part = (text, binds = ATOM) => ({ text, binds });

/** A number as part of a formula. */
export const numberPart = (number) => (number < 0 ? part(short(number), SUM) : part(short(number)));

/** The text of a part in a place that needs it to bind this tightly. */
export const inPlace = ({ text, binds }, needed) => (binds < needed ? `(${text})` : text);

// For each operator: its sign, how tightly the whole binds, and how tightly its operands have to.
const OPERATORS = {
  "+": [" + ", SUM, SUM, WORDS],
  "-": [" - ", SUM, SUM, WORDS],
  "*": ["·", PRODUCT, PRODUCT, POWER],
  "/": ["/", PRODUCT, PRODUCT, POWER],
  "**": ["^", POWER, ATOM, ATOM],
  "<": [" < ", COMPARISON, SUM, SUM],
  "<=": [" ≤ ", COMPARISON, SUM, SUM],
  ">": [" > ", COMPARISON, SUM, SUM],
  ">=": [" ≥ ", COMPARISON, SUM, SUM],
  "==": [" = ", COMPARISON, SUM, SUM],
  "!=": [" ≠ ", COMPARISON, SUM, SUM],
};

/**
 * A tree as a part. `operand` gives the part for an operand, and `texts` the words of a condition in the language of
 * the page.
 */
export function written(tree, operand, texts) {
  if (typeof tree === "number") {
    return operand(tree);
  }
  if (typeof tree === "string") {
    return part(tree === "pi" ? "π" : tree);
  }
  const [kind, ...rest] = tree;
  if (kind === "call") {
    const [name, ...given] = rest;
    return part(`${name}(${given.map((each) => written(each, operand, texts).text).join(", ")})`);
  }
  const parts = rest.map((each) => written(each, operand, texts));
  if (kind === "if") {
    const [condition, chosen, otherwise] = parts;
    return part(texts.choice(condition.text, inPlace(chosen, SUM), otherwise.text), CHOICE);
  }
  if (kind === "negative") {
    return part(`-${inPlace(parts[0], PRODUCT)}`, SUM);
  }
  const [sign, binds, ...needed] = OPERATORS[kind];
  return part(parts.map((each, which) => inPlace(each, needed[which])).join(sign), binds);
}
