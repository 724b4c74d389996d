// The controls of the playback: its position, its speed, and whether it plays.
import { element } from "./elements.js";

export class Transport {
  /** `moved` is called when the controls have changed the position, `paused` when the playback has stopped. */
  constructor(computation, { moved, paused }) {
    this.computation = computation;
    this.moved = moved;
    this.paused = paused;
    this.position = 0;
    this.playing = false;
    const onClick = (id, act) => element(id).addEventListener("click", act);
    onClick("first", () => this.step(-Infinity));
    onClick("back", () => this.step(-1));
    onClick("forward", () => this.step(1));
    onClick("last", () => this.step(Infinity));
    onClick("play", () => this.setPlaying(!this.playing));
    element("position").addEventListener("input", (event) => {
      this.setPlaying(false);
      this.goTo(Number(event.target.value));
    });
  }

  translate(texts) {
    this.texts = texts;
    element("forward-phase").textContent = texts.phases.forward;
    element("backward-phase").textContent = texts.phases.backward;
    this.showPlaying();
  }

  /** Steps per second. */
  get speed() {
    return Number(element("speed").value);
  }

  get isAtEnd() {
    return this.position >= this.computation.end;
  }

  goTo(position) {
    this.position = Math.max(0, Math.min(this.computation.end, position));
    this.moved();
  }

  /**
   * Stays at what the last step did after the steps have become others: a scope that opens begins inside, unless the
   * end `stays` the end.
   */
  regrouped(moment, { stays }) {
    const { steps, end } = this.computation;
    const { phase, operations } = moment;
    if (stays) {
      this.position = end;
    } else if (phase === "forward") {
      this.position = 1 + steps.findIndex((step) => step.includes(operations[0]));
    } else if (phase === "backward") {
      const last = operations[operations.length - 1];
      this.position = 2 * steps.length - steps.findIndex((step) => step.includes(last));
    }
    this.position = Math.min(this.position, end);
  }

  step(by) {
    this.setPlaying(false);
    this.goTo(this.position + by);
  }

  setPlaying(playing) {
    if (playing && this.position === this.computation.end) {
      this.goTo(0);
    }
    this.playing = playing && this.computation.steps.length > 0;
    this.showPlaying();
    if (this.playing) {
      this.nextAt = performance.now() + 1000 / this.speed;
      requestAnimationFrame((now) => this.tick(now));
    } else {
      this.paused();
    }
  }

  tick(now) {
    if (!this.playing) {
      return;
    }
    if (now >= this.nextAt - 4) {
      this.nextAt = Math.max(this.nextAt + 1000 / this.speed, now);
      this.goTo(this.position + 1);
      if (this.isAtEnd) {
        this.setPlaying(false);
        return;
      }
    }
    requestAnimationFrame((time) => this.tick(time));
  }

  showPlaying() {
    const text = this.playing ? this.texts.pause : this.texts.play;
    element("play").setAttribute("aria-label", text);
    element("play").title = text;
    document.body.classList.toggle("playing", this.playing);
  }

  /** Shows the position, at most the last step. */
  show() {
    const { computation } = this;
    this.position = Math.min(this.position, computation.end);
    const slider = element("position");
    slider.max = String(Math.max(1, 2 * computation.steps.length));
    slider.value = String(this.position);
    slider.disabled = computation.steps.length === 0;
    element("first").disabled = element("back").disabled = this.position === 0;
    element("last").disabled = element("forward").disabled = this.isAtEnd;
  }
}
