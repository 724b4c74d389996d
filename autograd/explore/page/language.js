// The language of a page: which one the browser prefers, and the texts put where the elements ask for them.
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

/** Writes the texts into all elements that name one: as their content (data-text) or as their label (data-label). */
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
