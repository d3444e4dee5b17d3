// Whether a value is one of a shape. What is wrong is said with the path to it, and as the server would mean it: a field that
// is missing reads as its zero value, one that is not known is skipped.

import { compactJson, isObject } from "./json.js";
import { typeName } from "./schema.js";

/**
 * @import { Json } from "./json.js"
 * @import { Shape, IntegerShape } from "./schema.js"
 * @typedef {{ path: string, text: string, hint: boolean }} Finding `hint`: the call can be made all the same
 */

/** More of them are not read. */
const MOST = 20;

/** Of a field that has to be there: what a variant is told by, and else a zero value. */
export const MISSING = "is missing";

/**
 * @param {Json} value
 * @param {Shape} shape
 * @returns {Finding[]}
 */
export function check(value, shape) {
  /** @type {Finding[]} */
  const found = [];
  walk(value, shape, "", found);
  return found.slice(0, MOST);
}

/**
 * @param {Json} value
 * @param {Shape} shape
 * @param {string} path
 * @param {Finding[]} found
 * @returns {void}
 */
function walk(value, shape, path, found) {
  const wrong = (/** @type {string} */ text) => void found.push({ path, text, hint: false });
  const expected = () => wrong(`${typeName(shape)} is expected, this is ${nameOf(value)}`);
  if (found.length >= MOST || shape.kind === "any" || (value === null && shape.nullable)) return;
  switch (shape.kind) {
    case "object":
      return isObject(value) ? object(value, shape, path, found) : expected();
    case "map":
      if (!isObject(value)) return expected();
      return Object.entries(value).forEach(([key, one]) => walk(one, shape.value(), join(path, key), found));
    case "list":
      if (!Array.isArray(value)) return expected();
      if (value.length < shape.least) wrong(`at least ${shape.least} are expected`);
      if (value.length > shape.most) wrong(`at most ${shape.most} are expected`);
      return value.forEach((one, index) => walk(one, shape.item(), join(path, index), found));
    case "tuple":
      if (!Array.isArray(value) || value.length !== shape.items.length) return expected();
      return shape.items.forEach((item, index) => walk(value[index] ?? null, item(), join(path, index), found));
    case "choice":
      if (!variantOf(value, shape)) wrong(`none of ${shape.options.map((option) => option.label).join(", ")}`);
      return undefined;
    case "enum":
      return shape.values.includes(value) ? undefined : wrong(`one of ${shape.values.map(compactJson).join(", ")} is expected`);
    case "integer":
      return integer(value, shape, wrong, expected);
    case "string":
      if (typeof value !== "string") return expected();
      if ([...value].length < shape.shortest) return wrong(`at least ${shape.shortest} characters are expected`);
      return [...value].length > shape.longest ? wrong(`at most ${shape.longest} characters are expected`) : undefined;
    default:
      return isPlain(value, shape.kind) ? undefined : expected();
  }
}

/**
 * @param {import("./json.js").JsonObject} value
 * @param {import("./schema.js").ObjectShape} shape
 * @param {string} path
 * @param {Finding[]} found
 */
function object(value, shape, path, found) {
  const known = new Map(shape.fields.map((field) => [field.name, field]));
  for (const [name, one] of Object.entries(value)) {
    const field = known.get(name);
    if (field) {
      walk(one, field.shape(), join(path, name), found);
    } else {
      found.push({ path: join(path, name), text: unknown(name, [...known.keys()]), hint: true });
    }
  }
  for (const { name, required } of shape.fields) {
    if (required && !(name in value)) found.push({ path: join(path, name), text: MISSING, hint: true });
  }
}

/**
 * @param {Json} value
 * @param {IntegerShape} shape
 * @param {(text: string) => void} wrong
 * @param {() => void} expected
 */
function integer(value, { least, most }, wrong, expected) {
  const isWhole = typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
  if (!isWhole) return expected();
  const whole = BigInt(value);
  if (least !== null && whole < least) return wrong(`at least ${least} is expected`);
  if (most !== null && whole > most) return wrong(`at most ${most} is expected`);
  return undefined;
}

/**
 * The variant that a value is one of: the first that it fits, without hints if there is such a one.
 * @param {Json} value
 * @param {import("./schema.js").ChoiceShape} shape
 */
export function variantOf(value, shape) {
  const fitting = shape.options.map((option) => ({ option, found: check(value, option.shape()) }));
  const clean = fitting.find(({ found }) => found.length === 0);
  return (clean ?? fitting.find(({ found }) => found.every((one) => one.hint && one.text !== MISSING)))?.option;
}

/**
 * @param {string} name
 * @param {string[]} known
 */
function unknown(name, known) {
  const near = known.find((one) => one.toLowerCase() === name.toLowerCase().replaceAll("_", ""));
  return near ? `is no field: ${near} is meant` : "is no field, the server skips it";
}

/**
 * @param {Json} value
 * @param {string} kind
 */
function isPlain(value, kind) {
  if (kind === "null") return value === null;
  return kind === "number" ? typeof value === "number" || typeof value === "bigint" : typeof value === kind;
}

/** @param {Json} value */
function nameOf(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "an object";
  if (typeof value === "boolean") return String(value);
  return typeof value === "string" ? "a text" : `the number ${value}`;
}

/**
 * @param {string} path
 * @param {string | number} step
 */
function join(path, step) {
  if (typeof step === "number") return `${path}[${step}]`;
  return path ? `${path}.${step}` : step;
}
