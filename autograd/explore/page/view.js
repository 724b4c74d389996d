// The window onto the picture: its position, its scale, and how it moves.

const MARGIN = 24;
const CONTROLS = 48; // the height of the controls over the edge of the picture
const LARGEST_SCALE = 4;
const READABLE = 0.6; // the smallest scale at which a node can be read
const COMFORTABLE = 0.9;
const AROUND = 12; // units between the border of the window and what is brought into it
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

  /** Adapts to another size of the window. */
  resized() {
    const { width, height } = this.svg.getBoundingClientRect();
    this.width = width || 1;
    this.height = height || 1;
    if (this.shows === "everything") {
      this.fit();
    } else {
      this.apply();
    }
  }

  apply() {
    this.motion?.cancel();
    const [width, height] = [this.width / this.scale, this.height / this.scale];
    const [x, y] = [this.center[0] - width / 2, this.center[1] - height / 2];
    this.svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    this.svg.style.setProperty("--zoom", String(1 / this.scale));
  }

  smallestScale() {
    const [width, height] = this.extent;
    return Math.min(this.width / (width + 2 * MARGIN), Math.max(1, this.height - 2 * CONTROLS) / height);
  }

  /** Whether everything at once is too small to be read. */
  get isFar() {
    return this.smallestScale() < READABLE;
  }

  /** Shows everything. */
  fit() {
    this.shows = "everything";
    this.scale = Math.min(this.smallestScale(), 1.5);
    this.center = [this.extent[0] / 2, this.extent[1] / 2];
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

  /** Moves along with a part of the picture that has moved. */
  shift(right, down) {
    this.center = [this.center[0] + right, this.center[1] + down];
    this.apply();
  }

  /** Moves the window just enough to show a box. */
  show([left, top, right, bottom]) {
    const [x, y] = [this.width / this.scale / 2, this.height / this.scale / 2];
    const by = [
      Math.max(0, right + AROUND - this.center[0] - x) - Math.max(0, this.center[0] - x - left + AROUND),
      Math.max(0, bottom + AROUND - this.center[1] - y) - Math.max(0, this.center[1] - y - top + AROUND),
    ];
    if (by[0] !== 0 || by[1] !== 0) {
      this.shows = "a part";
      this.center = [this.center[0] + by[0], this.center[1] + by[1]];
      this.apply();
    }
  }

  /** Shows a box large enough to read; if the whole is too large for that, only a part of it. */
  follow(whole, part) {
    const [width, height] = [this.width, Math.max(1, this.height - 2 * CONTROLS)];
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

  /** Shows everything on paper, whatever the window shows. */
  showForPrint() {
    const [width, height] = this.extent;
    this.svg.setAttribute("viewBox", `${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`);
  }
}
