// The arguments of a method: as a form, or as JSON. Both are the same text.

import { MISSING, check } from "./check.js";
import { fill, h } from "./dom.js";
import { editor } from "./editor.js";
import { form } from "./form.js";
import { compactJson, layOut, parseJson, printJson } from "./json.js";
import { sample } from "./sample.js";
import { tabs } from "./tabs.js";

/**
 * @import { Json } from "./json.js"
 * @import { Method } from "./catalog.js"
 * @import { Control } from "./scalars.js"
 * @typedef {{ element: HTMLElement, read: () => string, write: (text: string) => void, invalid: () => HTMLElement | null }} Arguments
 *   `read`: JSON on one line, or the text as it is if it is none
 */

const FORM = 0;
const JSON_TEXT = 1;

/**
 * What a method is called with first.
 * @param {Method} method
 */
export function firstArguments(method) {
  return method.typed ? compactJson(sample(method.args)) : "null";
}

/**
 * @param {Method} method
 * @param {string} text
 * @returns {Arguments}
 */
export function argumentsPanel(method, text) {
  const panel = new ArgumentsPanel(method);
  panel.write(text);
  return panel;
}

class ArgumentsPanel {
  /** @param {Method} method */
  constructor(method) {
    this.method = method;
    this.editor = editor("Arguments as JSON", (value) => (method.typed ? check(value, method.args) : []));
    /** @type {Control | null} */
    this.form = null;
    this.formArea = h("div", { class: "form" });
    this.jsonArea = h("div", {}, this.editor.element);
    const named = [{ name: "Form", panel: this.formArea }, { name: "JSON", panel: this.jsonArea }];
    this.tabs = tabs("Arguments", named, (index) => (index === FORM ? this.toForm() : this.toJson()));
    const why = "The types of this method are not known here: its arguments are written as JSON.";
    const head = method.typed ? this.tabs.element : h("p", { class: "notice" }, why);
    this.element = h("div", { class: "arguments" }, head, this.formArea, this.jsonArea);
    this.tabs.select(JSON_TEXT);
  }

  /** @param {string} text */
  write(text) {
    this.form = null;
    this.editor.write(layOut(text));
    this.tabs.select(JSON_TEXT);
    if (!this.method.typed || !this.editor.isJson() || this.misfits().length) return;
    this.show(this.value());
    this.tabs.select(FORM);
  }

  /** What the editor has; nothing is `null`. */
  value() {
    const text = this.editor.text();
    return text.trim() ? parseJson(text) : null;
  }

  /** What of it the form has no place for. */
  misfits() {
    return check(this.value(), this.method.args).filter((found) => !found.hint || found.text !== MISSING);
  }

  /** Whether the form can show what the editor has; if not, the editor says why. */
  toForm() {
    if (this.form) return true;
    if (!this.editor.isJson()) {
      this.editor.focus();
      return false;
    }
    const misfits = this.misfits();
    if (misfits.length) {
      this.editor.complain(`The form has no place for this: ${misfits.map(({ path, text }) => `${path} ${text}`.trim()).join("; ")}`);
      return false;
    }
    this.show(this.value());
    return true;
  }

  /** @param {Json} value */
  show(value) {
    this.form = form(this.method.args, value);
    const nothing = this.method.args.kind === "null";
    fill(this.formArea, nothing ? h("p", { class: "muted" }, "This method takes no arguments.") : this.form.element);
  }

  toJson() {
    if (this.form) this.editor.write(printJson(this.form.read()));
    this.form = null;
    return true;
  }

  read() {
    if (this.form) return compactJson(this.form.read());
    const text = this.editor.text();
    return text.trim() && this.editor.isJson() ? compactJson(parseJson(text)) : text.trim() || "null";
  }

  /** What has to be mended before a call makes sense; JSON that does not fit may be sent, to see what the server says. */
  invalid() {
    if (!this.form && this.editor.isJson()) return null;
    const area = this.form ? this.formArea : this.jsonArea;
    return /** @type {HTMLElement | null} */ (area.querySelector("[aria-invalid=true]"));
  }
}
