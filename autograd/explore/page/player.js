// The page: its state, its controls, and what it says of each step.
import { short, written } from "./numbers.js";
import { Computation } from "./computation.js";
import { LANGUAGES, preferred } from "./texts.js";
import { Picture } from "./picture.js";

const MOST_PATHS = 64;
const FASTEST_FOLLOWED = 4; // steps in a second: what moves faster is watched from afar
const MOST_OPERANDS = 8; // said of one step: a call of a compiled function may have thousands

const element = (id) => document.getElementById(id);

/** A new element with a class, and with children that are elements or text. */
function made(kind, name, ...children) {
  const one = document.createElement(kind);
  if (name) {
    one.className = name;
  }
  one.append(...children);
  return one;
}

/** A name that a user wrote, kept from turning the text around it: some scripts run from right to left. */
const isolated = (name) => `\u2068${name.replaceAll("\n", " ")}\u2069`;

/** A number after an operator. */
const second = (number) => (number < 0 ? `(${short(number)})` : short(number));

class Player {
  constructor(graph) {
    this.graph = graph;
    this.computation = new Computation(graph);
    this.picture = new Picture(element("picture"), graph);
    this.position = 0;
    this.playing = false;
    this.following = true; // where the whole picture is too small to read, it moves with the steps
    this.pinned = graph.pathsFrom;
    this.pointed = null;
    this.rows = new Map();
    // A page around this one may say which language and which colours it has; else it is as the browser wishes.
    const { language, theme } = document.documentElement.dataset;
    this.changeLanguage(language ?? preferred(navigator.languages ?? [navigator.language]));
    element("theme").value = theme ?? "auto";
    this.showPinned();
    this.listen();
  }

  get count() {
    return this.computation.operations.length;
  }

  /** What a node is called: its label, v1, v2, ..., or a constant's number. */
  name(place) {
    const node = this.graph.nodes[place];
    if (!node.labelled && !node.requiresGrad) {
      return short(this.computation.values[place]);
    }
    return isolated(node.name);
  }

  // ---------------------------------------------------------------- languages

  changeLanguage(language) {
    this.texts = LANGUAGES[language];
    document.documentElement.lang = language;
    element("language").value = language;
    for (const one of document.querySelectorAll("[data-text]")) {
      one.textContent = this.texts[one.dataset.text];
    }
    for (const one of document.querySelectorAll("[data-label]")) {
      one.setAttribute("aria-label", this.texts[one.dataset.label]);
      if (one.tagName === "BUTTON") {
        one.title = this.texts[one.dataset.label];
      }
    }
    for (const one of document.querySelectorAll("[data-kind]")) {
      one.textContent = this.texts.kinds[one.dataset.kind];
    }
    for (const one of element("theme").options) {
      one.textContent = this.texts.themes[one.value];
    }
    for (const one of element("speed").options) {
      one.textContent = this.texts.perSecond(Number(one.value));
    }
    element("forward-phase").textContent = this.texts.phases.forward;
    element("backward-phase").textContent = this.texts.phases.backward;
    element("said").textContent = "";
    this.makeTables();
    this.showEditing();
    this.describePicture();
    this.showPlaying();
    this.show();
  }

  showEditing() {
    const { editable, operations } = this.computation;
    const foreign = operations.map((place) => this.graph.nodes[place]).filter((node) => !node.builtIn);
    const names = [...new Set(foreign.map((node) => isolated(node.symbol)))].join(", ");
    element("editing").textContent = editable ? this.texts.editHelp : this.texts.editingOff(names);
    element("reset").hidden = !editable;
    document.body.classList.toggle("fixed", !editable);
  }

  describePicture() {
    const { scopes, nodes } = this.graph;
    const counts = scopes.map(() => 0);
    for (const node of nodes) {
      for (let scope = node.operands ? node.scope : null; scope !== null; scope = scopes[scope].parent) {
        counts[scope] += 1;
      }
    }
    this.picture.scopes.forEach(({ group, count }, place) => {
      count.textContent = this.texts.operations(counts[place]);
      group.setAttribute("aria-description", this.texts.scope);
    });
    this.picture.nodes.forEach(({ group }, place) => {
      group.setAttribute("aria-description", this.texts.kinds[this.picture.kind(place)]);
    });
    this.showFold();
  }

  showFold() {
    const button = element("fold");
    button.hidden = this.graph.scopes.length === 0;
    button.textContent = this.picture.folded.every(Boolean) ? this.texts.unfold : this.texts.fold;
  }

  // ---------------------------------------------------------------- tables

  makeTables() {
    const { computation, texts } = this;
    const order = this.graph.nodes.map((node, place) => place);
    const leaves = order.filter((place) => computation.isLeaf(place));
    // Constants last; results as the backward pass meets them.
    const inputs = [
      ...leaves.filter((place) => this.graph.nodes[place].requiresGrad),
      ...leaves.filter((place) => !this.graph.nodes[place].requiresGrad),
    ];
    element("inputs").replaceChildren(...inputs.map((place) => this.inputRow(place)));
    element("computed").replaceChildren(...computation.operations.toReversed().map((place) => this.resultRow(place)));
    element("computed").closest("section").hidden = this.count === 0;
    element("reset").textContent = texts.reset;
  }

  nameCell(place) {
    const parts = isolated(this.graph.nodes[place].name).split(/(?<=[._])/);
    const cell = made("th", "", ...parts.flatMap((part) => [part, document.createElement("wbr")]));
    cell.scope = "row";
    return cell;
  }

  resultRow(place) {
    const value = made("td", "number");
    const gradient = made("td", "number gradient");
    const row = made("tr", "", this.nameCell(place), value, gradient);
    row.dataset.node = place;
    this.rows.set(place, { row, value, gradient });
    return row;
  }

  inputRow(place) {
    const node = this.graph.nodes[place];
    const field = document.createElement("input");
    field.type = "text";
    field.autocomplete = "off";
    field.spellcheck = false;
    field.readOnly = !this.computation.editable;
    field.setAttribute("aria-label", this.texts.valueOf(isolated(node.name)));
    field.dataset.field = place;
    field.value = String(this.computation.leaves[place]);
    const gradient = made("td", node.requiresGrad ? "number gradient" : "number quiet");
    const check = made("td", "number");
    if (node.requiresGrad && this.computation.editable) {
      const button = made("button", "nudge", this.texts.nudge);
      button.type = "button";
      button.setAttribute("aria-label", this.texts.nudgeOf(isolated(node.name)));
      button.dataset.nudge = place;
      check.append(button, made("span", "slope"));
    }
    const row = made("tr", "", this.nameCell(place), made("td", "", field), gradient, check);
    row.dataset.node = place;
    this.rows.set(place, { row, field, gradient, slope: check.querySelector(".slope") });
    return row;
  }

  // ---------------------------------------------------------------- one moment of the computation

  goTo(position) {
    this.position = Math.max(0, Math.min(this.computation.steps(), position));
    this.show();
    this.bringIntoSight();
  }

  /** Moves the picture so that the current step can be seen; and read, where the steps are followed. */
  bringIntoSight() {
    const { view } = this.picture;
    const place = this.currentPlace();
    const tooFast = this.playing && this.speed() > FASTEST_FOLLOWED;
    if (!this.following || !view.isFar) {
      if (place !== null) {
        this.picture.show(place);
      }
    } else if (place !== null && !tooFast) {
      this.picture.follow(place);
    } else if (view.shows !== "everything") {
      view.fit();
    }
  }

  setFollowing(following) {
    this.following = following;
    this.picture.view.fit();
    this.bringIntoSight();
    this.showFollowing();
  }

  showEverything() {
    this.setFollowing(false);
  }

  zoom(...given) {
    this.picture.view.zoom(...given);
    this.following = false; // the user looks elsewhere
    this.showFollowing();
  }

  pan(right, down) {
    this.picture.view.pan(right, down);
    this.following = false;
    this.showFollowing();
  }

  showFollowing() {
    element("follow").hidden = !this.picture.view.isFar;
    element("follow").setAttribute("aria-pressed", String(this.following));
  }

  /** The operation of the current step, or null at the start. */
  currentPlace() {
    const { operations } = this.computation;
    if (this.position === 0) {
      return null;
    }
    return this.position <= this.count ? operations[this.position - 1] : operations[2 * this.count - this.position];
  }

  /** Shows the current moment everywhere. */
  show() {
    const { computation, position, count } = this;
    const steps = computation.steps();
    this.position = Math.min(position, steps);
    const backwardSteps = Math.max(0, this.position - count);
    const known = new Set(computation.operations.slice(0, this.position));
    const backward = backwardSteps > 0 || count === 0;
    const gradients = backward ? computation.gradientsAfter(backwardSteps) : [];
    this.graph.nodes.forEach((node, place) => {
      const value = computation.isLeaf(place) || known.has(place) ? computation.values[place] : undefined;
      const gradient = node.requiresGrad ? gradients[place] : undefined;
      this.picture.setNumbers(place, value, gradient);
      this.setRow(place, value, gradient);
    });
    const slider = element("position");
    slider.max = String(Math.max(1, 2 * count));
    slider.value = String(this.position);
    slider.disabled = count === 0;
    this.showStep();
    this.showPaths();
    const root = computation.values[computation.root];
    const title = `${this.name(computation.root)} = ${root === undefined ? "?" : short(root)}`;
    if (element("title").textContent !== title) {
      element("title").textContent = title;
    }
    const atEnd = this.position === steps;
    element("first").disabled = element("back").disabled = this.position === 0;
    element("last").disabled = element("forward").disabled = atEnd;
  }

  setRow(place, value, gradient) {
    const row = this.rows.get(place);
    const write = (cell, text) => {
      if (cell && cell.textContent !== text) {
        cell.textContent = text;
      }
    };
    write(row.value, value === undefined ? "" : short(value));
    if (this.graph.nodes[place].requiresGrad) {
      write(row.gradient, gradient === undefined ? "" : short(gradient));
    } else {
      write(row.gradient, this.texts.constant);
      write(row.row.firstChild, this.name(place));
    }
  }

  /** Says what happens in the current step: in the picture, in words, and to a screen reader. */
  showStep() {
    const { computation, texts, position, count } = this;
    const place = this.currentPlace();
    const said = [];
    const lines = [];
    const say = (kind, text) => {
      if (text === "") {
        return;
      }
      lines.push(made("p", kind, text));
      said.push(text);
    };
    const phase =
      position === 0 ? texts.phases.start : position <= count ? texts.phases.forward : texts.phases.backward;
    const number = position <= count ? position : position - count;
    element("step-heading").textContent = position === 0 ? phase : texts.stepOf(phase, number, count);
    if (place === null) {
      say("", count === 0 ? texts.onlyLeaf(this.name(computation.root)) : texts.startStep);
      this.picture.light(null, [], []);
    } else if (position <= count) {
      this.showForward(place, say);
    } else {
      this.showBackward(place, position - count - 1, say);
    }
    element("step").replaceChildren(...lines);
    this.rows.forEach(({ row }, one) => row.classList.toggle("now", one === place));
    const announced = [element("step-heading").textContent, ...said].join(". ");
    if ((!this.playing || this.speed() <= 1) && element("live").textContent !== announced) {
      element("live").textContent = announced;
    }
  }

  operandNumbers(place) {
    return this.graph.nodes[place].operands.map((operand) => this.computation.values[operand]);
  }

  /** The call with its numbers: tanh(0.8814). */
  call(place) {
    const node = this.graph.nodes[place];
    return node.derivatives.length > 0 || node.operands.length <= 2
      ? written(node.formula, this.operandNumbers(place))
      : node.formula;
  }

  showForward(place, say) {
    const { computation, texts } = this;
    const { failure } = computation;
    const node = this.graph.nodes[place];
    const edges = node.operands.slice(0, 200).map((_, which) => [place, which, null]);
    const failed = failure !== null && failure.operand === null && failure.place === place;
    this.picture.light(place, edges, ["forward", ...(failed ? ["failed"] : [])]);
    say("what", `${this.name(place)} = ${written(node.formula)}`);
    say("quiet", this.whereOf(place));
    if (failed) {
      say("failure", `${texts.failures[failure.kind](this.call(place))} ${texts.stopped}`);
    } else {
      say("formula", `${this.call(place)} = ${short(computation.values[place])}`);
    }
  }

  /** Which node each letter of a formula stands for. */
  whereOf(place) {
    const { operands } = this.graph.nodes[place];
    if (operands.length > 2) {
      return "";
    }
    return operands.map((operand, which) => this.texts.where("xy"[which], this.name(operand))).join(", ");
  }

  showBackward(place, step, say) {
    const { computation, texts } = this;
    const node = this.graph.nodes[place];
    const before = computation.gradientsAfter(step);
    const found = computation.contributions(step, before);
    const gradient = before[place];
    const edges = found
      .slice(0, 200)
      .map(({ which, amount }) => [
        place,
        which,
        amount === undefined ? "?" : `${amount < 0 ? "" : "+"}${short(amount)}`,
      ]);
    const failed = found.some(({ after }) => after === undefined);
    this.picture.light(place, edges, ["backward", ...(failed ? ["failed"] : [])]);
    say("what", `${this.name(place)} = ${written(node.formula)}`);
    say("quiet", this.whereOf(place));
    const isRoot = place === computation.root;
    say("", isRoot ? texts.seed(this.name(place)) : texts.gradientIs(this.name(place), short(gradient)));
    for (const { operand, which, partial, amount, before: sum, after } of found.slice(0, MOST_OPERANDS)) {
      say("formula", this.derivative(place, which, partial));
      if (after === undefined) {
        say("failure", `${texts.failures.derivative(this.call(place))} ${texts.stopped}`);
        break;
      }
      const factors = `${short(gradient)} × ${second(partial)} = ${short(amount)}`;
      const total = sum === 0 ? "" : `; ${short(sum)} + ${second(amount)} = ${short(after)}`;
      say("flow", `${texts.toOperand(this.name(operand))} ${factors}${total}`);
    }
    if (found.length > MOST_OPERANDS) {
      say("quiet", texts.more(found.length - MOST_OPERANDS));
    }
    if (found.length === 0) {
      say("quiet", texts.constants);
    }
  }

  /** A local derivative as formula and as number: d tanh(x)/dx = 1 - tanh(x)^2 = 0.5. */
  derivative(place, which, partial) {
    const node = this.graph.nodes[place];
    const value = partial === undefined ? "?" : short(partial);
    if (node.operands.length > 2) {
      return `∂ ${node.symbol} / ∂ ${this.name(node.operands[which])} = ${value}`;
    }
    const call = written(node.formula);
    const d = node.operands.length === 1 ? "d" : "∂";
    const rule = node.derivatives[which] === undefined ? value : written(node.derivatives[which]);
    const top = /^\w+\(.*\)$/.test(call) ? `${d} ${call}` : `${d}(${call})`;
    return `${top}/${d}${"xy"[which]} = ${rule}${rule === value ? "" : ` = ${value}`}`;
  }

  // ---------------------------------------------------------------- paths

  point(place) {
    if (this.pointed !== place) {
      this.pointed = place;
      this.showPaths();
    }
  }

  pin(place) {
    this.pinned = this.pinned === place ? null : place;
    this.showPinned();
    this.showPaths();
  }

  showPinned() {
    this.picture.nodes.forEach(({ group }, one) => group.setAttribute("aria-pressed", String(one === this.pinned)));
  }

  showPaths() {
    const { computation, texts, graph } = this;
    const place = this.pointed ?? this.pinned;
    const key = place === null ? null : [place, this.texts.paths("", ""), ...computation.leaves].join();
    if (this.pathsShown === key) {
      return;
    }
    this.pathsShown = key;
    const heading = element("paths-heading");
    if (place === null) {
      this.picture.mark(null);
      heading.textContent = texts.paths("…", this.name(computation.root));
      element("paths").replaceChildren(made("p", "quiet", texts.pathHelp));
      return;
    }
    const name = this.name(place);
    heading.textContent = texts.paths(name, this.name(computation.root));
    if (!graph.nodes[place].requiresGrad) {
      this.picture.mark(null);
      element("paths").replaceChildren(made("p", "quiet", texts.noPath(name)));
      return;
    }
    this.picture.mark(computation.between(place));
    if (place === computation.root) {
      element("paths").replaceChildren(made("p", "", texts.rootPath(name)));
      return;
    }
    if (computation.failure) {
      element("paths").replaceChildren(made("p", "quiet", texts.noGradient));
      return;
    }
    const paths = computation.paths(place, MOST_PATHS);
    const count = computation.pathCount(place);
    const sum = short(computation.gradients[place]);
    const list = made("ol", "", ...paths.map((path) => made("li", "", ...this.pathLines(path))));
    const counted = Number.isFinite(count) ? short(count) : texts.countless;
    let total = texts.pathMany(MOST_PATHS, count < 1e15 ? count.toLocaleString("en") : counted, name, sum);
    if (count <= MOST_PATHS) {
      total = count === 1 ? texts.pathOne(name, sum) : texts.pathSum(name, sum);
    }
    element("paths").replaceChildren(list, made("p", "sum", total));
  }

  pathLines({ nodes, factors, product }) {
    const shortened = (all, join) => (all.length > 8 ? [...all.slice(0, 4), "…", ...all.slice(-3)] : all).join(join);
    const numbers = factors.map(second);
    const route = made(
      "span",
      "route",
      shortened(
        nodes.map((node) => this.name(node)),
        " → ",
      ),
    );
    return [route, made("span", "formula", `${shortened(numbers, " × ")} = ${short(product)}`)];
  }

  // ---------------------------------------------------------------- changing numbers

  /** Gives a leaf another number; the moment that is shown stays. */
  change(leaf, value) {
    const wasAtEnd = this.position >= this.computation.steps();
    this.computation.change(leaf, value);
    this.numbersChanged(wasAtEnd, leaf);
  }

  reset() {
    this.computation.reset();
    this.numbersChanged(false, null);
    element("said").textContent = "";
  }

  numbersChanged(toTheEnd, changed) {
    this.rows.forEach(({ field, slope }, place) => {
      if (field && (place !== changed || document.activeElement !== field)) {
        field.value = String(this.computation.leaves[place]);
        field.removeAttribute("aria-invalid");
      }
      if (slope) {
        slope.textContent = "";
      }
    });
    // Where an error appeared, it is shown; where the end was shown, the end stays.
    if (toTheEnd || this.position > this.computation.steps()) {
      this.position = this.computation.steps();
    }
    this.show();
  }

  /** How much one step of the keys or one pixel of the mouse changes a number: about a hundredth of it. */
  static grain(value) {
    return 10 ** (Math.floor(Math.log10(Math.max(1, Math.abs(value)))) - 2);
  }

  static moved(value, grains) {
    const grain = Player.grain(value);
    return Number((Math.round(value / grain + grains) * grain).toPrecision(12));
  }

  typed(field) {
    const leaf = Number(field.dataset.field);
    const value = field.value.trim() === "" ? NaN : Number(field.value.replace("−", "-"));
    if (!Number.isFinite(value)) {
      field.setAttribute("aria-invalid", "true");
      element("said").textContent = this.texts.notANumber(field.value);
      return;
    }
    field.removeAttribute("aria-invalid");
    element("said").textContent = "";
    this.change(leaf, value);
  }

  nudge(leaf) {
    const { texts, computation } = this;
    const found = computation.nudged(leaf);
    const names = [this.name(computation.root), this.name(leaf)];
    const { slope } = this.rows.get(leaf);
    if (found === null) {
      slope.textContent = "?";
      element("said").textContent = texts.notNudged(names[1]);
      return;
    }
    slope.textContent = `≈ ${short(found.slope)}`;
    const [low, high] = [found.low, found.high].map((one) => one.toPrecision(9));
    element("said").textContent = texts.nudged(...names, short(found.slope), short(found.size), low, high);
  }

  // ---------------------------------------------------------------- playing

  speed() {
    return Number(element("speed").value);
  }

  setPlaying(playing) {
    if (playing && this.position === this.computation.steps()) {
      this.goTo(0);
    }
    this.playing = playing && this.count > 0;
    this.showPlaying();
    if (this.playing) {
      this.nextAt = performance.now() + 1000 / this.speed();
      requestAnimationFrame((now) => this.tick(now));
    } else {
      this.showStep();
    }
  }

  showPlaying() {
    const button = element("play");
    const text = this.playing ? this.texts.pause : this.texts.play;
    button.setAttribute("aria-label", text);
    button.title = text;
    document.body.classList.toggle("playing", this.playing);
  }

  tick(now) {
    if (!this.playing) {
      return;
    }
    if (now >= this.nextAt - 4) {
      this.nextAt = Math.max(this.nextAt + 1000 / this.speed(), now);
      this.goTo(this.position + 1);
      if (this.position === this.computation.steps()) {
        this.setPlaying(false);
        return;
      }
    }
    requestAnimationFrame((time) => this.tick(time));
  }

  step(by) {
    this.setPlaying(false);
    this.goTo(this.position + by);
  }

  // ---------------------------------------------------------------- listening

  listen() {
    const on = (id, event, react) => element(id).addEventListener(event, react);
    on("first", "click", () => this.step(-Infinity));
    on("back", "click", () => this.step(-1));
    on("forward", "click", () => this.step(1));
    on("last", "click", () => this.step(Infinity));
    on("play", "click", () => this.setPlaying(!this.playing));
    on("position", "input", (event) => {
      this.setPlaying(false);
      this.goTo(Number(event.target.value));
    });
    on("language", "change", (event) => this.changeLanguage(event.target.value));
    on("theme", "change", (event) => (document.documentElement.dataset.theme = event.target.value));
    on("reset", "click", () => this.reset());
    on("zoom-in", "click", () => this.zoom(1.4));
    on("zoom-out", "click", () => this.zoom(1 / 1.4));
    on("fit", "click", () => this.showEverything());
    on("follow", "click", () => this.setFollowing(!this.following));
    on("fold", "click", () => this.foldAll());
    on("inputs", "input", (event) => this.typed(event.target));
    on("inputs", "keydown", (event) => this.fieldKey(event));
    on("inputs", "click", (event) => {
      const button = event.target.closest("[data-nudge]");
      if (button) {
        this.nudge(Number(button.dataset.nudge));
      }
    });
    for (const table of ["inputs", "computed"]) {
      on(table, "pointerover", (event) => this.point(this.nodeAt(event.target)));
      on(table, "pointerleave", () => this.point(null));
      on(table, "focusin", (event) => this.point(this.nodeAt(event.target)));
      on(table, "focusout", () => this.point(null));
    }
    document.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("beforeprint", () => this.picture.view.showForPrint());
    window.addEventListener("afterprint", () => this.picture.view.apply());
    this.listenToPicture();
  }

  nodeAt(target) {
    const found = target.closest("[data-node]");
    return found ? Number(found.dataset.node) : null;
  }

  listenToPicture() {
    const { svg } = this.picture;
    svg.addEventListener("pointerover", (event) => {
      if (event.pointerType === "mouse" && !this.dragged) {
        this.point(this.nodeAt(event.target));
      }
    });
    svg.addEventListener("pointerleave", () => this.point(null));
    svg.addEventListener("focusin", (event) => this.focused(event.target));
    svg.addEventListener("focusout", () => this.point(null));
    svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    svg.addEventListener("pointerdown", (event) => this.press(event));
    svg.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) {
      svg.addEventListener(end, (event) => this.release(event));
    }
    this.pointers = new Map();
    new ResizeObserver(() => {
      this.picture.view.resized();
      this.showFollowing();
    }).observe(svg);
    this.makeStop(this.picture.stops()[0]);
  }

  /** The one place of the picture that the tab key goes to; the arrow keys move it. */
  makeStop(group) {
    this.stop?.setAttribute("tabindex", "-1");
    this.stop = group;
    this.stop?.setAttribute("tabindex", "0");
  }

  focused(target) {
    const group = target.closest("[data-node], [data-scope]");
    if (!group) {
      return;
    }
    this.makeStop(group);
    const place = this.nodeAt(group);
    if (place !== null && group.matches(":focus-visible")) {
      this.picture.show(place);
      this.point(place);
    }
  }

  foldAll() {
    this.picture.foldAll(!this.picture.folded.every(Boolean));
    this.foldChanged();
  }

  foldChanged() {
    this.showFold();
    this.showFollowing();
    this.showStep();
    if (this.stop?.classList.contains("hidden")) {
      this.makeStop(this.picture.stops()[0]);
    }
  }

  activate(group) {
    if (group.dataset.scope !== undefined) {
      this.picture.fold(Number(group.dataset.scope));
      this.foldChanged();
    } else {
      this.pin(Number(group.dataset.node));
    }
  }

  // A press on an input of the graph changes its number when it moves sideways; any other moves the picture; two
  // fingers zoom. A press that does not move is a click.

  press(event) {
    if (event.button !== 0) {
      return;
    }
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const place = this.nodeAt(event.target);
    const isInput = place !== null && this.computation.isLeaf(place) && this.computation.editable;
    this.pressed = { x: event.clientX, y: event.clientY, group: event.target.closest("[data-node], [data-scope]") };
    this.pressed.leaf = isInput && this.pointers.size === 1 ? place : null;
    this.pressed.start = isInput ? this.computation.leaves[place] : null;
    this.dragged = false;
  }

  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      return;
    }
    const now = { x: event.clientX, y: event.clientY };
    if (!this.dragged && Math.hypot(now.x - this.pressed.x, now.y - this.pressed.y) < 4) {
      return;
    }
    this.dragged = true;
    this.picture.svg.setPointerCapture(event.pointerId);
    if (this.pointers.size === 2) {
      const [other] = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      const spread = (at) => Math.max(1, Math.hypot(at.x - other.x, at.y - other.y));
      this.zoom(spread(now) / spread(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
      this.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    } else if (this.pressed.leaf !== null) {
      const grains = Math.round(now.x - this.pressed.x);
      this.later(() => this.change(this.pressed.leaf, Player.moved(this.pressed.start, grains)));
    } else {
      this.pan(now.x - before.x, now.y - before.y);
    }
    this.pointers.set(event.pointerId, now);
  }

  release(event) {
    if (!this.pointers.delete(event.pointerId)) {
      return;
    }
    if (!this.dragged && event.type === "pointerup" && this.pressed.group) {
      this.activate(this.pressed.group);
    }
    if (this.pointers.size === 0) {
      this.dragged = false;
    }
  }

  /** Does something once before the next frame, however often it is asked for. */
  later(change) {
    const waiting = this.waiting !== undefined;
    this.waiting = change;
    if (!waiting) {
      requestAnimationFrame(() => {
        const act = this.waiting;
        this.waiting = undefined;
        act();
      });
    }
  }

  wheel(event) {
    // In a frame of a notebook, the wheel belongs to the notebook unless Control says otherwise.
    if (window.parent !== window && !event.ctrlKey && !event.metaKey) {
      return;
    }
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 400)), event.clientX, event.clientY);
  }

  fieldKey(event) {
    const field = event.target.closest("[data-field]");
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!field || !direction || !this.computation.editable) {
      return;
    }
    event.preventDefault();
    const leaf = Number(field.dataset.field);
    const value = Player.moved(this.computation.leaves[leaf], direction * (event.shiftKey ? 100 : 10));
    field.value = String(value);
    this.typed(field);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=range]), select")) {
      return;
    }
    const group = event.target.closest("[data-node], [data-scope]");
    const onButton = event.target.closest("button") !== null;
    const acts = {
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      " ": onButton ? null : () => this.setPlaying(!this.playing),
      Home: () => this.step(-Infinity),
      End: () => this.step(Infinity),
      "+": () => this.zoom(1.4),
      "=": () => this.zoom(1.4),
      "-": () => this.zoom(1 / 1.4),
      0: () => this.showEverything(),
      Escape: () => this.pin(null),
      ...(group && {
        ArrowUp: () => this.moveStop(-1),
        ArrowDown: () => this.moveStop(1),
        Enter: () => this.activate(group),
      }),
    };
    const act = acts[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  }

  moveStop(by) {
    const stops = this.picture.stops();
    const at = stops.indexOf(this.stop) + by;
    stops[Math.max(0, Math.min(stops.length - 1, at))].focus();
  }
}

new Player(JSON.parse(element("graph").textContent));
