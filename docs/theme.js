// The pages in frames, light or dark like the page around them.

function follow(frame) {
  const page = frame.contentDocument;
  const choice = page?.getElementById("theme");
  if (choice) {
    choice.value = document.body.dataset.theme;
    choice.dispatchEvent(new Event("change"));
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const frames = [...document.querySelectorAll("figure.player iframe")];
  for (const frame of frames) {
    frame.addEventListener("load", () => follow(frame));
    follow(frame);
  }
  new MutationObserver(() => frames.forEach(follow)).observe(document.body, { attributeFilter: ["data-theme"] });
});
