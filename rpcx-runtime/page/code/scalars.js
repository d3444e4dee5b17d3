// Controls for values without parts.

import { fromBase64, textToBase64 } from "./base64.js";
import { check } from "./check.js";
import { h, newId } from "./dom.js";
import { compactJson, parseJson } from "./json.js";

/**
 * @import { Json } from "./json.js"
 * @import { Shape, EnumShape, IntegerShape, StringShape } from "./schema.js"
 * @typedef {{ element: HTMLElement, read: () => Json, write: (value: Json) => void }} Control
 * @typedef {{ id: string, label: string, docs: string }} Names the ids of the control, of its label and of what describes it
 */

/**
 * @param {Shape} shape
 * @param {Json} value
 * @param {Names} names
 * @returns {Control | null} none for a value that has parts
 */
export function scalar(shape, value, names) {
  switch (shape.kind) {
    case "integer":
      return number(shape, value, names, /** @type {Shape & IntegerShape} */ (shape));
    case "number":
      return number(shape, value, names, null);
    case "string":
      return shape.format === "base64" ? bytes(value, names) : string(shape, value, names);
    case "boolean":
      return boolean(value, names);
    case "enum":
      return choice(shape, value, names);
    case "null":
      return { element: h("output", { id: names.id, class: "nothing" }, "null"), read: () => null, write: () => {} };
    case "any":
      return piece(value, names);
    default:
      return null;
  }
}

/**
 * An input or a text area whose text is a value, and says so when it is none.
 * @param {HTMLInputElement | HTMLTextAreaElement} input
 * @param {(text: string) => Json} parse throws what is wrong
 * @param {(value: Json) => string} print
 * @param {Json} value
 * @returns {Control}
 */
function typed(input, parse, print, value) {
  const wrong = h("p", { class: "wrong", id: newId("wrong"), hidden: true });
  const about = input.getAttribute("aria-describedby") ?? "";
  const judge = () => {
    const text = mistake(() => parse(input.value));
    wrong.textContent = text;
    wrong.hidden = text === "";
    input.setAttribute("aria-invalid", String(text !== ""));
    input.setAttribute("aria-describedby", text ? `${about} ${wrong.id}` : about);
  };
  const write = (/** @type {Json} */ next) => {
    input.value = print(next);
    judge();
  };
  input.addEventListener("input", judge);
  write(value);
  const read = () => {
    try {
      return parse(input.value);
    } catch {
      return input.value;
    }
  };
  return { element: h("div", { class: "typed" }, input, wrong), read, write };
}

/** @param {() => void} run */
function mistake(run) {
  try {
    run();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @param {Names} names */
function attributes(names) {
  return { id: names.id, "aria-describedby": names.docs, spellcheck: "false", autocomplete: "off" };
}

/**
 * @param {Shape} shape
 * @param {Json} value
 * @param {Names} names
 * @param {IntegerShape | null} whole the bounds, of an integer
 */
function number(shape, value, names, whole) {
  const input = h("input", { ...attributes(names), inputmode: whole ? "numeric" : "decimal", class: "number" });
  const parse = (/** @type {string} */ text) => {
    const value = /^\s*[-\d.eE+]+\s*$/.test(text) ? parseJson(text) : text;
    const [first] = check(value, shape);
    if (first) throw new Error(text.trim() === "" ? "A number is expected" : capital(first.text));
    return value;
  };
  const print = (/** @type {Json} */ value) => (typeof value === "string" ? value : compactJson(value));
  const control = typed(input, parse, print, value);
  if (whole) input.addEventListener("keydown", (event) => step(event, control, input));
  return control;
}

/**
 * Arrow keys count up and down.
 * @param {KeyboardEvent} event
 * @param {Control} control
 * @param {HTMLInputElement} input
 */
function step(event, control, input) {
  const by = event.key === "ArrowUp" ? 1n : event.key === "ArrowDown" ? -1n : 0n;
  const now = control.read();
  if (by === 0n || typeof now === "string" || now === null) return;
  event.preventDefault();
  input.value = String(BigInt(String(now)) + by);
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * @param {StringShape & Shape} shape
 * @param {Json} value
 * @param {Names} names
 */
function string(shape, value, names) {
  const isTime = shape.format === "date-time";
  const input = shape.format ? h("input", attributes(names)) : h("textarea", { ...attributes(names), rows: 1 });
  const parse = (/** @type {string} */ text) => {
    if (isTime && Number.isNaN(Date.parse(text))) throw new Error("A time is expected, such as 2030-01-31T12:00:00Z");
    const [first] = check(text, shape);
    if (first) throw new Error(capital(first.text));
    return text;
  };
  const control = typed(input, parse, (value) => (typeof value === "string" ? value : compactJson(value)), value);
  if (isTime) control.element.append(now(control, input));
  return control;
}

/**
 * @param {Control} control
 * @param {HTMLElement} input
 */
function now(control, input) {
  const set = () => {
    control.write(new Date().toISOString());
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  return h("button", { type: "button", class: "small", onclick: set }, "Now");
}

/**
 * Bytes are base64 in JSON; in the form they are a text, if they are one.
 * @param {Json} value
 * @param {Names} names
 */
function bytes(value, names) {
  const input = h("textarea", { ...attributes(names), rows: 1 });
  const form = h("select", { class: "small", "aria-label": "Bytes are written as" });
  form.append(h("option", { value: "text" }, "text"), h("option", { value: "base64" }, "base64"));
  const parse = (/** @type {string} */ text) => {
    if (form.value === "text") return textToBase64(text);
    if (mistake(() => atob(text))) throw new Error("Base64 is expected");
    return text;
  };
  const print = (/** @type {Json} */ value) => {
    const text = fromBase64(String(value ?? ""));
    form.value = text === null ? "base64" : "text";
    return text ?? String(value ?? "");
  };
  const control = typed(input, parse, print, value);
  form.addEventListener("change", () => {
    const text = form.value === "text" ? fromBase64(input.value) : textToBase64(input.value);
    if (text === null) form.value = "base64";
    else input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  control.element.append(form);
  return control;
}

/**
 * @param {Json} value
 * @param {Names} names
 * @returns {Control}
 */
function boolean(value, names) {
  const input = h("input", { type: "checkbox", role: "switch", id: names.id, "aria-describedby": names.docs });
  const write = (/** @type {Json} */ value) => void (input.checked = value === true);
  write(value);
  return { element: h("div", { class: "switch" }, input), read: () => input.checked, write };
}

/**
 * @param {EnumShape} shape
 * @param {Json} value
 * @param {Names} names
 * @returns {Control}
 */
function choice(shape, value, names) {
  const options = shape.labels.map((label, index) => h("option", { value: index }, label));
  const select = h("select", { id: names.id, "aria-describedby": names.docs }, options);
  const write = (/** @type {Json} */ value) => void (select.value = String(Math.max(0, shape.values.indexOf(value))));
  write(value);
  return { element: select, read: () => shape.values[Number(select.value)] ?? null, write };
}

/**
 * A piece of JSON, for what has no type.
 * @param {Json} value
 * @param {Names} names
 */
function piece(value, names) {
  const input = h("textarea", { ...attributes(names), rows: 1, class: "code" });
  return typed(input, parseJson, compactJson, value);
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
