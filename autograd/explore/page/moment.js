// A moment of the playback: the numbers known so far, and what the last step did.

/** The moment after a number of steps: first those of the computation, then those of the backward pass. */
export class Moment {
  constructor(computation, position) {
    const { operations } = computation;
    this.computation = computation;
    this.position = position;
    this.count = operations.length;
    this.phase = position === 0 ? "start" : position <= this.count ? "forward" : "backward";
    this.step = this.phase === "backward" ? position - this.count : position; // in its phase, from 1
    this.index = null; // the operation of the last step
    if (this.phase !== "start") {
      this.index = operations[this.phase === "forward" ? this.step - 1 : this.count - this.step];
    }
  }

  /** The values of all nodes: undefined for those that are not computed yet. */
  values() {
    const { computation } = this;
    const known = new Set(computation.operations.slice(0, this.position));
    return computation.values.map((value, index) =>
      computation.isLeaf(index) || known.has(index) ? value : undefined,
    );
  }

  /** The gradients of all nodes: undefined for those that the backward pass has not reached. */
  gradients() {
    const backward = this.phase === "backward" || this.count === 0;
    return backward ? this.computation.gradientsAfter(this.phase === "backward" ? this.step : 0) : [];
  }

  /** The failure that ends the playback here, or null. */
  get failure() {
    const { failure } = this.computation;
    return failure?.position === this.position ? failure : null;
  }

  /** The gradient that a step backward passes on, and what it adds to each operand. */
  backward() {
    const before = this.computation.gradientsAfter(this.step - 1);
    return { gradient: before[this.index], contributions: this.computation.contributions(this.step - 1, before) };
  }
}
