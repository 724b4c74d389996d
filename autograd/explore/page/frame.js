// What the frame of a page in a notebook, `this`, does once it has loaded: it tells the page to be dark where the text of
// the notebook is light, which holds in every notebook and for every theme.
const tell = () => {
  const [red, green, blue] = getComputedStyle(this)
    .color.match(/[\d.]+/g)
    .map(Number);
  this.contentWindow?.postMessage({ theme: red + green + blue > 382 ? "dark" : "light" }, "*");
};
tell();
for (const element of [document.documentElement, document.body]) {
  new MutationObserver(tell).observe(element, { attributes: true });
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
