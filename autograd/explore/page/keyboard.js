// The keys of the page, and the node or scope of the picture that the tab key goes to.
import { nodeAt } from "./elements.js";

/** The tab key stops once in the picture; the arrow keys move that stop from node to node. */
export class TabStop {
  /** `point` is called with the node that the focus is on, or null. */
  constructor(picture, { point }) {
    this.picture = picture;
    this.point = point;
    picture.svg.addEventListener("focusin", (event) => this.focused(event.target));
    picture.svg.addEventListener("focusout", () => point(null));
    this.goTo(picture.stops()[0]);
  }

  goTo(group) {
    this.group?.setAttribute("tabindex", "-1");
    this.group = group;
    this.group?.setAttribute("tabindex", "0");
  }

  /** Moves the stop if it has been folded away. */
  refresh() {
    if (this.group?.classList.contains("hidden")) {
      this.goTo(this.picture.stops()[0]);
    }
  }

  move(by) {
    const stops = this.picture.stops();
    const next = stops.indexOf(this.group) + by;
    stops[Math.max(0, Math.min(stops.length - 1, next))].focus();
  }

  focused(target) {
    const group = target.closest("[data-node], [data-scope]");
    if (!group) {
      return;
    }
    this.goTo(group);
    const index = nodeAt(group);
    if (index !== null && group.matches(":focus-visible")) {
      this.picture.show(index);
      this.point(index);
    }
  }
}

/** Makes the keys step, play, zoom and move in the picture; Enter calls `activate` with a group, Escape `release`. */
export function listenToKeys({ transport, sight, tabStop, activate, release }) {
  const everywhere = {
    ArrowLeft: () => transport.step(-1),
    ArrowRight: () => transport.step(1),
    " ": () => transport.setPlaying(!transport.playing),
    Home: () => transport.step(-Infinity),
    End: () => transport.step(Infinity),
    "+": () => sight.zoomIn(),
    "=": () => sight.zoomIn(),
    "-": () => sight.zoomOut(),
    0: () => sight.showEverything(),
    Escape: release,
  };
  const inPicture = {
    ArrowUp: () => tabStop.move(-1),
    ArrowDown: () => tabStop.move(1),
    Enter: activate,
  };
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input:not([type=range]), select")) {
      return;
    }
    const group = target.closest("[data-node], [data-scope]");
    const pressesButton = key === " " && target.closest("button") !== null;
    const act = pressesButton ? undefined : (everywhere[key] ?? (group ? inPicture[key] : undefined));
    if (act) {
      event.preventDefault();
      act(group);
    }
  });
}
