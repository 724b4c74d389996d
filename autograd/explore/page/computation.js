// What the numbers of a graph are, forward and backward. Nodes are known by their index in the topological order.
import { NotDefined, PRIMITIVES } from "./primitives.js";

/** Python's float as it is written in the data, where infinities and NaN are strings. */
export function number(written) {
  const special = { inf: Infinity, "-inf": -Infinity, nan: NaN };
  return typeof written === "string" ? special[written] : written;
}

export class Computation {
  /** graph: the data that Python wrote. */
  constructor(graph) {
    this.nodes = graph.nodes;
    this.root = graph.nodes.length - 1;
    this.operations = [];
    this.consumers = graph.nodes.map(() => []); // of each node: [operation, which operand]
    this.nodes.forEach((node, index) => {
      if (node.operands) {
        this.operations.push(index);
        node.operands.forEach((operand, which) => this.consumers[operand].push([index, which]));
      }
    });
    this.editable = this.operations.every((index) => this.nodes[index].builtIn);
    this.start = this.nodes.map((node) => number(node.data));
    this.leaves = this.start.slice();
    this.run();
  }

  isLeaf(index) {
    return !this.nodes[index].operands;
  }

  /** Changes a leaf, and with it everything that follows from it. */
  change(leaf, value) {
    this.leaves[leaf] = value;
    this.run();
  }

  reset() {
    this.leaves = this.start.slice();
    this.run();
  }

  /**
   * Computes all numbers. Where an operation is not defined, `failure` says so: the operation, the kind of failure,
   * and the operand whose derivative it was, or null if it was the value; no number after it is there.
   */
  run() {
    this.failure = null;
    this.values = this.leaves.slice();
    this.partials = this.nodes.map(() => null);
    this.operations.forEach((index) => (this.values[index] = undefined));
    try {
      for (const index of this.operations) {
        this.values[index] = this.forward(index, this.values);
      }
      for (const index of this.operations) {
        this.partials[index] = this.derivatives(index);
      }
    } catch (error) {
      if (!(error instanceof NotDefined)) {
        throw error;
      }
    }
    this.gradients = this.gradientsAfter(this.operations.length);
  }

  /** The value of one operation on the values of its operands. */
  forward(index, values) {
    const node = this.nodes[index];
    if (!node.builtIn) {
      return number(node.data);
    }
    const operands = node.operands.map((operand) => values[operand]);
    try {
      const exponentNeedsGradient = node.operation === "power" && this.nodes[node.operands[1]].requiresGrad;
      if (exponentNeedsGradient && (operands[0] < 0 || (operands[0] === 0 && operands[1] === 0))) {
        throw new NotDefined("base");
      }
      const result = PRIMITIVES[node.operation].forward(...operands);
      if (!Number.isFinite(result) && operands.every(Number.isFinite)) {
        throw new NotDefined("large");
      }
      return result;
    } catch (error) {
      this.failure ??= { index, operand: null, kind: error.kind };
      throw error;
    }
  }

  /** The derivative of one operation with respect to each operand; null where none is needed or none exists. */
  derivatives(index) {
    const node = this.nodes[index];
    const operands = node.operands.map((operand) => this.values[operand]);
    return node.operands.map((operand, which) => {
      if (!this.nodes[operand].requiresGrad) {
        return null;
      }
      if (!node.builtIn) {
        return node.partials[which] === "undefined" ? undefined : number(node.partials[which]);
      }
      try {
        return PRIMITIVES[node.operation].partials[which](...operands, this.values[index]);
      } catch (error) {
        if (!(error instanceof NotDefined)) {
          throw error;
        }
        return undefined; // asked for only if the backward pass gets there
      }
    });
  }

  /** The gradients after that many steps of the backward pass: undefined for a node that it has not reached. */
  gradientsAfter(steps) {
    const gradients = this.nodes.map(() => undefined);
    gradients[this.root] = 1;
    if (this.failure && this.failure.operand === null) {
      return this.nodes.map(() => undefined);
    }
    for (let step = 0; step < steps; step += 1) {
      for (const { operand, after, which } of this.contributions(step, gradients)) {
        if (after === undefined) {
          const index = this.operations[this.operations.length - 1 - step];
          this.failure ??= { index, operand: which, kind: "derivative" };
          return gradients;
        }
        gradients[operand] = after;
      }
    }
    return gradients;
  }

  /** What one step of the backward pass adds, given the gradients before it. */
  contributions(step, gradients) {
    const index = this.operations[this.operations.length - 1 - step];
    const reached = new Map();
    const found = [];
    this.nodes[index].operands.forEach((operand, which) => {
      if (!this.nodes[operand].requiresGrad) {
        return;
      }
      const before = reached.has(operand) ? reached.get(operand) : gradients[operand];
      const partial = this.partials[index][which];
      const known = partial !== undefined && gradients[index] !== undefined;
      const finite =
        Number.isFinite(this.values[index]) &&
        this.nodes[index].operands.every((input) => Number.isFinite(this.values[input]));
      const amount = known ? gradients[index] * partial : undefined;
      const sum = amount === undefined || (finite && !Number.isFinite(amount)) ? undefined : (before ?? 0) + amount;
      reached.set(operand, sum);
      found.push({ operand, which, partial, amount, before: before ?? 0, after: sum });
    });
    return found;
  }

  /** The number of steps there are: each operation forward, each backward, up to where something is not defined. */
  steps() {
    const count = this.operations.length;
    if (!this.failure) {
      return 2 * count;
    }
    const position = this.operations.indexOf(this.failure.index);
    return this.failure.operand === null ? position + 1 : 2 * count - position;
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

  /** How many paths lead from a node to the root; Infinity where a float cannot count them. */
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
    const choices = [0]; // on the way to the node of the same index in `nodes`: the next consumer to try
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

  /** The slope of the root along one leaf by finite difference, or null where the root is not defined there. */
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
      return { size, low, high, slope: (high - low) / (at + size - (at - size)) };
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
