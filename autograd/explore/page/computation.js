// The numbers of a graph, forward and backward. A node is given by its index in the topological order.
import { NotDefined } from "./arithmetic.js";
import { OWN } from "./own.js";
import { PRIMITIVES } from "./primitives.js";
import { scheduled } from "./schedule.js";

/** A float of the data, in which infinities and NaN are strings. */
export function number(written) {
  const special = { inf: Infinity, "-inf": -Infinity, nan: NaN };
  return typeof written === "string" ? special[written] : written;
}

export class Computation {
  /** graph: the data from Python. */
  constructor(graph) {
    this.nodes = graph.nodes;
    this.scopes = graph.scopes;
    this.root = graph.nodes.length - 1;
    this.operations = [];
    this.consumers = graph.nodes.map(() => []); // of each node: [operation, which operand]
    this.nodes.forEach((node, index) => {
      if (node.operands) {
        this.operations.push(index);
        node.operands.forEach((operand, which) => this.consumers[operand].push([index, which]));
      }
    });
    this.start = this.nodes.map((node) => number(node.data));
    this.rules = this.nodes.map((node) => (node.builtIn ? PRIMITIVES[node.operation] : OWN[node.own]));
    const foreign = this.operations.filter((index) => !this.nodes[index].builtIn && !this.isAsInPython(index));
    foreign.forEach((index) => (this.rules[index] = undefined));
    this.foreign = foreign.map((index) => this.nodes[index]);
    this.editable = this.foreign.length === 0;
    this.leaves = this.start.slice();
    this.group(this.nodes.map(() => null));
  }

  /**
   * Puts the operations into steps: those of a folded scope are one. `coverOf` gives for each node the scope that it is
   * folded into, or null.
   *
   * steps: the operations of each step. order: all of them. ends: how many there are in the first 0, 1, 2, ... steps.
   */
  group(coverOf) {
    this.coverOf = coverOf;
    this.steps = scheduled(this.nodes, this.operations, coverOf);
    this.order = this.steps.flat();
    this.ends = [0];
    this.steps.forEach((step) => this.ends.push(this.ends[this.ends.length - 1] + step.length));
    this.stepOf = this.nodes.map(() => 0); // for each operation, the position of its step forward
    this.steps.forEach((step, number) => step.forEach((index) => (this.stepOf[index] = number + 1)));
    this.run();
  }

  /** Whether there is a formula for an operation that is not the library's own, and it gives Python's numbers. */
  isAsInPython(index) {
    const rules = this.rules[index];
    if (!rules) {
      return false;
    }
    const { data, operands, partials } = this.nodes[index];
    const numbers = operands.map((operand) => this.start[operand]);
    const agrees = (written, rule) => {
      let found;
      try {
        found = rule();
      } catch {
        return written === "undefined";
      }
      const expected = number(written);
      return Object.is(found, expected) || Math.abs(found - expected) <= 1e-9 * Math.abs(expected) + 1e-12;
    };
    return (
      agrees(data, () => rules.forward(...numbers)) &&
      partials.every(
        (partial, which) =>
          partial === null || agrees(partial, () => rules.partials[which](...numbers, this.start[index])),
      )
    );
  }

  isLeaf(index) {
    return !this.nodes[index].operands;
  }

  /** Changes a leaf, and everything that depends on it. */
  change(leaf, value) {
    this.leaves[leaf] = value;
    this.run();
  }

  reset() {
    this.leaves = this.start.slice();
    this.run();
  }

  /**
   * Computes all numbers. `failure` is null, or what Python would refuse: the index of an operation, the kind of failure,
   * the operand whose derivative it is, or null, and the position at which the playback ends. Later numbers are undefined.
   */
  run() {
    this.failure = null;
    this.values = this.leaves.slice();
    this.partials = this.nodes.map(() => null);
    this.operations.forEach((index) => (this.values[index] = undefined));
    this.gradients = this.nodes.map(() => undefined);
    try {
      for (const index of this.order) {
        this.values[index] = this.forward(index, this.values);
      }
    } catch (error) {
      if (!(error instanceof NotDefined)) {
        throw error;
      }
      return;
    }
    for (const index of this.operations) {
      this.partials[index] = this.derivatives(index);
    }
    if (!Number.isFinite(this.values[this.root])) {
      this.failure = this.firstInfinite();
    }
    this.gradients = this.gradientsAfter(this.operations.length);
    const isFinite = (node, index) => node.operands || !node.requiresGrad || Number.isFinite(this.gradients[index]);
    if (!this.failure && !this.nodes.every(isFinite)) {
      this.failure = this.firstInfinite() ?? this.firstInfiniteGradient();
      this.gradients = this.gradientsAfter(this.operations.length);
    }
  }

  hasFiniteOperands(index) {
    return this.nodes[index].operands.every((operand) => Number.isFinite(this.values[operand]));
  }

  /** The failure of the first operation that made something infinite of finite numbers, or null. */
  firstInfinite() {
    const index = this.order.find((each) => this.hasFiniteOperands(each) && !Number.isFinite(this.values[each]));
    return index === undefined ? null : { index, operand: null, kind: "infinite", position: this.steps.length + 1 };
  }

  /** The failure of the operation at which the gradients stop being finite; null if an input is not finite itself. */
  firstInfiniteGradient() {
    const allFinite = this.operations.every((index) => this.hasFiniteOperands(index));
    const gradients = this.nodes.map(() => undefined);
    gradients[this.root] = 1;
    let sum = null;
    for (const index of this.order.toReversed()) {
      const isFinite =
        this.hasFiniteOperands(index) && Number.isFinite(this.values[index]) && Number.isFinite(gradients[index]);
      for (const { operand, which, amount, after } of this.contributions(index, gradients)) {
        const position = this.backwardStep(index);
        if (isFinite && !Number.isFinite(amount)) {
          return { index, operand: which, kind: "derivative", position };
        }
        if (allFinite && !Number.isFinite(after)) {
          sum ??= { index, operand: which, kind: "sum", position };
        }
        gradients[operand] = after;
      }
    }
    return sum;
  }

  /** The value of one operation on the values of its operands. */
  forward(index, values) {
    const node = this.nodes[index];
    const rules = this.rules[index];
    if (!rules) {
      return number(node.data);
    }
    const operands = node.operands.map((operand) => values[operand]);
    try {
      const exponentNeedsGradient = rules === PRIMITIVES.power && this.nodes[node.operands[1]].requiresGrad;
      if (exponentNeedsGradient && (operands[0] < 0 || (operands[0] === 0 && operands[1] === 0))) {
        throw new NotDefined("base");
      }
      return rules.forward(...operands);
    } catch (error) {
      this.failure ??= { index, operand: null, kind: error.kind, position: this.forwardStep(index) };
      throw error;
    }
  }

  /** The derivatives of an operation with respect to its operands: null if not needed, undefined if not existing. */
  derivatives(index) {
    const node = this.nodes[index];
    const operands = node.operands.map((operand) => this.values[operand]);
    return node.operands.map((operand, which) => {
      if (!this.nodes[operand].requiresGrad) {
        return null;
      }
      if (!this.rules[index]) {
        return node.partials[which] === "undefined" ? undefined : number(node.partials[which]);
      }
      try {
        return this.rules[index].partials[which](...operands, this.values[index]);
      } catch (error) {
        if (!(error instanceof NotDefined)) {
          throw error;
        }
        return undefined; // it matters only if the backward pass gets there
      }
    });
  }

  /** The gradients after some operations of the backward pass: undefined for nodes that it has not reached. */
  gradientsAfter(passed) {
    const gradients = this.nodes.map(() => undefined);
    gradients[this.root] = 1;
    if (this.failure && this.failure.operand === null) {
      return this.nodes.map(() => undefined);
    }
    for (const index of this.order.slice(this.order.length - passed).reverse()) {
      for (const { operand, after, which } of this.contributions(index, gradients)) {
        if (after === undefined) {
          const position = this.backwardStep(index);
          this.failure ??= { index, operand: which, kind: "derivative", position };
          return gradients;
        }
        gradients[operand] = after;
      }
    }
    return gradients;
  }

  /** What an operation adds in the backward pass, given the gradients before it. */
  contributions(index, gradients) {
    const reached = new Map();
    const found = [];
    this.nodes[index].operands.forEach((operand, which) => {
      if (!this.nodes[operand].requiresGrad) {
        return;
      }
      const before = reached.has(operand) ? reached.get(operand) : gradients[operand];
      const partial = this.partials[index][which];
      const known = partial !== undefined && gradients[index] !== undefined;
      const fails = this.failure?.index === index && this.failure.operand === which;
      const amount = known ? gradients[index] * partial : undefined;
      const sum = amount === undefined || fails ? undefined : (before ?? 0) + amount;
      reached.set(operand, sum);
      found.push({ operand, which, partial, amount, before: before ?? 0, after: sum });
    });
    return found;
  }

  /** The position of the step forward that holds an operation. */
  forwardStep(index) {
    return this.stepOf[index];
  }

  /** The position of the step backward that holds an operation. */
  backwardStep(index) {
    return 2 * this.steps.length + 1 - this.forwardStep(index);
  }

  /** The last position: each step forward and each backward, up to the first that is not defined. */
  get end() {
    return this.failure ? this.failure.position : 2 * this.steps.length;
  }

  /** The edges of every path from a node to the root, as "operation operand", and the nodes on them. */
  between(index) {
    const edges = new Set();
    const nodes = new Set([index]);
    const stack = [index];
    while (stack.length > 0) {
      for (const [operation, which] of this.consumers[stack.pop()]) {
        edges.add(`${operation} ${which}`);
        if (!nodes.has(operation)) {
          nodes.add(operation);
          stack.push(operation);
        }
      }
    }
    return { edges, nodes };
  }

  /** The number of paths from a node to the root; Infinity if it is too large for a float. */
  pathCount(index) {
    const counts = this.nodes.map(() => 0);
    counts[this.root] = 1;
    for (let node = this.root - 1; node >= index; node -= 1) {
      for (const [operation] of this.consumers[node]) {
        counts[node] += counts[operation];
      }
    }
    return counts[index];
  }

  /** The first paths from a node to the root, each with its nodes, its local derivatives and their product. */
  paths(index, most) {
    const found = [];
    const choices = [0]; // for each of `nodes`, which of its consumers to try next
    const nodes = [index];
    const factors = [];
    while (nodes.length > 0 && found.length < most) {
      const here = nodes[nodes.length - 1];
      const choice = choices[choices.length - 1];
      if (here === this.root) {
        found.push({ nodes: nodes.slice(), factors: factors.slice(), product: factors.reduce((a, b) => a * b, 1) });
      }
      if (here === this.root || choice === this.consumers[here].length) {
        nodes.pop();
        choices.pop();
        factors.pop();
        continue;
      }
      choices[choices.length - 1] += 1;
      const [operation, which] = this.consumers[here][choice];
      nodes.push(operation);
      choices.push(0);
      factors.push(this.partials[operation][which]);
    }
    return found;
  }

  /** The derivative of the root with respect to a leaf by a finite difference; null if the root is undefined there. */
  nudged(leaf) {
    const at = this.leaves[leaf];
    const size = Math.cbrt(Number.EPSILON) * Math.max(1, Math.abs(at));
    const rootAt = (x) => {
      const values = this.leaves.slice();
      values[leaf] = x;
      for (const index of this.operations) {
        values[index] = this.forward(index, values);
      }
      return values[this.root];
    };
    const failure = this.failure;
    try {
      const [low, high] = [rootAt(at - size), rootAt(at + size)];
      const slope = (high - low) / (at + size - (at - size));
      return Number.isFinite(slope) ? { size, low, high, slope } : null;
    } catch (error) {
      if (!(error instanceof NotDefined)) {
        throw error;
      }
      return null;
    } finally {
      this.failure = failure;
    }
  }
}
