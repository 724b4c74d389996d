// Additions to the theme.

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

// A page in a frame takes the light or dark theme of the page around it.
function follow(frame) {
  const choice = frame.contentDocument?.getElementById("theme");
  if (choice) {
    choice.value = document.body.dataset.theme;
    choice.dispatchEvent(new Event("change"));
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

document.addEventListener("DOMContentLoaded", () => {
  findNamesWithDots();
  nameColumns();
  const frames = [...document.querySelectorAll("figure.player iframe")];
  for (const frame of frames) {
    frame.addEventListener("load", () => follow(frame));
    follow(frame);
  }
  new MutationObserver(() => frames.forEach(follow)).observe(document.body, { attributeFilter: ["data-theme"] });
  makeScrollable();
});
window.addEventListener("resize", makeScrollable);
