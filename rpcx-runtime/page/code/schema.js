// JSON Schema as shapes: one kind for each thing that the page knows how to show, sample and check. What the page does not
// know is the kind `any`, which is a piece of JSON.

import { emptyObject, isObject } from "./json.js";

/**
 * @import { Json, JsonObject } from "./json.js"
 * @typedef {{ name: string, shape: () => Shape, required: boolean }} Field
 * @typedef {{ label: string, shape: () => Shape }} Option
 * @typedef {{ name: string, docs: string, nullable: boolean, example: Json | undefined }} About
 * @typedef {{ kind: "object", fields: Field[], open: boolean }} ObjectShape
 * @typedef {{ kind: "map", value: () => Shape, numbers: boolean }} MapShape `numbers`: its keys are those of a map of numbers
 * @typedef {{ kind: "list", item: () => Shape, least: number, most: number }} ListShape
 * @typedef {{ kind: "tuple", items: (() => Shape)[] }} TupleShape
 * @typedef {{ kind: "choice", options: Option[] }} ChoiceShape
 * @typedef {{ kind: "enum", values: Json[], labels: string[] }} EnumShape
 * @typedef {{ kind: "integer", least: bigint | null, most: bigint | null, format: string }} IntegerShape
 * @typedef {{ kind: "number", format: string }} NumberShape
 * @typedef {{ kind: "string", format: string, shortest: number, longest: number }} StringShape
 * @typedef {{ kind: "boolean" | "null" | "any" }} PlainShape
 * @typedef {(ObjectShape | MapShape | ListShape | TupleShape | ChoiceShape | EnumShape | IntegerShape | NumberShape
 *   | StringShape | PlainShape) & About} Shape
 */

/** How many references may lead to one another before they are taken for a ring. */
const LONGEST_WAY = 32;

/** The integers that a format stands for, where a schema does not bound them itself. */
const BITS = /^(u?)int(8|16|32|64|128)$/;

/** The schemas that references of a document lead to. */
export class Schemas {
  /** @param {JsonObject} defs */
  constructor(defs) {
    this.defs = defs;
  }

  /**
   * The shape of a schema.
   * @param {Json | undefined} schema
   * @returns {Shape}
   */
  shape(schema) {
    const { plain, name, nullable } = this.resolve(schema);
    const about = { name, docs: text(plain, "description"), nullable, example: example(plain) };
    return { ...about, ...this.kind(plain) };
  }

  /**
   * A schema without references, without parts of `allOf` and without its `null`.
   * @param {Json | undefined} schema
   */
  resolve(schema) {
    let plain = isObject(schema) ? schema : emptyObject();
    let name = text(plain, "title");
    let nullable = false;
    for (let steps = 0; steps < LONGEST_WAY; steps += 1) {
      const next = this.follow(plain);
      if (!next) return { plain, name, nullable };
      plain = next.schema;
      name = next.name || text(plain, "title") || name;
      nullable ||= next.nullable;
    }
    return { plain: emptyObject(), name, nullable };
  }

  /**
   * One step of `resolve`, if there is one.
   * @param {JsonObject} schema
   * @returns {{ schema: JsonObject, name: string, nullable: boolean } | null}
   */
  follow(schema) {
    const { $ref, allOf, ...rest } = schema;
    if (typeof $ref === "string") {
      const name = decodeURIComponent($ref.split("/").at(-1) ?? "");
      const found = this.defs[name];
      return { schema: merged(isObject(found) ? found : emptyObject(), rest), name, nullable: false };
    }
    if (Array.isArray(allOf)) {
      const parts = allOf.map((part) => this.resolve(part));
      const schema = parts.reduce((sum, part) => merged(sum, part.plain), emptyObject());
      return { schema: merged(schema, rest), name: parts.length === 1 ? (parts[0]?.name ?? "") : "", nullable: parts.some((part) => part.nullable) };
    }
    return withoutNull(schema);
  }

  /**
   * @param {JsonObject} schema
   * @returns {any}
   */
  kind(schema) {
    const options = schema.oneOf ?? schema.anyOf;
    if ("const" in schema) return enumOf([schema.const ?? null]);
    if (Array.isArray(schema.enum)) return enumOf(schema.enum);
    if (Array.isArray(options)) return this.choice(options);
    switch (typeOf(schema)) {
      case "object":
        return this.object(schema);
      case "array":
        return this.list(schema);
      case "integer":
        return { kind: "integer", format: text(schema, "format"), ...bounds(schema) };
      case "number":
        return { kind: "number", format: text(schema, "format") };
      case "string":
        return { kind: "string", format: stringFormat(schema), ...lengths(schema) };
      case "boolean":
        return { kind: "boolean" };
      case "null":
        return { kind: "null" };
      default:
        return { kind: "any" };
    }
  }

  /** @param {Json[]} options */
  choice(options) {
    const values = options.map((option) => constantOf(option));
    const labels = options.map((option, index) => this.label(option) || `Variant ${index + 1}`);
    if (values.every((value) => value !== undefined)) return { kind: "enum", values, labels };
    return {
      kind: "choice",
      options: options.map((option, index) => ({ label: labels[index], shape: () => this.shape(option) })),
    };
  }

  /**
   * What a variant is called: its title, or the one name or word that makes it what it is.
   * @param {Json} option
   * @returns {string}
   */
  label(option) {
    const { plain, name } = this.resolve(option);
    if ("const" in plain) return name || String(plain.const);
    const properties = isObject(plain.properties) ? plain.properties : {};
    const tag = Object.values(properties).map(constantOf).find((value) => typeof value === "string");
    const names = Object.keys(properties);
    return String(tag ?? (names.length === 1 ? names[0] : name || text(plain, "type")));
  }

  /** @param {JsonObject} schema */
  object(schema) {
    const properties = isObject(schema.properties) ? schema.properties : null;
    const others = schema.additionalProperties;
    if (!properties && others !== false) {
      return { kind: "map", value: () => this.shape(others), numbers: isObject(schema.propertyNames) };
    }
    const required = Array.isArray(schema.required) ? schema.required : [];
    const fields = Object.entries(properties ?? {}).map(([name, field]) => ({
      name,
      shape: () => this.shape(field),
      required: required.includes(name),
    }));
    return { kind: "object", fields, open: others !== false };
  }

  /** @param {JsonObject} schema */
  list(schema) {
    const first = schema.prefixItems ?? (Array.isArray(schema.items) ? schema.items : undefined);
    if (Array.isArray(first)) return { kind: "tuple", items: first.map((item) => () => this.shape(item)) };
    const item = () => this.shape(schema.items);
    return { kind: "list", item, least: count(schema.minItems, 0), most: count(schema.maxItems, Infinity) };
  }
}

/**
 * @param {JsonObject} schema
 * @param {string} name
 */
function text(schema, name) {
  const value = schema[name];
  return typeof value === "string" ? value : "";
}

/**
 * @param {Json | undefined} value
 * @param {number} otherwise
 */
function count(value, otherwise) {
  return typeof value === "number" ? value : otherwise;
}

/**
 * Values that are called as they are written.
 * @param {Json[]} values
 */
function enumOf(values) {
  return { kind: "enum", values, labels: values.map(String) };
}

/** @param {JsonObject} schema */
function lengths(schema) {
  return { shortest: count(schema.minLength, 0), longest: count(schema.maxLength, Infinity) };
}

/**
 * @param {JsonObject} schema
 * @returns {Json | undefined}
 */
function example(schema) {
  if (Array.isArray(schema.examples) && schema.examples.length > 0) return schema.examples[0];
  return schema.example ?? schema.default;
}

/** @param {JsonObject} schema */
function typeOf(schema) {
  if (typeof schema.type === "string") return schema.type;
  if (isObject(schema.properties)) return "object";
  if (schema.items !== undefined || schema.prefixItems !== undefined) return "array";
  return "";
}

/** @param {JsonObject} schema */
function stringFormat(schema) {
  const encoding = text(schema, "contentEncoding");
  return encoding.startsWith("base64") || schema.format === "byte" ? "base64" : text(schema, "format");
}

/**
 * @param {Json} option
 * @returns {Json | undefined}
 */
function constantOf(option) {
  if (!isObject(option)) return undefined;
  const only = Array.isArray(option.enum) && option.enum.length === 1 ? option.enum[0] : undefined;
  return "const" in option ? option.const : only;
}

/** @param {JsonObject} schema */
function bounds(schema) {
  const [, unsigned, bits] = BITS.exec(text(schema, "format")) ?? [];
  const size = bits ? BigInt(bits) : null;
  const half = size === null ? null : 1n << (size - 1n);
  const least = half === null ? null : unsigned ? 0n : -half;
  const most = half === null ? null : unsigned ? 2n * half - 1n : half - 1n;
  return { least: integer(schema.minimum) ?? least, most: integer(schema.maximum) ?? most };
}

/** @param {Json | undefined} value */
function integer(value) {
  if (typeof value === "bigint") return value;
  return typeof value === "number" && Number.isFinite(value) ? BigInt(Math.trunc(value)) : null;
}

/**
 * Two schemas that both hold; what the second says of a property goes first.
 * @param {JsonObject} a
 * @param {JsonObject} b
 * @returns {JsonObject}
 */
function merged(a, b) {
  const both = { ...a, ...b };
  if (isObject(a.properties) && isObject(b.properties)) both.properties = { ...a.properties, ...b.properties };
  if (Array.isArray(a.required) && Array.isArray(b.required)) both.required = [...a.required, ...b.required];
  return both;
}

/**
 * A schema that is `null` or one other thing, as that other thing.
 * @param {JsonObject} schema
 */
function withoutNull(schema) {
  const { type, ...rest } = schema;
  if (Array.isArray(type)) {
    const others = type.filter((one) => one !== "null");
    const nullable = others.length < type.length;
    if (others.length === 1) return { schema: { ...rest, type: others[0] ?? null }, name: "", nullable };
    return { schema: { ...rest, anyOf: others.map((one) => ({ type: one })) }, name: "", nullable };
  }
  for (const key of ["anyOf", "oneOf"]) {
    const options = schema[key];
    if (!Array.isArray(options)) continue;
    const others = options.filter((one) => !(isObject(one) && one.type === "null"));
    const nullable = others.length < options.length;
    const { [key]: _, ...outside } = schema;
    const [only] = others;
    if (others.length === 1 && isObject(only)) return { schema: merged(only, outside), name: "", nullable };
    if (nullable) return { schema: { ...schema, [key]: others }, name: "", nullable };
  }
  return null;
}

/**
 * The shape of which nothing is known.
 * @type {Shape}
 */
export const ANY = { kind: "any", name: "", docs: "", nullable: true, example: undefined };

/**
 * The name of a shape as one reads it: `MulArgs`, `int64`, `[string]`, `{string: int64}`, `text?`.
 * @param {Shape} shape
 * @param {number} [depth]
 * @returns {string}
 */
export function typeName(shape, depth = 0) {
  const name = shape.name || plainName(shape, depth);
  return shape.nullable && shape.kind !== "any" ? `${name}?` : name;
}

/**
 * @param {Shape} shape
 * @param {number} depth
 * @returns {string}
 */
function plainName(shape, depth) {
  const inner = (/** @type {() => Shape} */ of) => (depth > 3 ? "…" : typeName(of(), depth + 1));
  switch (shape.kind) {
    case "list":
      return `[${inner(shape.item)}]`;
    case "tuple":
      return `(${shape.items.map(inner).join(", ")})`;
    case "map":
      return `{string: ${inner(shape.value)}}`;
    case "object":
      return shape.fields.length ? `{${shape.fields.map((field) => field.name).join(", ")}}` : "{}";
    case "choice":
      return shape.options.map((option) => option.label).join(" | ");
    case "enum":
      return shape.labels.join(" | ");
    case "integer":
    case "number":
      return shape.format || shape.kind;
    case "string":
      return shape.format === "base64" ? "bytes" : shape.format || "string";
    default:
      return shape.kind === "any" ? "JSON" : shape.kind;
  }
}
