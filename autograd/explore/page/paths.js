// The paths from a node to the root: listed with their products, and marked in the picture.
import { element, made } from "./elements.js";
import { second, withIndices } from "./names.js";
import { short } from "./numbers.js";

const MOST_PATHS = 64;

export class PathsPanel {
  /** pinned: the node whose paths are shown while the user points at none, or null. */
  constructor(computation, names, picture, pinned) {
    this.computation = computation;
    this.names = names;
    this.picture = picture;
    this.pinned = pinned;
    this.pointed = null;
    this.showPinned();
  }

  translate(texts) {
    this.texts = texts;
  }

  /** Shows the paths of a node while the user points at it; null ends that. */
  point(index) {
    if (this.pointed !== index) {
      this.pointed = index;
      this.show();
    }
  }

  /** Keeps the paths of a node; a second time lets them go. */
  pin(index) {
    this.pinned = this.pinned === index ? null : index;
    this.showPinned();
    this.show();
  }

  showPinned() {
    this.picture.nodes.forEach(({ group }, index) => group.setAttribute("aria-pressed", String(index === this.pinned)));
  }

  /** Shows the paths again if the node, the numbers or the language have changed. */
  show() {
    const { computation, texts, names } = this;
    const index = this.pointed ?? this.pinned;
    const key = index === null ? texts.pathHelp : [index, texts.pathHelp, ...computation.leaves].join();
    if (this.shown === key) {
      return;
    }
    this.shown = key;
    const root = names.of(computation.root);
    const heading = texts.paths(index === null ? "…" : names.of(index), root);
    element("paths-heading").replaceChildren(...withIndices(heading));
    const hasPaths = index !== null && computation.nodes[index].requiresGrad;
    this.picture.mark(hasPaths ? computation.between(index) : null);
    element("paths").replaceChildren(...this.content(index));
  }

  content(index) {
    const { computation, texts, names } = this;
    if (index === null) {
      return [made("p", "quiet", texts.pathHelp)];
    }
    const name = names.of(index);
    if (!computation.nodes[index].requiresGrad) {
      return [made("p", "quiet", texts.noPath(name))];
    }
    if (index === computation.root) {
      return [made("p", "", texts.rootPath(name))];
    }
    if (computation.failure) {
      return [made("p", "quiet", texts.noGradient)];
    }
    const paths = computation.paths(index, MOST_PATHS);
    const list = made("ol", "", ...paths.map((path) => made("li", "", ...this.lines(path))));
    return [list, made("p", "sum", ...withIndices(this.total(index)))];
  }

  /** The sum of all paths, in words. */
  total(index) {
    const { computation, texts } = this;
    const name = this.names.of(index);
    const count = computation.pathCount(index);
    const sum = short(computation.gradients[index]);
    if (count <= MOST_PATHS) {
      return count === 1 ? texts.pathOne(name, sum) : texts.pathSum(name, sum);
    }
    const counted = Number.isFinite(count) ? short(count) : texts.countless;
    return texts.pathMany(MOST_PATHS, count < 1e15 ? count.toLocaleString("en") : counted, name, sum);
  }

  /** One path: its nodes, and the product of its local derivatives. */
  lines({ nodes, factors, product }) {
    const shortened = (all, join) => (all.length > 8 ? [...all.slice(0, 4), "…", ...all.slice(-3)] : all).join(join);
    const route = shortened(
      nodes.map((node) => this.names.of(node)),
      " → ",
    );
    const numbers = shortened(factors.map(second), " × ");
    return [made("span", "route", ...withIndices(route)), made("span", "formula", `${numbers} = ${short(product)}`)];
  }
}
