// The pointer on the picture. A press on an input of the graph changes its number when it moves sideways; any other
// moves the picture; two fingers zoom. A press that does not move is a click.
import { nodeAt } from "./elements.js";

const CLICK = 4; // pixels that a click may move

export class Gestures {
  /** `drag` gives the function for a drag that begins on a node, or null if it moves the picture; `activate` is called
   * with the group that was clicked, `point` with the node under the mouse or null. */
  constructor(svg, sight, { drag, activate, point }) {
    this.svg = svg;
    this.sight = sight;
    this.drag = drag;
    this.activate = activate;
    this.pointers = new Map(); // the position of each pointer that is down
    svg.addEventListener("pointerover", (event) => {
      if (event.pointerType === "mouse" && !this.dragged) {
        point(nodeAt(event.target));
      }
    });
    svg.addEventListener("pointerleave", () => point(null));
    svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    svg.addEventListener("pointerdown", (event) => this.press(event));
    svg.addEventListener("pointermove", (event) => this.move(event));
    svg.addEventListener("pointerup", (event) => this.release(event));
    svg.addEventListener("pointercancel", (event) => this.release(event));
  }

  press(event) {
    if (event.button !== 0) {
      return;
    }
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.pressed = {
      x: event.clientX,
      y: event.clientY,
      group: event.target.closest("[data-node], [data-scope]"),
      change: this.pointers.size === 1 ? this.drag(nodeAt(event.target)) : null,
    };
    this.dragged = false;
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      return;
    }
    const now = { x: event.clientX, y: event.clientY };
    if (!this.dragged && Math.hypot(now.x - this.pressed.x, now.y - this.pressed.y) < CLICK) {
      return;
    }
    this.dragged = true;
    this.svg.setPointerCapture(event.pointerId);
    if (this.pointers.size === 2) {
      this.pinch(event.pointerId, before, now);
    } else if (this.pressed.change) {
      this.pressed.change(Math.round(now.x - this.pressed.x));
    } else {
      this.sight.pan(now.x - before.x, now.y - before.y);
    }
    this.pointers.set(event.pointerId, now);
  }

  /** Zooms and moves the picture when one of two fingers moves. */
  pinch(finger, before, now) {
    const [other] = [...this.pointers].filter(([id]) => id !== finger).map(([, at]) => at);
    const spread = (at) => Math.max(1, Math.hypot(at.x - other.x, at.y - other.y));
    this.sight.zoom(spread(now) / spread(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
    this.sight.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
  }

  release(event) {
    if (!this.pointers.delete(event.pointerId)) {
      return;
    }
    if (!this.dragged && event.type === "pointerup" && this.pressed.group) {
      this.activate(this.pressed.group);
    }
    if (this.pointers.size === 0) {
      this.dragged = false;
    }
  }

  wheel(event) {
    // In a frame of a notebook, the wheel scrolls the notebook unless Control is held.
    if (window.parent !== window && !event.ctrlKey && !event.metaKey) {
      return;
    }
    event.preventDefault();
    this.sight.zoom(Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 400)), event.clientX, event.clientY);
  }
}
