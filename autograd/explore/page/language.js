// The language of a page: the one that the browser prefers, and the texts of all elements in it.
import { element } from "./elements.js";

/** The first language of the browser that the page speaks. */
export function preferred(languages) {
  for (const language of languages) {
    if (/^zh\b/i.test(language)) {
      return "zh-Hans";
    }
    if (/^en\b/i.test(language)) {
      return "en";
    }
  }
  return "en";
}

/** Gives each element with data-text or data-label the text of that name, as its content or as its label. */
export function translate(language, texts) {
  document.documentElement.lang = language;
  element("language").value = language;
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
