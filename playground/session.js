// The page's side of the worker: asks the Session of session.py, and promises its answers.

/** An exception in Python: its type and its message. */
export class PythonFailure extends Error {}

export class Session {
  constructor() {
    this.worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.waiting = new Map();
    this.asked = 0;
    this.worker.addEventListener("message", ({ data: { id, result, failure } }) => {
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
    this.asked += 1;
    const id = this.asked;
    const answer = new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.worker.postMessage({ id, ask: method, given });
    return answer;
  }
}
