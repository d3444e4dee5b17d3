// The form of a shape: a control for each value, with its name, its type and its docs.

import { fill, h, icon, newId } from "./dom.js";
import { renderDocs } from "./docs.js";
import { group } from "./groups.js";
import { sample } from "./sample.js";
import { scalar } from "./scalars.js";
import { typeName } from "./schema.js";

/**
 * @import { Json } from "./json.js"
 * @import { Shape } from "./schema.js"
 * @import { Control } from "./scalars.js"
 */

/**
 * @param {Shape} shape
 * @param {Json} value
 * @returns {Control}
 */
export function form(shape, value) {
  // The parts of the arguments need no box around them.
  const plain = shape.nullable ? null : group(shape, value, labelled);
  return plain ?? labelled("", shape, value);
}

/**
 * A control with its label.
 * @param {string} name
 * @param {Shape} shape
 * @param {Json} value
 * @returns {Control}
 */
function labelled(name, shape, value) {
  const names = { id: newId("field"), label: newId("label"), docs: newId("docs") };
  const inner = shape.nullable && shape.kind !== "any" ? nullable(shape, value, names) : bare(shape, value, names);
  const isGroup = "object map list tuple choice".includes(shape.kind);
  // A variant has its name above it.
  if (isGroup && !name && !shape.nullable) return inner;
  const heading = [
    h("span", { class: "name" }, name || typeName(shape)),
    name ? h("span", { class: "type" }, typeName(shape)) : null,
  ];
  const docs = h("div", { class: "docs", id: names.docs }, shape.docs ? renderDocs(shape.docs) : null);
  const element = isGroup
    ? h("fieldset", { class: "field group" }, h("legend", { id: names.label }, heading), docs, inner.element)
    : h("div", { class: "field" }, h("label", { id: names.label, for: names.id }, heading), docs, inner.element);
  return { ...inner, element };
}

/**
 * @param {Shape} shape
 * @param {Json} value
 * @param {import("./scalars.js").Names} names
 * @returns {Control}
 */
function bare(shape, value, names) {
  const control = scalar(shape, value, names) ?? group(shape, value, labelled);
  return control ?? { element: h("div"), read: () => value, write: () => {} };
}

/**
 * A value that may be `null`.
 * @param {Shape} shape
 * @param {Json} value
 * @param {import("./scalars.js").Names} names
 * @returns {Control}
 */
function nullable(shape, value, names) {
  const element = h("div", { class: "nullable" });
  /** @type {Control | null} */
  let control = null;
  const change = (/** @type {Json} */ next) => {
    write(next);
    /** @type {HTMLElement | null} */ (element.querySelector("input, textarea, select, button"))?.focus();
    element.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const set = () => change(sample({ ...shape, nullable: false }));
  const clear = () => change(null);
  const write = (/** @type {Json} */ next) => {
    control = next === null ? null : bare(shape, next, names);
    const named = { id: names.id, "aria-labelledby": `${names.label} ${names.id}` };
    const none = h("button", { type: "button", class: "small", ...named, onclick: set }, "null: set a value");
    const away = h("button", { type: "button", class: "bare", "aria-label": "Set to null", title: "Set to null", onclick: clear }, icon("remove"));
    fill(element, control ? [control.element, away] : none);
  };
  write(value);
  return { element, read: () => control?.read() ?? null, write };
}
