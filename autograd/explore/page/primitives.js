// Made from autograd/engine/ops.py by `make rules`; what is changed here is lost.
import { acos, acosh, asin, atanh, copySign, cos, cosh, exp, exp2, expm1, isInfinite, log, log10, log1p, log2, power, quotient, sin, sinh, sqrt, tan } from "./arithmetic.js";
import { erf, erfc } from "./numbers.js";

/** By name: the value, and the partial derivatives, which take the operands and the value. */
export const PRIMITIVES = (() => {
  const FAR_LEFT = -700;
  const FAR_OUT = 1e+70;
  const LARGEST_INT = 9007199254740992;
  const LOG10_E = 0.43429448190325176;
  const LOG2_E = 1.4426950408889634;
  const LOG_2 = 0.6931471805599453;
  const ROUNDING = 25769803776;
  const SQRT_2 = 1.4142135623730951;
  const SQRT_2PI = 2.5066282746310002;
  const SQRT_PI = 1.7724538509055159;
  const SQUARED_FROM = 1e-140;
  const SQUARED_TO = 1e+150;
  const TINY = 1e-290;
  const TO_LARGE = 4.149515568880993e+180;
  const TO_SMALL = 2.409919865102884e-181;

  function sigmoid(x) {
    if (x >= 0) {
      return quotient(1, 1 + exp(-x));
    }
    const power_ = exp(x);
    return quotient(power_, 1 + power_);
  }

  function bell(x, scale) {
    if (!(1 < Math.abs(x) && Math.abs(x) < 40)) {
      return exp(-scale * x * x);
    }
    const head = x + ROUNDING - ROUNDING;
    return exp(-scale * head * head) * exp(scale * (head - x) * (head + x));
  }

  function normal(x) {
    const z = -x / SQRT_2;
    const half = 0.5 * erfc(z);
    if (!(1 < z && z < 40)) {
      return half;
    }
    const x_head = x + ROUNDING - ROUNDING;
    const z_head = z + ROUNDING - ROUNDING;
    const excess = z_head * z_head - 0.5 * x_head * x_head + (z - z_head) * (z + z_head) - 0.5 * (x - x_head) * (x + x_head);
    return half + half * (excess + quotient(excess, 2 * z * z));
  }

  return {
    add: { forward: (x, y) => x + y, partials: [() => 1, () => 1] },
    subtract: { forward: (x, y) => x - y, partials: [() => 1, () => -1] },
    multiply: { forward: (x, y) => x * y, partials: [(x, y) => y, (x) => x] },
    divide: { forward: (x, y) => quotient(x, y), partials: [(x, y) => quotient(1, y), (x, y, out) => quotient(-out, y)] },
    power: {
      forward: power,
      partials: [
        (x, y, out) => {
          if (y === 0) {
            return 0;
          }
          if (x === 0 || (0.5 <= y && y <= LARGEST_INT) || (-LARGEST_INT <= y && y <= -1 && y - 1 + 1 === y)) {
            const power_ = power(x, y - 1);
            if (x === 0 || isInfinite(x) || !(-TINY < power_ && power_ < TINY)) {
              return y * power_;
            }
          }
          if (-TINY < out && out < TINY) {
            const half = power(Math.abs(x), 0.5 * y);
            return quotient(copySign(1, out) * half * y, x) * half;
          }
          return quotient(out * y, x);
        },
        (x, y, out) => {
          if (x === 0 && y > 0) {
            return out;
          }
          if (out < TINY && x > 0) {
            const half = power(x, 0.5 * y);
            return half * log(x) * half;
          }
          return out * log(x);
        },
      ],
    },
    negate: { forward: (x) => -x, partials: [() => -1] },
    abs: { forward: Math.abs, partials: [(x) => x > 0 ? 1 : x < 0 ? -1 : 0] },
    exp: { forward: exp, partials: [(x, out) => out] },
    expm1: { forward: expm1, partials: [(x) => exp(x)] },
    exp2: { forward: exp2, partials: [(x, out) => LOG_2 * out] },
    log: { forward: log, partials: [(x) => quotient(1, x)] },
    log1p: { forward: log1p, partials: [(x) => quotient(1, 1 + x)] },
    log2: { forward: log2, partials: [(x) => quotient(LOG2_E, x)] },
    log10: { forward: log10, partials: [(x) => quotient(LOG10_E, x)] },
    sqrt: { forward: sqrt, partials: [(x, out) => quotient(0.5, out)] },
    cbrt: { forward: Math.cbrt, partials: [(x, out) => quotient(1, 3 * out * out)] },
    hypot: {
      forward: (x, y) => {
        const size = Math.abs(x) + Math.abs(y);
        if (SQUARED_FROM < size && size < SQUARED_TO) {
          return sqrt(x * x + y * y);
        }
        const scale = size < 1 ? TO_LARGE : TO_SMALL;
        x = scale * x;
        y = scale * y;
        return quotient(sqrt(x * x + y * y), scale);
      },
      partials: [
        (x, y, out) => quotient(x, out),
        (x, y, out) => quotient(y, out),
      ],
    },
    sin: { forward: sin, partials: [(x) => cos(x)] },
    cos: { forward: cos, partials: [(x) => -sin(x)] },
    tan: { forward: tan, partials: [(x, out) => 1 + out * out] },
    asin: { forward: asin, partials: [(x) => quotient(1, sqrt(-0.5 <= x && x <= 0.5 ? 1 - x * x : (1 - x) * (1 + x)))] },
    acos: {
      forward: acos,
      partials: [
        (x) => quotient(-1, sqrt(-0.5 <= x && x <= 0.5 ? 1 - x * x : (1 - x) * (1 + x))),
      ],
    },
    atan: {
      forward: Math.atan,
      partials: [
        (x) => {
          if (-FAR_OUT <= x && x <= FAR_OUT) {
            return quotient(1, 1 + x * x);
          }
          const inverse = quotient(1, x);
          return inverse * inverse;
        },
      ],
    },
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
    tanh: {
      forward: Math.tanh,
      partials: [
        (x, out) => {
          if (-0.5 <= out && out <= 0.5) {
            return 1 - out * out;
          }
          const power_ = exp(-2 * Math.abs(x));
          return quotient(4 * power_, (1 + power_) * (1 + power_));
        },
      ],
    },
    asinh: {
      forward: Math.asinh,
      partials: [
        (x) => {
          const is_near = -1 <= x && x <= 1;
          const base = is_near ? x : quotient(1, x);
          return quotient(is_near ? 1 : Math.abs(base), sqrt(1 + base * base));
        },
      ],
    },
    acosh: { forward: acosh, partials: [(x) => quotient(1, sqrt(x - 1) * sqrt(x + 1))] },
    atanh: { forward: atanh, partials: [(x) => quotient(1, -0.5 <= x && x <= 0.5 ? 1 - x * x : (1 - x) * (1 + x))] },
    sigmoid: { forward: sigmoid, partials: [(x, out) => out * sigmoid(-x)] },
    softplus: {
      forward: (x) => {
        const rest = log1p(exp(-Math.abs(x)));
        return x < 0 ? rest : x + rest;
      },
      partials: [
        (x) => sigmoid(x),
      ],
    },
    relu: { forward: (x) => x <= 0 ? 0 : x, partials: [(x) => x <= 0 ? 0 : 1] },
    leaky_relu: { forward: (x, y) => x <= 0 ? y * x : x, partials: [(x, y) => x <= 0 ? y : 1, (x) => x <= 0 ? x : 0] },
    elu: {
      forward: (x, y) => x <= 0 ? y * expm1(x) : x,
      partials: [
        (x, y) => {
          if (x < FAR_LEFT) {
            const half = exp(0.5 * x);
            return y * half * half;
          }
          return x <= 0 ? y * exp(x) : 1;
        },
        (x) => x <= 0 ? expm1(x) : 0,
      ],
    },
    erf: { forward: erf, partials: [(x) => 2 / SQRT_PI * bell(x, 1)] },
    erfc: { forward: erfc, partials: [(x) => -2 / SQRT_PI * bell(x, 1)] },
    gelu: { forward: (x) => x * normal(x), partials: [(x) => normal(x) + x * bell(x, 0.5) / SQRT_2PI] },
    silu: {
      forward: (x) => {
        if (x < FAR_LEFT) {
          const half = exp(0.5 * x);
          return x * half * half;
        }
        return x * sigmoid(x);
      },
      partials: [
        (x) => {
          if (x < FAR_LEFT) {
            const half = exp(0.5 * x);
            return (1 + x) * half * half;
          }
          return sigmoid(x) * (1 + x * sigmoid(-x));
        },
      ],
    },
    mish: {
      forward: (x) => {
        if (x < FAR_LEFT) {
          const half = exp(0.5 * x);
          return x * half * half;
        }
        const power_ = exp(-Math.abs(x));
        if (x < 0) {
          const above = power_ * (power_ + 2);
          return x * quotient(above, above + 2);
        }
        const square = 2 * power_ * power_;
        return x * (1 - quotient(square, 1 + 2 * power_ + square));
      },
      partials: [
        (x) => {
          if (x < FAR_LEFT) {
            const half = exp(0.5 * x);
            return (1 + x) * half * half;
          }
          if (x < 0) {
            const power_ = exp(x);
            const above = power_ * (power_ + 2);
            const below = above + 2;
            return quotient(above, below) + quotient(4 * x * power_ * (1 + power_), below * below);
          }
          const power_ = exp(-x);
          const square = 2 * power_ * power_;
          const below = 1 + 2 * power_ + square;
          return 1 - quotient(square, below) + quotient(2 * square * x * (1 + power_), below * below);
        },
      ],
    },
    maximum: {
      forward: (x, y) => x >= y || x !== x ? x : y,
      partials: [
        (x, y) => x > y ? 1 : x < y ? 0 : 0.5,
        (x, y) => y > x ? 1 : y < x ? 0 : 0.5,
      ],
    },
    minimum: {
      forward: (x, y) => x <= y || x !== x ? x : y,
      partials: [
        (x, y) => x < y ? 1 : x > y ? 0 : 0.5,
        (x, y) => y < x ? 1 : y > x ? 0 : 0.5,
      ],
    },
  };
})();
