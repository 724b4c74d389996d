// What the theme leaves to us.

// What can be scrolled sideways can be so with the keyboard too.
function makeScrollable() {
  for (const box of document.querySelectorAll("pre, .cell_output, .formula, .table-wrapper")) {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
    } else {
      box.removeAttribute("tabindex");
    }
  }
}

// The pages in frames are light or dark like the page around them.
function follow(frame) {
  const choice = frame.contentDocument?.getElementById("theme");
  if (choice) {
    choice.value = document.body.dataset.theme;
    choice.dispatchEvent(new Event("change"));
  }
}

// The two columns beside the page are told apart by a screen reader.
function nameColumns() {
  document.querySelector("aside.sidebar-drawer")?.setAttribute("aria-label", "The site");
  document.querySelector("aside.toc-drawer")?.setAttribute("aria-label", "On this page");
}

// Sphinx looks up a name with a dot, such as autograd.grad, as if the rest of it was a class: finds nothing, says so on
// the console, and shows the beginning of the page in place of what is said of the name.
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
