// Finds, makes and fills elements of a page.

/** The element with an id. */
export const element = (id) => document.getElementById(id);

/** A new element with a class, and with children that are elements or text. */
export function made(kind, name, ...children) {
  const created = document.createElement(kind);
  if (name) {
    created.className = name;
  }
  created.append(...children);
  return created;
}

/** Writes a text only if it changed, which keeps a step cheap. */
export function write(target, text) {
  if (target && target.textContent !== text) {
    target.textContent = text;
  }
}

/** The index of the node that an element shows, or null. */
export function nodeAt(target) {
  const found = target.closest("[data-node]");
  return found ? Number(found.dataset.node) : null;
}
