// Values to begin with: what a schema gives as an example, else something that fits and that one can read.

import { emptyObject } from "./json.js";

/**
 * @import { Json } from "./json.js"
 * @import { Shape, StringShape, IntegerShape } from "./schema.js"
 */

/** How deep a sample goes into types; one that holds itself ends there. */
const DEEPEST = 5;

/** Texts for fields by a word in their names. @type {[RegExp, string][]} */
const BY_NAME = [
  [/e-?mail/i, "ada@example.org"],
  [/(^|_)(url|uri|link|href)|(Url|URL|Uri|URI)$/, "https://example.org/"],
  [/host|domain/i, "example.org"],
  [/phone/i, "+44 20 7946 0000"],
  [/city|town/i, "London"],
  [/country/i, "GB"],
  [/currency/i, "EUR"],
  [/lang|locale/i, "en"],
  [/title|subject/i, "A title"],
  [/text|body|message|comment|note|desc/i, "Hello"],
  [/(^|_)(key|id)$|(Key|Id|ID)$/i, "a1"],
  [/name|user|author|owner|customer|client|person/i, "Ada"],
];

/** Texts by format. @type {Record<string, () => string>} */
const BY_FORMAT = {
  "date-time": () => new Date().toISOString(),
  date: () => new Date().toISOString().slice(0, 10),
  time: () => new Date().toISOString().slice(11),
  duration: () => "PT1S",
  base64: () => "aGVsbG8=",
  email: () => "ada@example.org",
  uri: () => "https://example.org/",
  hostname: () => "example.org",
  ipv4: () => "192.0.2.1",
  ipv6: () => "2001:db8::1",
  uuid: () => "67e55044-10b1-426f-9247-bb680e5fe0c8",
};

/**
 * A value of this shape.
 * @param {Shape} shape
 * @param {string} [name] of the field that it is for
 * @param {number} [place] of the field among others: numbers beside each other are not the same
 * @param {number} [depth]
 * @returns {Json}
 */
export function sample(shape, name = "", place = 0, depth = 0) {
  if (shape.example !== undefined) return shape.example;
  if (depth > DEEPEST) return shape.nullable ? null : empty(shape);
  switch (shape.kind) {
    case "object":
      return object(shape.fields, depth);
    case "map":
      return entry(shape.numbers ? "1" : "key", sample(shape.value(), "", 0, depth + 1));
    case "list":
      return depth === DEEPEST ? [] : list(shape.item(), Math.max(1, shape.least), name, depth);
    case "tuple":
      return shape.items.map((item, index) => sample(item(), name, index, depth + 1));
    case "choice": {
      const [first] = shape.options;
      return first ? sample(first.shape(), name, place, depth + 1) : null;
    }
    case "enum":
      return shape.values[0] ?? null;
    case "integer":
      return integer(shape, place);
    case "number":
      return (place + 1) * 1.5;
    case "string":
      return string(shape, name);
    default:
      return empty(shape);
  }
}

/**
 * What a new field of this shape has in it before one fills it in.
 * @param {Shape} shape
 * @returns {Json}
 */
function empty(shape) {
  switch (shape.kind) {
    case "object":
    case "map":
      return emptyObject();
    case "list":
    case "tuple":
      return [];
    case "boolean":
      return false;
    case "integer":
    case "number":
      return 0;
    case "string":
      return "";
    default:
      return null;
  }
}

/**
 * @param {import("./schema.js").Field[]} fields
 * @param {number} depth
 */
function object(fields, depth) {
  const value = emptyObject();
  let numbers = 0;
  for (const field of fields) {
    const shape = field.shape();
    value[field.name] = sample(shape, field.name, numbers, depth + 1);
    if (shape.kind === "integer" || shape.kind === "number") numbers += 1;
  }
  return value;
}

/**
 * @param {string} key
 * @param {Json} value
 */
function entry(key, value) {
  const map = emptyObject();
  map[key] = value;
  return map;
}

/**
 * @param {Shape} item
 * @param {number} length
 * @param {string} name
 * @param {number} depth
 */
function list(item, length, name, depth) {
  // Past a few the sample is no longer read.
  return Array.from({ length: Math.min(length, 16) }, (_, index) => sample(item, name, index, depth + 1));
}

/**
 * 10, 20, 30 .. as far as they fit.
 * @param {IntegerShape} shape
 * @param {number} place
 */
function integer({ least, most }, place) {
  const wanted = BigInt(10 * (place + 1));
  const high = most !== null && wanted > most ? most : wanted;
  const fits = least !== null && high < least ? least : high;
  return Number.isSafeInteger(Number(fits)) ? Number(fits) : fits;
}

/**
 * @param {StringShape} shape
 * @param {string} name
 */
function string(shape, name) {
  const byName = BY_NAME.find(([pattern]) => pattern.test(name));
  const value = BY_FORMAT[shape.format]?.() ?? byName?.[1] ?? "text";
  return value.slice(0, shape.longest).padEnd(Math.min(shape.shortest, 1024), "a");
}
