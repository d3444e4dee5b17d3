// The types of a method as one reads them: fields with types and docs, and the errors that it may answer with.

import { h } from "./dom.js";
import { renderDocs } from "./docs.js";
import { typeName } from "./schema.js";

/**
 * @import { Method } from "./catalog.js"
 * @import { Shape, Field } from "./schema.js"
 */

/** How many named types are shown of one method. */
const MOST = 40;

/** @param {Method} method */
export function typesPanel(method) {
  const types = named([method.args, ...(method.reply ? [method.reply] : [])]);
  const parts = [...types.map(typeOf), ...(method.errors.length ? [errors(method)] : [])];
  if (!parts.length) return null;
  const label = method.errors.length ? (types.length ? "Types and errors" : "Errors") : "Types";
  return h("details", { class: "types" }, h("summary", {}, h("span", {}, label)), parts);
}

/** `Mul(MulArgs) → MulReply`, without the name. @param {Method} method */
export function signature(method) {
  if (!method.typed) return "";
  const args = method.args.kind === "null" ? "" : argumentList(method.args);
  const reply = method.reply ? (method.reply.kind === "null" ? "" : ` → ${typeName(method.reply)}`) : "";
  return `(${args})${reply}`;
}

/** @param {Shape} args */
function argumentList(args) {
  if (args.name || args.kind !== "object") return typeName(args);
  return args.fields.map((field) => `${field.name}: ${typeName(field.shape())}`).join(", ");
}

/**
 * The named types that shapes lead to, each once.
 * @param {Shape[]} roots
 */
function named(roots) {
  const found = new Map(/** @type {[string, Shape][]} */ ([]));
  const open = [...roots];
  for (let shape = open.shift(); shape && found.size < MOST; shape = open.shift()) {
    if (shape.name && found.has(shape.name)) continue;
    if (shape.name && shape.kind !== "any") found.set(shape.name, shape);
    open.push(...parts(shape));
  }
  return [...found.values()];
}

/**
 * @param {Shape} shape
 * @returns {Shape[]}
 */
function parts(shape) {
  switch (shape.kind) {
    case "object":
      return shape.fields.map((field) => field.shape());
    case "list":
      return [shape.item()];
    case "map":
      return [shape.value()];
    case "tuple":
      return shape.items.map((item) => item());
    case "choice":
      return shape.options.map((option) => option.shape());
    default:
      return [];
  }
}

/** @param {Shape} shape */
function typeOf(shape) {
  const docs = shape.docs ? h("div", { class: "docs" }, renderDocs(shape.docs)) : null;
  return h("section", {}, h("h3", {}, shape.name), docs, shape.kind === "object" ? fields(shape.fields) : h("p", {}, h("code", {}, inner(shape))));
}

/** A type without its own name. @param {Shape} shape */
function inner(shape) {
  return typeName({ ...shape, name: "", nullable: false });
}

/** @param {Field[]} all */
function fields(all) {
  const row = (/** @type {Field} */ { name, shape }) => {
    const type = shape();
    return [h("dt", {}, h("code", {}, name), " ", h("span", { class: "type" }, typeName(type))), h("dd", {}, type.docs ? renderDocs(type.docs) : null)];
  };
  return h("dl", { class: "members" }, all.flatMap(row));
}

/** @param {Method} method */
function errors(method) {
  const rows = method.errors.flatMap(({ code, name, docs }) => [
    h("dt", {}, h("code", {}, name), " ", h("span", { class: "type" }, code)),
    h("dd", {}, docs ? renderDocs(docs) : null),
  ]);
  return h("section", {}, h("h3", {}, "Errors"), h("dl", { class: "members" }, rows));
}
