// The map: its colours, the points, and the place of the pointer.

export const SIZE = 100; // fields of the map in a row

/** The colours of the style sheet, as numbers from 0 to 255. */
export function palette() {
  const probe = document.createElement("span");
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe)
      .color.match(/[\d.]+/g)
      .map(Number)
      .slice(0, 3);
  };
  const found = { first: colour("first"), second: colour("second"), between: colour("between"), text: colour("text") };
  probe.remove();
  return found;
}

/** Paints numbers from -1 to 1 into a canvas: one class's colour below 0, the other's above. */
export function paint(canvas, numbers, size, colours, scale) {
  canvas.width = size;
  canvas.height = size;
  const context = canvas.getContext("2d");
  const image = context.createImageData(size, size);
  for (let index = 0; index < numbers.length; index += 1) {
    const number = scale(numbers[index]);
    if (Number.isNaN(number)) {
      continue;
    }
    const side = number > 0 ? colours.second : colours.first;
    const share = number === 0 ? 0 : 0.12 + 0.68 * Math.abs(number);
    for (let part = 0; part < 3; part += 1) {
      image.data[4 * index + part] = colours.between[part] + share * (side[part] - colours.between[part]);
    }
    image.data[4 * index + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** A click within this many pixels of a point means the point. */
const NEAR = 16;

export class Plane {
  /** `point` is called when the place on the map changes (null when it leaves), `click` with a place. */
  constructor(square, { point, click }) {
    this.square = square;
    [this.background, this.foreground] = square.querySelectorAll("canvas");
    this.view = { x: 0, y: 0, half: 1 };
    this.points = [];
    this.chosen = null;
    this.place = null; // of the pointer, or of the arrow keys
    this.withKeys = false;
    const moved = (place, withKeys) => {
      this.place = place;
      this.withKeys = withKeys;
      this.drawPoints();
      point(place);
    };
    square.addEventListener("pointermove", (event) => moved(this.placeOf(event), false));
    square.addEventListener("pointerleave", () => moved(null, false));
    square.addEventListener("blur", () => moved(null, false));
    square.addEventListener("click", (event) => click(this.placeOf(event)));
    square.addEventListener("keydown", (event) => {
      const step = this.view.half / 20;
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      const from = this.place ?? { x: this.view.x, y: this.view.y };
      if (by) {
        event.preventDefault();
        moved(this.within({ x: from.x + step * by[0], y: from.y + step * by[1] }), true);
      } else if (event.key === "Enter") {
        event.preventDefault();
        click(from);
      }
    });
    new ResizeObserver(() => this.drawPoints()).observe(square);
  }

  within({ x, y }) {
    const { view } = this;
    const bounded = (number, middle) => Math.min(middle + view.half, Math.max(middle - view.half, number));
    return { x: bounded(x, view.x), y: bounded(y, view.y) };
  }

  placeOf(event) {
    const box = this.square.getBoundingClientRect();
    return this.within({
      x: this.view.x + this.view.half * ((2 * (event.clientX - box.left)) / box.width - 1),
      y: this.view.y + this.view.half * (1 - (2 * (event.clientY - box.top)) / box.height),
    });
  }

  /** Where a point is in the square, in pixels. */
  pixels({ x, y }) {
    const width = this.square.clientWidth;
    const { view } = this;
    return [(width * (1 + (x - view.x) / view.half)) / 2, (width * (1 - (y - view.y) / view.half)) / 2];
  }

  /** The index of the point that is nearest to a place and near enough for a click, or -1. */
  nearest(points, place) {
    const [x, y] = this.pixels(place);
    let best = -1;
    let least = NEAR;
    points.forEach((point, index) => {
      const [otherX, otherY] = this.pixels(point);
      const distance = Math.hypot(otherX - x, otherY - y);
      if (distance < least) {
        [best, least] = [index, distance];
      }
    });
    return best;
  }

  drawPoints() {
    const { foreground, square, place } = this;
    const width = square.clientWidth;
    const ratio = window.devicePixelRatio;
    foreground.width = width * ratio;
    foreground.height = width * ratio;
    const context = foreground.getContext("2d");
    context.scale(ratio, ratio);
    const colours = palette();
    const css = (colour) => `rgb(${colour.join(" ")})`;
    const fill = ({ x, y, label }, size, colour) => {
      context.beginPath();
      if (label === 1) {
        const reach = size * 1.25;
        context.moveTo(x, y - reach);
        context.lineTo(x + reach, y);
        context.lineTo(x, y + reach);
        context.lineTo(x - reach, y);
      } else {
        context.arc(x, y, size, 0, 2 * Math.PI);
      }
      context.fillStyle = css(colour);
      context.fill();
    };
    // An outline sets a point off from the map, also where the map has its colour; those held out have a hole.
    const draw = (point, index) => {
      const [x, y] = this.pixels(point);
      const shape = { x, y, label: point.label };
      const [size, line] = index === this.chosen ? [7.5, 3] : [5, 1];
      fill(shape, size + line, colours.text);
      fill(shape, size, point.label === 1 ? colours.second : colours.first);
      if (point.heldOut) {
        fill(shape, size - 2.5, colours.between);
      }
    };
    this.points.forEach(draw);
    if (this.points[this.chosen]) {
      draw(this.points[this.chosen], this.chosen); // above all others
    }
    if (place !== null && this.withKeys) {
      const [x, y] = this.pixels(place);
      context.beginPath();
      context.moveTo(x - 9, y);
      context.lineTo(x + 9, y);
      context.moveTo(x, y - 9);
      context.lineTo(x, y + 9);
      context.lineWidth = 2;
      context.strokeStyle = css(colours.text);
      context.stroke();
    }
  }
}
