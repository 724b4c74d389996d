// Shows a step: in words, and in the picture.
import { element, made } from "./elements.js";
import { ATOM, inPlace } from "./formulas.js";
import { isolated, second, withIndices } from "./names.js";
import { short } from "./numbers.js";
import { showScope } from "./scopes.js";

const MOST_OPERANDS = 8; // in words: a call of a compiled function may have thousands
const MOST_EDGES = 200; // lit in one step

export class StepPanel {
  constructor(computation, names, picture) {
    this.computation = computation;
    this.names = names;
    this.picture = picture;
  }

  translate(texts) {
    this.texts = texts;
  }

  /** Shows a moment, and returns what it says. */
  show(moment) {
    const { texts } = this;
    const said = [];
    const lines = [];
    const say = (kind, text) => {
      if (text !== "") {
        lines.push(made("p", kind, ...withIndices(text)));
        said.push(text);
      }
    };
    const phase = texts.phases[moment.phase];
    const heading = moment.phase === "start" ? phase : texts.stepOf(phase, moment.step, moment.count);
    element("step-heading").textContent = heading;
    if (moment.phase === "start") {
      const root = this.names.of(this.computation.root);
      say("", moment.count === 0 ? texts.onlyLeaf(root) : texts.startStep);
      this.picture.light(null, [], []);
    } else if (moment.scope !== null && moment.failure?.kind !== "infinite") {
      showScope(this, moment, say, lines);
    } else {
      say("quiet", this.scopesAround(this.computation.nodes[moment.failure?.index ?? moment.index].scope));
      if (moment.failure?.kind === "infinite") {
        this.showInfinite(moment.failure.index, say);
      } else if (moment.phase === "forward") {
        this.showForward(moment, say);
      } else {
        this.showBackward(moment, say);
      }
    }
    element("step").replaceChildren(...lines);
    return [heading, ...said].join(". ");
  }

  /** A scope and those around it, from the outside; "" for null. */
  scopesAround(innermost) {
    const { scopes } = this.computation;
    const around = [];
    for (let scope = innermost; scope !== null; scope = scopes[scope].parent) {
      around.unshift(isolated(scopes[scope].name));
    }
    return around.join(" › ");
  }

  /** What a node is: its name and its formula, where that is something else. */
  definition(index) {
    const { names } = this;
    return names.isFormula(index) ? names.of(index) : `${names.of(index)} = ${names.formula(index)}`;
  }

  showForward(moment, say) {
    const { computation, texts, names } = this;
    const { index, failure } = moment;
    const edges = computation.nodes[index].operands.slice(0, MOST_EDGES).map((_, which) => [index, which, null]);
    this.picture.light(index, edges, ["forward", ...(failure ? ["failed"] : [])]);
    if (failure) {
      say("what", this.definition(index));
      say("failure", `${texts.failures[failure.kind](names.numbers(index))} ${texts.stopped}`);
    } else {
      say("what", `${this.definition(index)} = ${names.numbers(index)} = ${short(computation.values[index])}`);
    }
  }

  /** Says which operation made something infinite, from which no gradient can flow. */
  showInfinite(index, say) {
    const { computation, names, texts } = this;
    this.picture.light(index, [], ["backward", "failed"]);
    const result = `${names.numbers(index)} = ${short(computation.values[index])}`;
    say("failure", texts.failures.infinite(`${this.definition(index)} = ${result}`));
  }

  showBackward(moment, say) {
    const { texts, names } = this;
    const { index } = moment;
    const { gradient, contributions } = moment.backward();
    this.lightBackward(index, contributions);
    const name = names.of(index);
    say("what", this.definition(index));
    say(
      "",
      index === this.computation.root
        ? texts.seed(inPlace(names.part(index), ATOM))
        : texts.gradientIs(name, short(gradient)),
    );
    for (const { which, partial, amount, before, after } of contributions.slice(0, MOST_OPERANDS)) {
      say("formula", names.derivative(index, which, partial));
      if (after === undefined) {
        const { kind } = moment.failure;
        say("failure", `${texts.failures[kind](names.numbers(index))} ${texts.stopped}`);
        break;
      }
      const factors = `${short(gradient)} × ${second(partial)} = ${short(amount)}`;
      const total = before === 0 ? "" : `; ${short(before)} + ${second(amount)} = ${short(after)}`;
      say("flow", `${texts.toOperand(names.operand(index, which).text)} ${factors}${total}`);
    }
    if (contributions.length > MOST_OPERANDS) {
      say("quiet", texts.more(contributions.length - MOST_OPERANDS));
    }
    if (contributions.length === 0) {
      say("quiet", texts.constants);
    }
  }

  lightBackward(index, contributions) {
    const edges = contributions.slice(0, MOST_EDGES).map(({ which, amount }) => [index, which, amount ?? NaN]);
    const failed = contributions.some(({ after }) => after === undefined);
    this.picture.light(index, edges, ["backward", ...(failed ? ["failed"] : [])]);
  }
}
