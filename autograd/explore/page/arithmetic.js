// Python's arithmetic of floats, with its errors in place of NaN and Infinity. The formulas of primitives.js, and those
// of a user's own primitives, use it.

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

export function quotient(x, y) {
  if (y === 0) {
    throw new NotDefined("zero");
  }
  return x / y;
}

export function power(x, y) {
  if (x === 1 || y === 0) {
    return 1; // even for NaN, which Math.pow answers with NaN
  }
  if (x === 0 && y < 0 && y !== -Infinity) {
    throw new NotDefined("zero");
  }
  within(!(x < 0 && Number.isFinite(x) && Number.isFinite(y) && !Number.isInteger(y)));
  if (x === -1 && Math.abs(y) === Infinity) {
    return 1;
  }
  return bounded(Math.pow(x, y), x, y);
}

/** Python's math.pow, which has another error than its operator. */
export function pow(x, y) {
  within(!(x === 0 && y < 0 && y !== -Infinity));
  return power(x, y);
}

export const exp = (x) => bounded(Math.exp(x), x);
export const exp2 = (x) => bounded(2 ** x, x);
export const expm1 = (x) => bounded(Math.expm1(x), x);
export const sinh = (x) => bounded(Math.sinh(x), x);
export const cosh = (x) => bounded(Math.cosh(x), x);

function positive(logarithm, least = 0) {
  return (x) => {
    within(!(x <= least));
    return logarithm(x);
  };
}

export const log = positive(Math.log);
export const log1p = positive(Math.log1p, -1);
export const log2 = positive(Math.log2);
export const log10 = positive(Math.log10);

export function sqrt(x) {
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

export const sin = circular(Math.sin);
export const cos = circular(Math.cos);
export const tan = circular(Math.tan);

/** An inverse that exists between -1 and 1, ends included. */
function inverse(rule) {
  return (x) => {
    within(!(Math.abs(x) > 1));
    return rule(x);
  };
}

export const asin = inverse(Math.asin);
export const acos = inverse(Math.acos);

export function acosh(x) {
  within(!(x < 1));
  return Math.acosh(x);
}

export function atanh(x) {
  within(!(Math.abs(x) >= 1));
  return Math.atanh(x);
}

/** A function that gives a whole number, or an error for infinity and NaN. */
function whole(rule) {
  return (x) => {
    within(!Number.isNaN(x));
    if (!Number.isFinite(x)) {
      throw new NotDefined("large");
    }
    return rule(x) + 0; // Python's 0 has no sign
  };
}

export const floor = whole(Math.floor);
export const ceil = whole(Math.ceil);
export const trunc = whole(Math.trunc);

/** The number with the sign of another. */
export function copySign(x, sign) {
  return sign < 0 || Object.is(sign, -0) ? -Math.abs(x) : Math.abs(x);
}

export const isInfinite = (x) => Math.abs(x) === Infinity;
