// What the user can copy: the link to the experiment, and the program that does the same.
import { element } from "./player/elements.js";

export class Copies {
  /** `program` gives the text of the program, `say` shows a sentence. */
  constructor({ program, say }) {
    const dialog = element("program");
    element("show-program").addEventListener("click", async () => {
      element("program-text").textContent = await program();
      element("copy-program").textContent = this.texts.copy;
      dialog.showModal();
    });
    element("close-program").addEventListener("click", () => dialog.close());
    element("copy-program").addEventListener("click", async () => {
      const text = element("program-text");
      try {
        await navigator.clipboard.writeText(text.textContent);
        element("copy-program").textContent = this.texts.copied;
      } catch {
        window.getSelection().selectAllChildren(text);
        element("copy-program").textContent = this.texts.notCopied;
      }
    });
    element("copy-link").addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(location.href);
        say(this.texts.copied);
      } catch {
        say(this.texts.linkNotCopied);
      }
    });
  }

  translate(texts) {
    this.texts = texts;
  }
}
