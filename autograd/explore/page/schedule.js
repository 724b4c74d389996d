// The steps of a playback: an operation each, or all operations of a folded scope at once.

/**
 * The operations of each step, in an order in which operands come first: the order of the graph, in which a scope waits
 * for everything that flows into it. Where something leaves a scope and comes back, the scope takes several steps.
 */
export function scheduled(nodes, operations, coverOf) {
  const units = new Map(); // by scope, or by operation: those of its operations that are still to come, in order
  const unitOf = new Map();
  for (const index of operations) {
    const key = coverOf[index] === null ? `operation ${index}` : `scope ${coverOf[index]}`;
    if (!units.has(key)) {
      units.set(key, { left: [], waiting: 0 });
    }
    const unit = units.get(key);
    unit.left.push(index);
    unitOf.set(index, unit);
  }
  const consumers = new Map(operations.map((index) => [index, []]));
  for (const index of operations) {
    for (const operand of nodes[index].operands) {
      if (unitOf.has(operand) && unitOf.get(operand) !== unitOf.get(index)) {
        consumers.get(operand).push(index);
        unitOf.get(index).waiting += 1;
      }
    }
  }
  const done = new Set();
  const isReady = (index) => nodes[index].operands.every((operand) => !unitOf.has(operand) || done.has(operand));
  const steps = [];
  const ready = [...units.values()].filter((unit) => unit.waiting === 0); // by their first operations
  let first = 0;
  while (done.size < operations.length) {
    let unit = ready.shift();
    if (!unit) {
      while (done.has(operations[first])) {
        first += 1;
      }
      unit = unitOf.get(operations[first]);
    }
    const step = [];
    for (const index of unit.left) {
      if (isReady(index)) {
        step.push(index);
        done.add(index);
      }
    }
    unit.left = unit.left.filter((index) => !done.has(index));
    steps.push(step);
    for (const consumer of step.flatMap((index) => consumers.get(index))) {
      const next = unitOf.get(consumer);
      next.waiting -= 1;
      if (next.waiting === 0 && next.left.length > 0) {
        const place = ready.findIndex((other) => other.left[0] > next.left[0]);
        ready.splice(place === -1 ? ready.length : place, 0, next);
      }
    }
  }
  return steps;
}
