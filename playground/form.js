// The form of the settings: shows the choices and what is chosen, and reads what the user changes.
import { element } from "./player/elements.js";
import { percent } from "./readings.js";

export class SettingsForm {
  /** `change` is called with the settings that the user has changed. */
  constructor(form, { change }) {
    this.form = form;
    this.change = change;
    form.addEventListener("change", (event) => this.read(event.target));
    form.addEventListener("input", () => this.showOutputs());
    form.addEventListener("submit", (event) => event.preventDefault());
    element("add-layer").addEventListener("click", () => change({ layers: [...this.settings.layers, 2] }));
    element("remove-layer").addEventListener("click", () => change({ layers: this.settings.layers.slice(0, -1) }));
  }

  translate(texts) {
    this.texts = texts;
    if (this.offered) {
      this.offer(this.offered);
    }
    if (this.settings) {
      this.show(this.settings);
    }
  }

  /** Fills in the choices of the Session in session.py. */
  offer(offered) {
    this.offered = offered;
    const names = { data: this.texts.dataNames, loss: this.texts.lossNames };
    for (const [setting, choices] of Object.entries(offered.choices)) {
      const options = choices.map((name) => new Option(names[setting]?.[name] ?? name, name));
      element(setting).replaceChildren(...options);
    }
    for (const [setting, [least, largest]] of Object.entries(offered.limits)) {
      element(setting).min = least;
      element(setting).max = largest;
    }
    const boxes = Object.entries(offered.features).map(([name, feature]) => {
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.value = name;
      label.append(box, feature.label);
      return label;
    });
    element("features").replaceChildren(...boxes);
  }

  /** Reads a field that has changed; the last feature stays chosen. */
  read(field) {
    if (!field.reportValidity()) {
      return;
    }
    if (field.closest("#features")) {
      const features = [...element("features").querySelectorAll(":checked")].map((box) => box.value);
      if (features.length === 0) {
        field.checked = true;
        return;
      }
      this.change({ features });
      return;
    }
    this.change({ [field.name]: field.type === "checkbox" ? field.checked : field.value });
  }

  show(settings) {
    this.settings = settings;
    const { form, offered } = this;
    form.inert = false;
    for (const field of form.elements) {
      if (field.closest("#features")) {
        field.checked = settings.features.includes(field.value);
        field.disabled = field.checked && settings.features.length === 1;
      } else if (field.type === "checkbox") {
        field.checked = settings[field.name];
      } else if (field.name) {
        field.value = settings[field.name];
      }
    }
    this.showOutputs();
    for (const label of form.querySelectorAll(".made-by-chance")) {
      label.hidden = settings.data === "own";
    }
    const taken = offered.optimizers[settings.optimizer];
    for (const name of new Set(Object.values(offered.optimizers).flat())) {
      element(name).closest("label").hidden = !taken.includes(name);
    }
    element("layer-count").textContent = this.texts.layerCount(settings.layers.length);
    element("remove-layer").disabled = settings.layers.length === 0;
    element("add-layer").disabled = settings.layers.length === offered.mostLayers;
  }

  /** The numbers beside the sliders. */
  showOutputs() {
    for (const output of this.form.querySelectorAll("output")) {
      const field = element(output.htmlFor.value);
      output.value = field.name === "test" ? percent(field.value) : field.value;
    }
  }
}
