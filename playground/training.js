// The training, epoch by epoch: one at a time, or one after the other from Play to Pause.
import { element } from "./player/elements.js";

export class Training {
  /** `epoch` trains for one epoch, `rest` is called after the last one for now. */
  constructor({ epoch, rest }) {
    this.epoch = epoch;
    this.run = null; // of epochs one after the other, from Play to Pause
    element("play").addEventListener("click", async () => {
      if (this.isPlaying) {
        this.pause();
      } else {
        await this.play();
        if (!this.isPlaying) {
          rest();
        }
      }
    });
    element("step").addEventListener("click", async () => {
      this.pause();
      await epoch();
      rest();
    });
  }

  translate(texts) {
    this.texts = texts;
    this.showPlaying();
  }

  get isPlaying() {
    return this.run !== null;
  }

  async play() {
    const run = Symbol("from Play to Pause");
    this.run = run;
    this.showPlaying();
    while (this.run === run) {
      const began = performance.now();
      await this.epoch();
      const speed = Number(element("speed").value);
      if (speed > 0 && this.run === run) {
        const rest = 1000 / speed - (performance.now() - began);
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, rest)));
      }
    }
  }

  pause() {
    this.run = null;
    this.showPlaying();
  }

  showPlaying() {
    document.body.classList.toggle("playing", this.isPlaying);
    const label = this.isPlaying ? this.texts.pause : this.texts.play;
    element("play").setAttribute("aria-label", label);
    element("play").title = label;
  }
}
