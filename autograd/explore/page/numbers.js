// Numbers as the page shows them, and the error function, which JavaScript lacks.

/** A number with 4 significant digits like Python's "%.4g", except that -0 is 0 and a 5 is rounded up. */
export function short(number) {
  if (!Number.isFinite(number)) {
    return exact(number);
  }
  const rounded = number.toExponential(3);
  const [digits, exponent] = rounded.split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 4) {
    return String(Number(rounded));
  }
  return `${Number(digits)}e${exponent[0]}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** A number with all its digits, as Python writes what is no ordinary number. */
export function exact(number) {
  return Object.is(number, -0) ? "-0" : String(number).replace("Infinity", "inf").replace("NaN", "nan");
}

/** The number that a text writes, as Python's float reads it; undefined for any other text. */
export function read(text) {
  const written = text.trim().replace("−", "-");
  const [, sign, word] = /^([+-]?)(inf|infinity|nan)$/i.exec(written) ?? [];
  if (word) {
    return (sign === "-" ? -1 : 1) * (/^n/i.test(word) ? NaN : Infinity);
  }
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written) ? Number(written) : undefined;
}

const ROOT_OF_PI = Math.sqrt(Math.PI);

/** exp(-scale * x * x), for a scale of 1 or 1/2, without the rounding of the square: for a large x it costs digits. */
export function bell(x, scale = 1) {
  if (Math.abs(x) > 40) {
    return 0; // and Math.fround overflows
  }
  const high = Math.fround(x);
  return Math.exp(-scale * high * high) * Math.exp(scale * (high - x) * (high + x));
}

/** The continued fraction of Abramowitz and Stegun 7.1.14, for x >= 0.75; no term is ever subtracted. */
function tail(x) {
  const terms = 200;
  let rest = (x + Math.sqrt(x * x + 2 * terms)) / 2; // an estimate of the terms left out
  for (let term = terms; term > 0; term -= 1) {
    rest = x + term / 2 / rest;
  }
  return bell(x) / (ROOT_OF_PI * rest);
}

/** The series of Abramowitz and Stegun 7.1.6, for |x| < 0.75. */
function series(x) {
  let sum = 0;
  for (let term = 16; term >= 0; term -= 1) {
    sum = 1 + ((2 * x * x) / (2 * term + 3)) * sum;
  }
  return ((2 * x) / ROOT_OF_PI) * bell(x) * sum;
}

/** The error function. */
export function erf(x) {
  if (Math.abs(x) < 0.75) {
    return series(x);
  }
  return x < 0 ? tail(-x) - 1 : 1 - tail(x);
}

/** 1 - erf(x), exact in the far tail. */
export function erfc(x) {
  if (Math.abs(x) < 0.75) {
    return 1 - series(x);
  }
  return x < 0 ? 2 - tail(-x) : tail(x);
}
