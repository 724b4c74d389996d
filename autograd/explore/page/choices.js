// The language and the colours of a page: those that its user chose, here or on another page of the site. A page in a
// frame takes those of the page around it, and hides its own controls.
import { element } from "./elements.js";

// A kept theme has the name that Furo, the theme of the site, gives it.
const KEPT_AS = { language: "scalar-autograd-language", theme: "theme" };
const THEMES = ["auto", "light", "dark"];

/** The first of some languages that the pages speak, or undefined. */
function spoken(languages) {
  for (const language of languages) {
    if (/^zh\b/i.test(language)) {
      return "zh-Hans";
    }
    if (/^en\b/i.test(language)) {
      return "en";
    }
  }
  return undefined;
}

function kept(name) {
  try {
    return localStorage.getItem(KEPT_AS[name]) ?? "";
  } catch {
    return ""; // some frames may not keep anything
  }
}

/** Keeps a choice for the pages to come; an address that names a language then names this one. */
export function keep(name, choice) {
  try {
    localStorage.setItem(KEPT_AS[name], choice);
  } catch {
    // a frame that may not keep anything
  }
  const address = new URL(location.href);
  if (name === "language" && address.searchParams.has("lang")) {
    address.searchParams.set("lang", choice);
    history.replaceState(null, "", address);
  }
}

/** The language that the address asks for (?lang=zh-Hans), else the kept one, else that of the browser. */
export function chosenLanguage() {
  const asked = spoken([new URLSearchParams(location.search).get("lang") ?? ""]);
  if (asked) {
    keep("language", asked);
  }
  return asked ?? spoken([kept("language"), ...(navigator.languages ?? [navigator.language])]) ?? "en";
}

export class Choices {
  /** Calls a function with the language and one with the theme, at once and each time another is chosen. */
  constructor(react) {
    this.react = react;
    this.frames = [];
    this.language = chosenLanguage();
    this.theme = THEMES.includes(kept("theme")) ? kept("theme") : "auto";
    for (const name of ["language", "theme"]) {
      this.choose(name, this[name]);
      element(name).addEventListener("change", (event) => {
        keep(name, event.target.value);
        this.choose(name, event.target.value);
      });
    }
    window.addEventListener("message", ({ source, data }) => {
      if (source === window.parent && source !== window) {
        this.obey(data);
      }
    });
  }

  choose(name, choice) {
    this[name] = choice;
    element(name).value = choice;
    if (name === "theme") {
      document.documentElement.dataset.theme = choice;
    }
    this.react[name]?.(choice);
    this.frames.forEach((frame) => this.tell(frame));
  }

  /** Makes the page in a frame follow this one. */
  lead(frame) {
    this.frames.push(frame);
    frame.addEventListener("load", () => this.tell(frame));
    this.tell(frame);
  }

  tell(frame) {
    const { language, theme } = this;
    frame.contentWindow.postMessage({ language, theme }, "*");
  }

  /** Takes what the page around this one says. */
  obey(told) {
    for (const name of ["language", "theme"]) {
      const offered = [...element(name).options].map((option) => option.value);
      if (offered.includes(told?.[name])) {
        element(name).closest("label").hidden = true;
        this.choose(name, told[name]);
      }
    }
  }
}
