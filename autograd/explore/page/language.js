// The texts of all elements of a page, in one of its languages.
import { element } from "./elements.js";

/** Gives each element with data-text or data-label the text of that name, as its content or as its label. */
export function translate(language, texts) {
  document.documentElement.lang = language;
  for (const target of document.querySelectorAll("[data-text]")) {
    target.textContent = texts[target.dataset.text];
  }
  for (const target of document.querySelectorAll("[data-label]")) {
    target.setAttribute("aria-label", texts[target.dataset.label]);
    if (target.tagName === "BUTTON") {
      target.title = texts[target.dataset.label];
    }
  }
  for (const option of element("theme").options) {
    option.textContent = texts.themes[option.value];
  }
  for (const option of element("speed").options) {
    option.textContent = texts.perSecond(Number(option.value));
  }
}
