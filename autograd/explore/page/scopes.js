// What the step of a folded scope says: its outputs, the gradient that comes in and goes out, and those of its weights.
import { isolated, withIndices } from "./names.js";
import { made } from "./elements.js";
import { short } from "./numbers.js";

const MOST_LISTED = 64;

/** Shows the step of a folded scope in the panel and in the picture. `say` adds a text, and `lines` holds all. */
export function showScope(panel, moment, say, lines) {
  const { computation, picture, names, texts } = panel;
  const { phase, scope, operations, index, failure } = moment;
  const { outputs, inputs, weights, flows } = moment.ofScope();
  const { name, parent } = computation.scopes[scope];
  say("what", [panel.scopesAround(parent), name === "" ? texts.scope : isolated(name)].filter(Boolean).join(" › "));
  say("quiet", texts.inside(operations.length));
  const listed = (heading, nodes, numberOf) => {
    if (nodes.length > 0) {
      const shown = nodes.slice(0, MOST_LISTED).map((node) => `${names.of(node)} = ${numberOf(node)}`);
      const more = nodes.length > MOST_LISTED ? [texts.more(nodes.length - MOST_LISTED)] : [];
      say("", texts.headed(heading, texts.listed([...shown, ...more])));
    }
  };
  const number = (value) => (value === undefined ? "?" : short(value));
  const failed = failure === null ? [] : ["failed"];
  if (phase === "forward") {
    const edges = operations.flatMap((operation) =>
      computation.nodes[operation].operands.map((_, which) => [operation, which, null]),
    );
    picture.light(index, edges, ["forward", ...failed]);
    if (failure) {
      say("failure", `${texts.failures[failure.kind](names.numbers(failure.index))} ${texts.stopped}`);
    } else {
      listed(texts.values, outputs, (node) => number(computation.values[node]));
    }
    return;
  }
  const amounts = flows.map(({ index: operation, which, amount }) => [operation, which, amount ?? NaN]);
  picture.light(index, amounts, ["backward", ...failed]);
  const gradients = moment.gradients();
  listed(texts.gradientIn, outputs, (node) => number(gradients[node]));
  if (failure) {
    say("failure", `${texts.failures[failure.kind](names.numbers(failure.index))} ${texts.stopped}`);
    return;
  }
  const added = new Map();
  flows.forEach(({ operand, amount }) => added.set(operand, (added.get(operand) ?? 0) + amount));
  listed(
    texts.gradientOut,
    inputs.filter((node) => added.has(node)),
    (node) => number(added.get(node)),
  );
  if (weights.length > 0) {
    say("heading", texts.gradientsOfWeights);
    lines.push(bars(weights, gradients, (node) => names.of(node)));
  }
}

/** A bar for each gradient, from the middle to the left if it is negative; the longest fills its half. */
function bars(nodes, gradients, nameOf) {
  const largest = Math.max(...nodes.map((node) => Math.abs(gradients[node] ?? 0)));
  const list = made("ul", "bars");
  for (const node of nodes) {
    const gradient = gradients[node] ?? 0;
    const bar = made("span", gradient < 0 ? "bar negative" : "bar");
    bar.style.width = `${largest > 0 ? (50 * Math.abs(gradient)) / largest : 0}%`;
    list.append(
      made(
        "li",
        "",
        made("span", "of", ...withIndices(nameOf(node))),
        made("span", "axis", bar),
        made("span", "number", short(gradient)),
      ),
    );
  }
  return list;
}
