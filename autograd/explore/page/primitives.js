// The primitives: the formulas and the local derivatives of autograd/engine/ops.py, line for line, and the errors of Python's
// floats where Math would go on with NaN or Infinity.
import { bell, erf, erfc } from "./numbers.js";

/** Raised where an operation has no value or no derivative: kind is "domain", "zero" or "large". */
export class NotDefined extends Error {
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

function within(defined) {
  if (!defined) {
    throw new NotDefined("domain");
  }
}

/** Python raises OverflowError where a finite operand gives an infinite result; NaN and infinity pass through. */
function bounded(result, ...operands) {
  if (!Number.isFinite(result) && operands.every(Number.isFinite)) {
    throw new NotDefined("large");
  }
  return result;
}

function quotient(x, y) {
  if (y === 0) {
    throw new NotDefined("zero");
  }
  return x / y;
}

function power(x, y) {
  if (x === 1 || y === 0) {
    return 1; // even for NaN, which Math.pow answers with NaN
  }
  if (x === 0 && y < 0) {
    throw new NotDefined("zero");
  }
  within(!(x < 0 && Number.isFinite(x) && Number.isFinite(y) && !Number.isInteger(y)));
  if (x === -1 && Math.abs(y) === Infinity) {
    return 1;
  }
  return bounded(Math.pow(x, y), x, y);
}

const exp = (x) => bounded(Math.exp(x), x);
const expm1 = (x) => bounded(Math.expm1(x), x);
const sinh = (x) => bounded(Math.sinh(x), x);
const cosh = (x) => bounded(Math.cosh(x), x);

function positive(logarithm, least = 0) {
  return (x) => {
    within(!(x <= least));
    return logarithm(x);
  };
}

const log = positive(Math.log);

function sqrt(x) {
  within(!(x < 0));
  return Math.sqrt(x);
}

/** A function of the circle, which has no value at infinity. */
function circular(rule) {
  return (x) => {
    within(Math.abs(x) !== Infinity);
    return rule(x);
  };
}

const sin = circular(Math.sin);
const cos = circular(Math.cos);

/** An inverse that exists between -1 and 1, ends included. */
function inverse(rule) {
  return (x) => {
    within(!(Math.abs(x) > 1));
    return rule(x);
  };
}

function acosh(x) {
  within(!(x < 1));
  return Math.acosh(x);
}

function atanh(x) {
  within(!(Math.abs(x) >= 1));
  return Math.atanh(x);
}

function sigmoid(x) {
  if (x >= 0) {
    return 1 / (1 + Math.exp(-x));
  }
  const small = Math.exp(x);
  return small / (1 + small);
}

function softplus(x) {
  const rest = Math.log1p(Math.exp(-Math.abs(x)));
  return x < 0 ? rest : x + rest;
}

// The names of what follows, and the reasons, are those of autograd/engine/ops.py.
const TINY = 1e-290;
const FAR_LEFT = -700;
const FAR_OUT = 1e70;
const LARGEST_INT = 2 ** 53;
const ROUNDING = 1.5 * 2 ** 34;
const SQRT_2 = Math.sqrt(2);
const SQRT_PI = Math.sqrt(Math.PI);
const SQRT_2PI = Math.sqrt(2 * Math.PI);
const LOG2_E = 1 / Math.log(2);
const LOG10_E = 1 / Math.log(10);

function poweredByX(x, y, out) {
  if (y === 0) {
    return 0;
  }
  const isExact = (y >= 0.5 && y <= LARGEST_INT) || (y >= -LARGEST_INT && y <= -1 && y - 1 + 1 === y);
  if (x === 0 || isExact) {
    const slope = power(x, y - 1);
    if (x === 0 || Math.abs(x) === Infinity || !(slope > -TINY && slope < TINY)) {
      return y * slope;
    }
  }
  if (out > -TINY && out < TINY) {
    const half = power(Math.abs(x), 0.5 * y);
    const sign = out < 0 || Object.is(out, -0) ? -1 : 1;
    return ((sign * half * y) / x) * half;
  }
  return (out * y) / x;
}

function poweredByY(x, y, out) {
  if (x === 0 && y > 0) {
    return out;
  }
  if (out < TINY && x > 0) {
    const half = power(x, 0.5 * y);
    return half * log(x) * half;
  }
  return out * log(x);
}

function oneLessSquare(x) {
  return x >= -0.5 && x <= 0.5 ? 1 - x * x : (1 - x) * (1 + x);
}

function tanhByX(x, out) {
  if (out >= -0.5 && out <= 0.5) {
    return 1 - out * out;
  }
  const small = Math.exp(-2 * Math.abs(x));
  return (4 * small) / ((1 + small) * (1 + small));
}

function normal(x) {
  const z = -x / SQRT_2;
  const half = 0.5 * erfc(z);
  if (!(z > 1 && z < 40)) {
    return half;
  }
  const xHead = x + ROUNDING - ROUNDING;
  const zHead = z + ROUNDING - ROUNDING;
  const excess = zHead * zHead - 0.5 * xHead * xHead + (z - zHead) * (z + zHead) - 0.5 * (x - xHead) * (x + xHead);
  return half + half * (excess + excess / (2 * z * z));
}

function silu(x) {
  if (x < FAR_LEFT) {
    const half = Math.exp(0.5 * x);
    return x * half * half;
  }
  return x * sigmoid(x);
}

function siluByX(x) {
  if (x < FAR_LEFT) {
    const half = Math.exp(0.5 * x);
    return (1 + x) * half * half;
  }
  return sigmoid(x) * (1 + x * sigmoid(-x));
}

function eluByX(x, y) {
  if (x < FAR_LEFT) {
    const half = Math.exp(0.5 * x);
    return y * half * half;
  }
  return x <= 0 ? y * Math.exp(x) : 1;
}

/** By name: the value of the operands, and for each operand the derivative of the operands and that value. */
export const PRIMITIVES = {
  add: { forward: (x, y) => x + y, partials: [() => 1, () => 1] },
  subtract: { forward: (x, y) => x - y, partials: [() => 1, () => -1] },
  multiply: { forward: (x, y) => x * y, partials: [(x, y) => y, (x) => x] },
  divide: { forward: quotient, partials: [(x, y) => quotient(1, y), (x, y, out) => quotient(-out, y)] },
  power: { forward: power, partials: [poweredByX, poweredByY] },
  negate: { forward: (x) => -x, partials: [() => -1] },
  abs: { forward: Math.abs, partials: [(x) => (x > 0 ? 1 : x < 0 ? -1 : 0)] },
  exp: { forward: exp, partials: [(x, out) => out] },
  expm1: { forward: expm1, partials: [(x) => exp(x)] },
  log: { forward: log, partials: [(x) => quotient(1, x)] },
  log1p: { forward: positive(Math.log1p, -1), partials: [(x) => quotient(1, 1 + x)] },
  log2: { forward: positive(Math.log2), partials: [(x) => quotient(LOG2_E, x)] },
  log10: { forward: positive(Math.log10), partials: [(x) => quotient(LOG10_E, x)] },
  sqrt: { forward: sqrt, partials: [(x, out) => quotient(0.5, out)] },
  sin: { forward: sin, partials: [(x) => cos(x)] },
  cos: { forward: cos, partials: [(x) => -sin(x)] },
  tan: { forward: circular(Math.tan), partials: [(x, out) => 1 + out * out] },
  asin: { forward: inverse(Math.asin), partials: [(x) => quotient(1, sqrt(oneLessSquare(x)))] },
  acos: { forward: inverse(Math.acos), partials: [(x) => quotient(-1, sqrt(oneLessSquare(x)))] },
  atan: { forward: Math.atan, partials: [(x) => (Math.abs(x) <= FAR_OUT ? 1 / (1 + x * x) : (1 / x) * (1 / x))] },
  atan2: {
    forward: Math.atan2,
    partials: [
      (x, y) => {
        if (Math.abs(x) >= Math.abs(y)) {
          const ratio = quotient(y, x);
          return quotient(ratio, x * (1 + ratio * ratio));
        }
        const ratio = quotient(x, y);
        return quotient(1, y * (1 + ratio * ratio));
      },
      (x, y) => {
        if (Math.abs(x) >= Math.abs(y)) {
          const ratio = quotient(y, x);
          return quotient(-1, x * (1 + ratio * ratio));
        }
        const ratio = quotient(x, y);
        return quotient(-ratio, y * (1 + ratio * ratio));
      },
    ],
  },
  sinh: { forward: sinh, partials: [(x) => cosh(x)] },
  cosh: { forward: cosh, partials: [(x) => sinh(x)] },
  tanh: { forward: Math.tanh, partials: [tanhByX] },
  asinh: {
    forward: Math.asinh,
    partials: [
      (x) => {
        if (x >= -1 && x <= 1) {
          return 1 / Math.sqrt(1 + x * x);
        }
        const small = 1 / x; // keeps the square in the range of a float
        return Math.abs(small) / Math.sqrt(1 + small * small);
      },
    ],
  },
  acosh: { forward: acosh, partials: [(x) => quotient(1, sqrt(x - 1) * sqrt(x + 1))] },
  atanh: { forward: atanh, partials: [(x) => quotient(1, oneLessSquare(x))] },
  sigmoid: { forward: sigmoid, partials: [(x, out) => out * sigmoid(-x)] },
  softplus: { forward: softplus, partials: [(x) => sigmoid(x)] },
  relu: { forward: (x) => (x <= 0 ? 0 : x), partials: [(x) => (x <= 0 ? 0 : 1)] },
  leaky_relu: {
    forward: (x, y) => (x <= 0 ? y * x : x),
    partials: [(x, y) => (x <= 0 ? y : 1), (x) => (x <= 0 ? x : 0)],
  },
  elu: {
    forward: (x, y) => (x <= 0 ? y * Math.expm1(x) : x),
    partials: [eluByX, (x) => (x <= 0 ? Math.expm1(x) : 0)],
  },
  erf: { forward: erf, partials: [(x) => (2 / SQRT_PI) * bell(x, 1)] },
  erfc: { forward: erfc, partials: [(x) => (-2 / SQRT_PI) * bell(x, 1)] },
  gelu: {
    forward: (x) => x * normal(x),
    partials: [(x) => normal(x) + (x * bell(x, 0.5)) / SQRT_2PI],
  },
  silu: { forward: silu, partials: [siluByX] },
  maximum: {
    forward: (x, y) => (x >= y || Number.isNaN(x) ? x : y),
    partials: [(x, y) => (x > y ? 1 : x < y ? 0 : 0.5), (x, y) => (y > x ? 1 : y < x ? 0 : 0.5)],
  },
  minimum: {
    forward: (x, y) => (x <= y || Number.isNaN(x) ? x : y),
    partials: [(x, y) => (x < y ? 1 : x > y ? 0 : 0.5), (x, y) => (y < x ? 1 : y > x ? 0 : 0.5)],
  },
};
