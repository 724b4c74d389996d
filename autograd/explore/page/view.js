// The window onto the picture: what of it is seen, how large, and how the window moves.

const MARGIN = 24;
const CONTROLS = 48; // the height of what stands over the picture at its edge
const LARGEST_SCALE = 4;
const READABLE = 0.6; // the least scale at which the letters of a node can be read
const COMFORTABLE = 0.9;
const AROUND = 12; // units between what is brought into the window and its border
const GLIDE = 220; // milliseconds

export class View {
  constructor(svg) {
    this.svg = svg;
    this.extent = [1, 1];
    this.center = [0, 0];
    this.scale = 1;
    this.shows = "everything"; // or "the step", where the steps are followed, or "a part"
  }

  /** For another size of the window. */
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
    this.glide = null;
    this.shows = "everything";
    this.scale = Math.min(this.smallestScale(), 1.5);
    this.center = [this.extent[0] / 2, this.extent[1] / 2];
    this.apply();
  }

  /** Zooms by a factor around a point of the window, or around the middle. */
  zoom(factor, x = null, y = null) {
    this.glide = null;
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
    this.glide = null;
    this.shows = "a part";
    const moved = [this.center[0] - right / this.scale, this.center[1] - down / this.scale];
    this.center = moved.map((at, axis) => Math.max(0, Math.min(this.extent[axis], at)));
    this.apply();
  }

  /** Moves with something of the picture that went elsewhere. */
  shift(right, down) {
    this.glide = null;
    this.center = [this.center[0] + right, this.center[1] + down];
    this.apply();
  }

  /** Moves the window as little as brings a box into it. */
  show([left, top, right, bottom]) {
    const [x, y] = [this.width / this.scale / 2, this.height / this.scale / 2];
    const by = [
      Math.max(0, right + AROUND - this.center[0] - x) - Math.max(0, this.center[0] - x - left + AROUND),
      Math.max(0, bottom + AROUND - this.center[1] - y) - Math.max(0, this.center[1] - y - top + AROUND),
    ];
    if (by[0] !== 0 || by[1] !== 0) {
      this.glide = null;
      this.shows = "a part";
      this.center = [this.center[0] + by[0], this.center[1] + by[1]];
      this.apply();
    }
  }

  /** Brings a box into the window, large enough to read; where it is too large for that, the smaller one in it. */
  follow(whole, part) {
    const [width, height] = [this.width, Math.max(1, this.height - 2 * CONTROLS)];
    const largest = ([left, top, right, bottom]) =>
      Math.min(COMFORTABLE, width / (right - left + 2 * AROUND), height / (bottom - top + 2 * AROUND));
    const box = largest(whole) < READABLE ? part : whole;
    const [left, top, right, bottom] = box;
    const middle = [(left + right) / 2, (top + bottom) / 2];
    const now = this.glide ?? this; // where the window is, or will be in a moment
    const stays = this.shows === "the step" && now.scale <= largest(box);
    const isInside = (low, high, at, size) => low >= at - size / now.scale / 2 && high <= at + size / now.scale / 2;
    this.shows = "the step";
    if (!(stays && isInside(left, right, now.center[0], width) && isInside(top, bottom, now.center[1], height))) {
      this.glideTo(middle, stays ? now.scale : largest(box));
    }
  }

  /** Goes there in a moment that the eye can follow, or at once where no motion is wanted. */
  glideTo(center, scale) {
    const glide = { center, scale };
    this.glide = glide;
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.arrive(1, this, glide);
      return;
    }
    const start = { center: this.center, scale: this.scale };
    const began = performance.now();
    const move = (now) => {
      if (this.glide !== glide) {
        return; // something else has moved the window since
      }
      const part = Math.max(0, Math.min(1, (now - began) / GLIDE));
      this.arrive(part * part * (3 - 2 * part), start, glide);
      if (this.glide) {
        requestAnimationFrame(move);
      }
    };
    requestAnimationFrame(move);
  }

  arrive(part, start, goal) {
    this.scale = start.scale * (goal.scale / start.scale) ** part;
    this.center = start.center.map((at, axis) => at + (goal.center[axis] - at) * part);
    if (part === 1) {
      this.glide = null;
    }
    this.apply();
  }

  /** For paper: everything, whatever the window shows. */
  showForPrint() {
    const [width, height] = this.extent;
    this.svg.setAttribute("viewBox", `${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`);
  }
}
