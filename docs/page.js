// Additions to the theme. build.py joins this script with what it imports: browsers load no modules from a disk.
import { chosenLanguage, keep } from "../autograd/explore/page/choices.js";

// What scrolls sideways can be reached and scrolled with the keyboard.
function makeScrollable() {
  for (const box of document.querySelectorAll("pre, .cell_output, .formula, .table-wrapper")) {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
    } else {
      box.removeAttribute("tabindex");
    }
  }
}

// The pages in frames follow this one: its light or dark theme, and the language that is chosen above the first of them.
class Frames {
  constructor(frames) {
    this.frames = frames;
    this.language = chosenLanguage();
    if (frames.length > 0) {
      frames[0].closest("figure").before(this.control());
    }
    for (const frame of frames) {
      frame.addEventListener("load", () => {
        frame.parentElement.classList.add("loaded"); // on paper, the others would be empty
        this.tell(frame);
      });
      this.tell(frame);
    }
    new MutationObserver(() => this.tellAll()).observe(document.body, { attributeFilter: ["data-theme"] });
  }

  control() {
    const select = document.createElement("select");
    select.append(new Option("English", "en"), new Option("简体中文", "zh-Hans"));
    for (const option of select.options) {
      option.lang = option.value;
    }
    select.value = this.language;
    select.addEventListener("change", () => {
      this.language = select.value;
      keep("language", select.value);
      this.tellAll();
    });
    const label = document.createElement("label");
    label.className = "language";
    label.append("Language / 语言 ", select);
    return label;
  }

  tellAll() {
    this.frames.forEach((frame) => this.tell(frame));
  }

  tell(frame) {
    const { language } = this;
    frame.contentWindow.postMessage({ language, theme: document.body.dataset.theme }, "*");
  }
}

// The code of a block as one would type it: without prompts, and without what follows them.
function codeOf(block) {
  const text = block.querySelector("pre").textContent;
  const typed = text.split("\n").filter((line) => /^(>>>|\.\.\.)( |$)/.test(line));
  return typed.length > 0 ? typed.map((line) => line.slice(4)).join("\n") + "\n" : text;
}

// Copies a text; false where the browser does not let a page do that.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// Code has a button that copies it; where the browser does not allow that, the button selects it.
function addCopyButtons() {
  for (const block of document.querySelectorAll("article div.highlight")) {
    if (!block.closest(".cell_output")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        const copied = await copy(codeOf(block));
        if (!copied) {
          getSelection().selectAllChildren(block.querySelector("pre"));
        }
        button.textContent = copied ? "Copied" : "Selected: press Ctrl+C";
        setTimeout(() => (button.textContent = "Copy"), 2000);
      });
      block.append(button);
    }
  }
}

// Gives the two side columns names, so that a screen reader can tell them apart.
function nameColumns() {
  document.querySelector("aside.sidebar-drawer")?.setAttribute("aria-label", "The site");
  document.querySelector("aside.toc-drawer")?.setAttribute("aria-label", "On this page");
}

// Sphinx looks up an anchor with a dot, such as autograd.grad, as if the part after the dot were a class. It finds
// nothing, complains on the console, and shows the beginning of the page instead of the entry.
function findNamesWithDots() {
  /* global Search */
  if (typeof Search !== "undefined") {
    const textOf = Search.htmlToText;
    Search.htmlToText = (html, anchor) => textOf(html, anchor && `#${CSS.escape(anchor.slice(1))}`);
  }
}

findNamesWithDots();
nameColumns();
new Frames([...document.querySelectorAll("figure.player iframe")]);
addCopyButtons();
makeScrollable();
window.addEventListener("resize", makeScrollable);
