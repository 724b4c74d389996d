// Computes the network at every point of the map, with the weights that Python trained. The primitives are those of the
// player, which are tested against the library; features and activations come from Python as lists of primitives.
import { PRIMITIVES } from "./player/primitives.js";

const add = PRIMITIVES.add.forward;
const multiply = PRIMITIVES.multiply.forward;

/** The function of x and y that a list of steps describes: see `formula` in session.py. */
function built({ steps, result }, inputs) {
  const functions = [(x) => x, (x, y) => y].slice(0, inputs);
  for (const { number, primitive, operands } of steps) {
    if (primitive === undefined) {
      functions.push(() => number);
      continue;
    }
    const { forward } = PRIMITIVES[primitive];
    const [left, right] = operands.map((operand) => functions[operand]);
    functions.push(right ? (x, y) => forward(left(x, y), right(x, y)) : (x, y) => forward(left(x, y)));
  }
  return functions[result];
}

/** A function from a point to the numbers of all columns: the features, then the outputs of each layer. */
export function evaluation({ features, layers, activation }) {
  const functions = features.map(({ formula }) => built(formula, 2));
  const activate = built(activation, 1);
  const last = layers.length - 1;
  return (x, y) => {
    const columns = [functions.map((feature) => feature(x, y))];
    layers.forEach((layer, index) => {
      const inputs = columns.at(-1);
      columns.push(
        layer.map(({ weights, bias }) => {
          const total = weights.reduce((sum, weight, input) => add(sum, multiply(weight, inputs[input])), bias);
          return index === last ? total : activate(total);
        }),
      );
    });
    return columns;
  };
}

/** The square that the map shows: all points and some room, or a fixed square for the user's own points. */
export function viewOf(points, own) {
  if (own) {
    return { x: 0, y: 0, half: 1.05 };
  }
  const middle = (numbers) => (Math.min(...numbers) + Math.max(...numbers)) / 2;
  const x = middle(points.map((point) => point.x));
  const y = middle(points.map((point) => point.y));
  const far = points.map((point) => Math.max(Math.abs(point.x - x), Math.abs(point.y - y)));
  return { x, y, half: 1.15 * Math.max(...far, 0.1) };
}

/** For each neuron of each column, its numbers at the centers of size x size fields, the top row first. */
export function maps(network, view, size) {
  const evaluate = evaluation(network);
  const counts = [network.features.length, ...network.layers.map((layer) => layer.length)];
  const found = counts.map((count) => Array.from({ length: count }, () => new Float64Array(size * size)));
  for (let row = 0; row < size; row += 1) {
    const y = view.y + view.half * (1 - (2 * row + 1) / size);
    for (let column = 0; column < size; column += 1) {
      const x = view.x + view.half * ((2 * column + 1) / size - 1);
      evaluate(x, y).forEach((numbers, index) => {
        numbers.forEach((number, neuron) => {
          found[index][neuron][row * size + column] = number;
        });
      });
    }
  }
  return found;
}
