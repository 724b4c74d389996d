// The window onto the picture: its position, its scale, and how it moves.

const MARGIN = 14; // pixels to the left and to the right of the picture
const MARGIN_ABOVE = 9; // and below
const PAPER = [680, 560]; // pixels: between the margins, and as high as player.css allows
const LARGEST_SCALE = 4;
const LARGEST_FIT = 1.8; // beyond that, letters are larger than those around the picture
export const READABLE = 1; // the smallest scale at which a node can be read: its letters have 11 pixels
const COMFORTABLE = 1.3;
const AROUND = 12; // units between the border of the window and what it follows
const NEAREST = MARGIN_ABOVE - 1; // pixels between the border and what is brought in: what fits has more
const GLIDE = 220; // milliseconds

export class View {
  /** `all` is the group that holds everything drawn in `svg`; `canGlide` whether there is little enough to glide. */
  constructor(svg, all, canGlide) {
    this.svg = svg;
    this.all = all;
    this.canGlide = canGlide;
    this.extent = [1, 1];
    this.center = [0, 0];
    this.scale = 1;
    this.shows = "everything"; // or "the step" while following, or "a part"
  }

  /** Finds how large the window is. */
  measure() {
    const frame = this.svg.getBoundingClientRect();
    this.width = frame.width || 1;
    this.height = frame.height || 1;
  }

  /** The scale at which something of a width and a height fills what is free of the window. */
  scaleOf([width, height]) {
    const free = [this.width - 2 * MARGIN, this.height - 2 * MARGIN_ABOVE].map((length) => Math.max(1, length));
    return Math.min(free[0] / width, free[1] / height);
  }

  apply() {
    this.motion?.cancel();
    const [width, height] = [this.width / this.scale, this.height / this.scale];
    const [x, y] = [this.center[0] - width / 2, this.center[1] - height / 2];
    this.svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    this.svg.style.setProperty("--zoom", String(1 / this.scale));
  }

  smallestScale() {
    return this.scaleOf(this.extent);
  }

  /** Whether everything at once is too small to be read. */
  get isFar() {
    return this.smallestScale() < READABLE;
  }

  /** Shows everything, or a box: left, top, width and height. */
  fit(box = null) {
    this.shows = "everything";
    const [left, top, width, height] = box ?? [0, 0, ...this.extent];
    this.scale = Math.min(this.scaleOf([width, height]), LARGEST_FIT);
    this.center = [left + width / 2, top + height / 2];
    this.apply();
  }

  /** Zooms by a factor around a point of the window, or around the middle. */
  zoom(factor, x = null, y = null) {
    this.shows = "a part";
    const frame = this.svg.getBoundingClientRect();
    const [right, down] = x === null ? [0, 0] : [x - frame.left - this.width / 2, y - frame.top - this.height / 2];
    const least = Math.min(this.smallestScale() / 2, 1);
    const scale = Math.max(least, Math.min(LARGEST_SCALE, this.scale * factor));
    this.center[0] += right / this.scale - right / scale;
    this.center[1] += down / this.scale - down / scale;
    this.scale = scale;
    this.apply();
  }

  /** The middle of the window never leaves the graph. */
  pan(right, down) {
    this.shows = "a part";
    const moved = [this.center[0] - right / this.scale, this.center[1] - down / this.scale];
    this.center = moved.map((at, axis) => Math.max(0, Math.min(this.extent[axis], at)));
    this.apply();
  }

  /** Moves the window just enough to show a box. */
  show([left, top, right, bottom]) {
    const [x, y] = [this.width, this.height].map((length) => (length / 2 - NEAREST) / this.scale);
    const by = [
      Math.max(0, right - this.center[0] - x) - Math.max(0, this.center[0] - x - left),
      Math.max(0, bottom - this.center[1] - y) - Math.max(0, this.center[1] - y - top),
    ];
    if (by[0] !== 0 || by[1] !== 0) {
      this.shows = "a part";
      this.center = [this.center[0] + by[0], this.center[1] + by[1]];
      this.apply();
    }
  }

  /** Shows a box large enough to read; if the whole is too large for that, only a part of it. */
  follow(whole, part) {
    const [width, height] = [this.width, Math.max(1, this.height - 2 * MARGIN_ABOVE)];
    const largest = ([left, top, right, bottom]) =>
      Math.min(COMFORTABLE, width / (right - left + 2 * AROUND), height / (bottom - top + 2 * AROUND));
    const box = largest(whole) < READABLE ? part : whole;
    const [left, top, right, bottom] = box;
    const middle = [(left + right) / 2, (top + bottom) / 2];
    const { center, scale } = this;
    const stays = this.shows === "the step" && scale <= largest(box);
    const isInside = (low, high, at, size) => low >= at - size / scale / 2 && high <= at + size / scale / 2;
    this.shows = "the step";
    if (!(stays && isInside(left, right, center[0], width) && isInside(top, bottom, center[1], height))) {
      this.glideTo(middle, stays ? scale : largest(box));
    }
  }

  /** Moves to a center and a scale, with a short animation unless the user prefers none. */
  glideTo(center, scale) {
    const before = { center: this.center, scale: this.scale };
    this.center = center;
    this.scale = scale;
    this.apply();
    if (!this.canGlide || window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      return;
    }
    const seen = (from, size) => {
      const [[x, y], [fromX, fromY]] = [center, from];
      return { transform: `translate(${x}px, ${y}px) scale(${size / scale}) translate(${-fromX}px, ${-fromY}px)` };
    };
    this.motion = this.all.animate([seen(before.center, before.scale), seen(center, scale)], {
      duration: GLIDE,
      easing: "ease-in-out",
    });
  }

  /** Takes the part of a sheet of paper for the window that the style sheet gives the picture. */
  measurePaper() {
    [this.width, this.height] = PAPER;
  }

  /** Shows everything on paper, whatever the window shows. */
  showOnPaper() {
    const [width, height] = this.extent;
    const room = 2 * MARGIN;
    this.svg.setAttribute("viewBox", `${-MARGIN} ${-MARGIN} ${width + room} ${height + room}`);
    this.svg.style.setProperty("--zoom", String(1 / Math.min(1, this.smallestScale())));
  }
}
