// Controls for values that have parts: objects, maps, lists and variants.

import { variantOf } from "./check.js";
import { fill, h, icon, newId } from "./dom.js";
import { emptyObject, isObject } from "./json.js";
import { sample } from "./sample.js";

/**
 * @import { Json, JsonObject } from "./json.js"
 * @import { Shape, Field, ObjectShape, MapShape, ListShape, TupleShape, ChoiceShape } from "./schema.js"
 * @import { Control } from "./scalars.js"
 * @typedef {(name: string, shape: Shape, value: Json) => Control} Make makes a control with its label
 */

/**
 * @param {Shape} shape
 * @param {Json} value
 * @param {Make} make
 * @returns {Control | null} none for a value without parts
 */
export function group(shape, value, make) {
  switch (shape.kind) {
    case "object":
      return object(shape, value, make);
    case "map":
      return map(shape, value, make);
    case "list":
      return list(shape, value, make);
    case "tuple":
      return tuple(shape, value, make);
    case "choice":
      return choice(shape, value, make);
    default:
      return null;
  }
}

/** Tells the form that it has changed otherwise than by typing. @param {Element} element */
function changed(element) {
  element.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @param {Element} element */
function focusFirst(element) {
  /** @type {HTMLElement | null} */ (element.querySelector("input, textarea, select, button"))?.focus();
}

/**
 * @param {ObjectShape} shape
 * @param {Json} value
 * @param {Make} make
 * @returns {Control}
 */
function object(shape, value, make) {
  const given = isObject(value) ? value : emptyObject();
  const controls = shape.fields.map((field) => fieldOf(field, given, make));
  const nothing = h("p", { class: "muted" }, "No fields.");
  return {
    element: h("div", { class: "fields" }, controls.length ? controls.map(({ control }) => control.element) : nothing),
    read: () => {
      const read = emptyObject();
      for (const { name, control } of controls) read[name] = control.read();
      return read;
    },
    write: (next) => {
      for (const { name, control } of controls) control.write((isObject(next) ? next[name] : null) ?? null);
    },
  };
}

/**
 * @param {Field} field
 * @param {JsonObject} given
 * @param {Make} make
 */
function fieldOf(field, given, make) {
  const shape = field.shape();
  const value = given[field.name];
  // A field that is not there reads as nothing at the server, which is not what a sample would say.
  const missing = shape.nullable ? null : zero(shape);
  return { name: field.name, control: make(field.name, shape, value === undefined ? missing : value) };
}

/**
 * @param {Shape} shape
 * @returns {Json}
 */
function zero(shape) {
  const kinds = { integer: 0, number: 0, string: "", boolean: false, list: [], object: emptyObject(), map: emptyObject() };
  return shape.kind in kinds ? kinds[/** @type {keyof typeof kinds} */ (shape.kind)] : sample(shape);
}

/**
 * Rows that can be added and removed.
 * @param {string} what one row is
 * @param {() => void} add
 */
function rows(what, add) {
  const body = h("div", { class: "rows" });
  const button = h("button", { type: "button", class: "small add", onclick: add }, icon("add"), `Add ${what}`);
  return { body, button, element: h("div", { class: "list" }, body, button) };
}

/**
 * @param {string} label
 * @param {() => void} remove
 */
function remover(label, remove) {
  return h("button", { type: "button", class: "bare", "aria-label": label, title: label, onclick: remove }, icon("remove"));
}

/**
 * @param {ListShape} shape
 * @param {Json} value
 * @param {Make} make
 * @returns {Control}
 */
function list(shape, value, make) {
  /** @type {Control[]} */
  let items = [];
  const frame = rows("item", () => {
    items.push(make(`${items.length}`, shape.item(), sample(shape.item(), "", items.length)));
    show();
    focusFirst(frame.body.lastElementChild ?? frame.element);
    changed(frame.element);
  });
  const remove = (/** @type {number} */ index) => {
    write(items.filter((_, other) => other !== index).map((item) => item.read()));
    focusFirst(frame.body.children[index] ?? frame.element);
    changed(frame.element);
  };
  const show = () => {
    fill(frame.body, items.map((item, index) => h("div", { class: "row" }, item.element, remover(`Remove item ${index}`, () => remove(index)))));
    frame.button.disabled = items.length >= shape.most;
  };
  const write = (/** @type {Json} */ next) => {
    items = (Array.isArray(next) ? next : []).map((one, index) => make(`${index}`, shape.item(), one));
    show();
  };
  write(value);
  return { element: frame.element, read: () => items.map((item) => item.read()), write };
}

/**
 * @param {MapShape} shape
 * @param {Json} value
 * @param {Make} make
 * @returns {Control}
 */
function map(shape, value, make) {
  /** @type {{ key: HTMLInputElement, control: Control }[]} */
  let entries = [];
  const entry = (/** @type {string} */ name, /** @type {Json} */ one) => {
    const key = h("input", { value: name, "aria-label": "Key", class: "key", spellcheck: "false", autocomplete: "off" });
    return { key, control: make("value", shape.value(), one) };
  };
  const frame = rows("entry", () => {
    entries.push(entry(`${shape.numbers ? "" : "key"}${entries.length + 1}`, sample(shape.value())));
    show();
    focusFirst(frame.body.lastElementChild ?? frame.element);
    changed(frame.element);
  });
  const remove = (/** @type {number} */ index) => {
    entries = entries.filter((_, other) => other !== index);
    show();
    focusFirst(frame.body.children[index] ?? frame.element);
    changed(frame.element);
  };
  const show = () => {
    const row = (/** @type {typeof entries[0]} */ { key, control }, /** @type {number} */ index) =>
      h("div", { class: "row entry" }, key, control.element, remover(`Remove entry ${index + 1}`, () => remove(index)));
    fill(frame.body, entries.map(row));
  };
  const write = (/** @type {Json} */ next) => {
    entries = Object.entries(isObject(next) ? next : {}).map(([name, one]) => entry(name, one));
    show();
  };
  write(value);
  const read = () => {
    const read = emptyObject();
    for (const { key, control } of entries) read[key.value] = control.read();
    return read;
  };
  return { element: frame.element, read, write };
}

/**
 * @param {TupleShape} shape
 * @param {Json} value
 * @param {Make} make
 * @returns {Control}
 */
function tuple(shape, value, make) {
  const at = (/** @type {Json} */ whole, /** @type {number} */ index) => (Array.isArray(whole) ? whole[index] : null) ?? null;
  const controls = shape.items.map((item, index) => make(`${index}`, item(), at(value, index)));
  return {
    element: h("div", { class: "fields" }, controls.map((control) => control.element)),
    read: () => controls.map((control) => control.read()),
    write: (next) => controls.forEach((control, index) => control.write(at(next, index))),
  };
}

/**
 * @param {ChoiceShape} shape
 * @param {Json} value
 * @param {Make} make
 * @returns {Control}
 */
function choice(shape, value, make) {
  const id = newId("variant");
  const labels = shape.options.map((option, index) => h("option", { value: index }, option.label));
  const select = h("select", { id, "aria-label": "Variant" }, labels);
  const body = h("div");
  /** @type {Control} */
  let control;
  const show = (/** @type {number} */ index, /** @type {Json | undefined} */ next) => {
    const inner = shape.options[index]?.shape();
    if (!inner) return;
    control = make("", inner, next === undefined ? sample(inner) : next);
    fill(body, control.element);
  };
  select.addEventListener("change", () => show(Number(select.value), undefined));
  const write = (/** @type {Json} */ next) => {
    const variant = variantOf(next, shape);
    const index = Math.max(0, shape.options.findIndex((option) => option === variant));
    select.value = String(index);
    show(index, variant ? next : undefined);
  };
  write(value);
  return { element: h("div", { class: "variant" }, select, body), read: () => control.read(), write };
}
