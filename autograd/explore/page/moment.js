// A moment of the playback: the numbers known so far, and what the last step did.

/** The moment after a number of steps: first those of the computation, then those of the backward pass. */
export class Moment {
  constructor(computation, position) {
    const { steps, ends, coverOf } = computation;
    this.computation = computation;
    this.position = position;
    this.count = steps.length;
    this.phase = position === 0 ? "start" : position <= this.count ? "forward" : "backward";
    this.step = this.phase === "backward" ? position - this.count : position; // in its phase, from 1
    const at = this.phase === "forward" ? this.step - 1 : this.count - this.step;
    this.operations = this.phase === "start" ? [] : steps[at]; // those of the last step
    this.index = this.operations[this.operations.length - 1] ?? null; // the last of them forward
    this.scope = this.index === null ? null : coverOf[this.index]; // the folded scope that they are in, or null
    this.computed = ends[Math.min(position, this.count)]; // how many operations have their values
    this.passed = this.phase === "backward" ? ends[this.count] - ends[at] : 0; // how many have passed their gradients on
  }

  /** The values of all nodes: undefined for those that are not computed yet. */
  values() {
    const { computation } = this;
    const known = new Set(computation.order.slice(0, this.computed));
    return computation.values.map((value, index) =>
      computation.isLeaf(index) || known.has(index) ? value : undefined,
    );
  }

  /** The gradients of all nodes: undefined for those that the backward pass has not reached. */
  gradients() {
    const backward = this.phase === "backward" || this.count === 0;
    return backward ? this.computation.gradientsAfter(this.passed) : [];
  }

  /** The failure that ends the playback here, or null. */
  get failure() {
    const { failure } = this.computation;
    return failure?.position === this.position ? failure : null;
  }

  /** The gradient that a step backward passes on, and what it adds to each operand. */
  backward() {
    const before = this.computation.gradientsAfter(this.passed - 1);
    return { gradient: before[this.index], contributions: this.computation.contributions(this.index, before) };
  }

  /**
   * What the step of a folded scope does. outputs: the nodes that are used outside of it. inputs: those outside that it
   * uses. weights: the leaves in it that need gradients. flows: what a step backward adds, as {index, which, operand,
   * amount}; the amount is undefined where it does not exist.
   */
  ofScope() {
    const { computation, scope, operations } = this;
    const { nodes, coverOf, root, consumers } = computation;
    const isOutside = (index) => coverOf[index] !== scope;
    const isOutput = (index) => index === root || consumers[index].some(([operation]) => isOutside(operation));
    const operands = new Set(operations.flatMap((index) => nodes[index].operands));
    const flows = [];
    if (this.phase === "backward") {
      const gradients = computation.gradientsAfter(this.passed - operations.length);
      for (const index of operations.toReversed()) {
        for (const { operand, which, amount, after } of computation.contributions(index, gradients)) {
          flows.push({ index, which, operand, amount: after === undefined ? undefined : amount });
          gradients[operand] = after;
        }
      }
    }
    return {
      outputs: operations.filter(isOutput),
      inputs: [...operands].filter(isOutside),
      weights: [...operands]
        .filter((index) => computation.isLeaf(index) && nodes[index].requiresGrad && !isOutside(index))
        .toSorted((one, other) => one - other), // as the table of the inputs lists them
      flows,
    };
  }
}
