// The page's side of the worker: asks the Session of session.py, and promises its answers.

const READS = 440; // how often Python reads from its files until the Session is there

/** An exception in Python: its type and its message. */
export class PythonFailure extends Error {}

export class Session {
  /** bytes: all that the worker downloads. `progress` is called with how far Python is from being started, 0 to 1. */
  constructor(bytes, { progress }) {
    this.bytes = bytes;
    this.progress = progress;
    this.worker = null; // until the first question
    this.waiting = new Map();
    this.asked = 0;
  }

  start() {
    this.worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.worker.addEventListener("message", ({ data: { id, result, failure, loaded, read } }) => {
      if (id === undefined) {
        this.progress(Math.min(1, loaded / this.bytes) / 2 + Math.min(1, read / READS) / 2);
        return;
      }
      const { resolve, reject } = this.waiting.get(id);
      this.waiting.delete(id);
      if (failure === undefined) {
        resolve(result);
      } else {
        reject(new PythonFailure(failure));
      }
    });
    this.worker.addEventListener("error", (event) => {
      for (const { reject } of this.waiting.values()) {
        reject(new PythonFailure(event.message ?? "worker.js"));
      }
      this.waiting.clear();
    });
  }

  /** Calls a method of the Session in Python. */
  ask(method, ...given) {
    if (this.worker === null) {
      this.start();
    }
    this.asked += 1;
    const id = this.asked;
    const answer = new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.worker.postMessage({ id, ask: method, given });
    return answer;
  }
}
