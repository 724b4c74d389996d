// The page: connects its parts, and shows each moment in all of them.
import { Choices } from "./choices.js";
import { Computation } from "./computation.js";
import { Editing } from "./editing.js";
import { Expression } from "./expression.js";
import { Gestures } from "./gestures.js";
import { LANGUAGES } from "./texts.js";
import { Moment } from "./moment.js";
import { Names, plain } from "./names.js";
import { PathsPanel } from "./paths.js";
import { Picture } from "./picture.js";
import { Sight } from "./sight.js";
import { StepPanel } from "./step.js";
import { TabStop, listenToKeys } from "./keyboard.js";
import { Tables } from "./tables.js";
import { Transport } from "./transport.js";
import { element, write } from "./elements.js";
import { translate } from "./language.js";
import { short } from "./numbers.js";

class Player {
  constructor(graph) {
    this.computation = new Computation(graph);
    this.picture = new Picture(element("picture"), graph);
    this.computation.group(this.picture.coverOf);
    this.names = new Names(this.computation);
    const { computation, picture, names } = this;
    const point = (index) => this.point(index);
    const activate = (group) => this.activate(group);
    this.transport = new Transport(computation, { moved: () => this.moved(), paused: () => this.showStep() });
    this.sight = new Sight(
      picture,
      () => this.now(),
      () => this.show(),
    );
    this.step = new StepPanel(computation, names, picture);
    this.paths = new PathsPanel(computation, names, picture, graph.pathsFrom);
    this.expression = new Expression(computation, names, picture, { point });
    this.tables = new Tables(computation, names, { point });
    this.editing = new Editing(computation, names, this.tables, {
      change: (leaf, value) => this.change(leaf, value),
      reset: () => this.reset(),
    });
    new Choices({ language: (language) => this.changeLanguage(language) });
    this.tabStop = new TabStop(picture, { point });
    new Gestures(picture.svg, this.sight, { drag: (index) => this.editing.drag(index), activate, point });
    const { transport, sight, tabStop, paths } = this;
    listenToKeys({ transport, sight, tabStop, activate, release: () => paths.pin(null) });
    element("fold").addEventListener("click", () => this.foldAll());
    this.sight.update();
  }

  changeLanguage(language) {
    const texts = LANGUAGES[language];
    this.texts = texts;
    translate(language, texts);
    for (const kind of document.querySelectorAll("[data-kind]")) {
      kind.textContent = texts.kinds[kind.dataset.kind];
    }
    for (const part of [
      this.names,
      this.picture,
      this.expression,
      this.transport,
      this.step,
      this.paths,
      this.tables,
      this.editing,
    ]) {
      part.translate(texts);
    }
    this.showFold();
    this.showNames();
    this.show();
  }

  /** Shows the names of the nodes, which change with the language and with the constants in them. */
  showNames() {
    const { computation, names } = this;
    document.title = plain(names.of(computation.root));
    computation.nodes.forEach(({ name, requiresGrad }, index) => {
      if (!name && requiresGrad) {
        this.picture.setName(index, plain(names.of(index)));
        this.tables.setName(index);
      }
    });
    this.picture.keepNamesInside();
    this.expression.write();
  }

  /** Marks the node that the user points at, everywhere; null ends that. */
  point(index) {
    this.paths.point(index);
    this.picture.point(index);
    this.expression.point(index);
  }

  // ---------------------------------------------------------------- one moment

  get moment() {
    return new Moment(this.computation, this.transport.position);
  }

  /** The operation of the current step, and how many steps there are in a second. */
  now() {
    return { index: this.moment.index, speed: this.transport.playing ? this.transport.speed : 0 };
  }

  /** After the controls have moved the position. */
  moved() {
    this.show();
    this.sight.update();
  }

  /** Shows the current moment everywhere. */
  show() {
    this.transport.show();
    const { computation, moment } = this;
    this.picture.setBackward(moment.phase === "backward");
    const values = moment.values();
    const gradients = moment.gradients();
    computation.nodes.forEach((node, index) => {
      const gradient = node.requiresGrad ? gradients[index] : undefined;
      this.picture.setNumbers(index, values[index], gradient);
      this.tables.setNumbers(index, values[index], gradient);
    });
    this.showStep();
    this.paths.show();
    const root = computation.values[computation.root];
    write(element("title"), `${this.names.of(computation.root)} = ${root === undefined ? "?" : short(root)}`);
  }

  /** Shows the current step, and tells it to a screen reader if that can keep up. */
  showStep() {
    const { moment, transport } = this;
    const said = this.step.show(moment);
    this.expression.show(moment);
    this.tables.mark(moment.index);
    if (!transport.playing || transport.speed <= 1) {
      write(element("live"), said);
    }
  }

  // ---------------------------------------------------------------- changing numbers

  /** Gives a leaf another number and stays at the same moment. */
  change(leaf, value) {
    const wasAtEnd = this.transport.isAtEnd;
    this.computation.change(leaf, value);
    this.numbersChanged(wasAtEnd, leaf);
  }

  reset() {
    this.computation.reset();
    this.numbersChanged(false, null);
  }

  /** Shows the new numbers; the end stays the end, and a new failure is shown. */
  numbersChanged(toTheEnd, changed) {
    this.tables.writeFields(changed);
    this.showNames();
    if (toTheEnd || this.transport.isAtEnd) {
      this.transport.position = this.computation.end;
    }
    this.show();
  }

  // ---------------------------------------------------------------- folding

  showFold() {
    const { folded } = this.picture;
    element("fold").hidden = folded.length === 0;
    element("fold").textContent = folded.every(Boolean) ? this.texts.unfold : this.texts.fold;
  }

  foldAll() {
    const { moment } = this;
    const stays = this.transport.isAtEnd;
    this.picture.foldAll(!this.picture.folded.every(Boolean));
    this.foldChanged(moment, { stays });
  }

  /** Puts the operations into the steps of what is folded now. `moment` is the one that was shown before. */
  foldChanged(moment, { stays }) {
    this.computation.group(this.picture.coverOf);
    this.transport.regrouped(moment, { stays });
    this.showFold();
    this.expression.write();
    this.sight.showFollowing();
    this.show();
    this.tabStop.refresh();
  }

  /** Reacts to a click: a scope folds, a node keeps its paths. */
  activate(group) {
    if (group.dataset.scope === undefined) {
      this.paths.pin(Number(group.dataset.node));
    } else {
      const { moment } = this;
      this.picture.fold(Number(group.dataset.scope));
      this.foldChanged(moment, { stays: false });
    }
  }
}

new Player(JSON.parse(element("graph").textContent));
