// Decides what the window shows of the picture: everything, a part that the user chose, or the current step.
import { element } from "./elements.js";

const FASTEST_FOLLOWED = 4; // steps per second: faster playback shows the whole picture
const ZOOM_STEP = 1.4;
const VISIBLE = 0.15; // the smallest scale at which the shape of a graph can be seen

export class Sight {
  /** `now` gives the operation of the current step, or null, and the speed of the playback; `moved` lights it again. */
  constructor(picture, now, moved) {
    this.picture = picture;
    this.now = now;
    this.following = true; // the window moves with the steps if the whole picture is too small to read
    element("zoom-in").addEventListener("click", () => this.zoomIn());
    element("zoom-out").addEventListener("click", () => this.zoomOut());
    element("fit").addEventListener("click", () => this.showEverything());
    element("follow").addEventListener("click", () => this.setFollowing(!this.following));
    let restore = null;
    window.addEventListener("beforeprint", () => {
      restore = picture.showOnPaper();
      moved();
    });
    window.addEventListener("afterprint", () => {
      restore?.();
      moved();
    });
    const observer = new ResizeObserver(() => {
      if (picture.resized()) {
        moved();
      }
      this.showFollowing();
    });
    observer.observe(picture.svg);
  }

  /** Brings the current step into the window, large enough to read if the window follows the steps. */
  update() {
    const { view } = this.picture;
    const { index: current, speed } = this.now();
    // Of what is too large to be seen at all, the beginning is shown before the first step.
    const index = current ?? (view.smallestScale() < VISIBLE ? this.picture.firstOperation : null);
    if (!this.following || !view.isFar) {
      if (index !== null) {
        this.picture.show(index);
      }
    } else if (index !== null && speed <= FASTEST_FOLLOWED) {
      this.picture.follow(index);
    } else if (view.shows !== "everything") {
      view.fit();
    }
  }

  setFollowing(following) {
    this.following = following;
    this.picture.view.fit();
    this.update();
    this.showFollowing();
  }

  showEverything() {
    this.setFollowing(false);
  }

  zoomIn() {
    this.zoom(ZOOM_STEP);
  }

  zoomOut() {
    this.zoom(1 / ZOOM_STEP);
  }

  /** Zooms around a point of the window, or around the middle, and stops following. */
  zoom(...given) {
    this.picture.view.zoom(...given);
    this.following = false;
    this.showFollowing();
  }

  pan(right, down) {
    this.picture.view.pan(right, down);
    this.following = false;
    this.showFollowing();
  }

  showFollowing() {
    element("follow").hidden = !this.picture.view.isFar;
    element("follow").setAttribute("aria-pressed", String(this.following));
  }
}
