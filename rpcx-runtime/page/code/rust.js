// A call as Rust: typed where all its types are known here, else by name and with JSON.

import { isObject, parseJson } from "./json.js";

/**
 * @import { Json } from "./json.js"
 * @import { Request } from "./request.js"
 * @import { Method } from "./catalog.js"
 * @import { Shape } from "./schema.js"
 */

/**
 * @param {Method} method
 * @param {Request} request
 * @param {string} address `tcp@host:port`
 */
export function rustCall(method, request, address) {
  const typed = method.typed ? argumentsOf(method.args, parseJson(request.args)) : null;
  const call = typed === null ? rawCall(request) : typedCall(request, typed);
  const last = typed === null ? "call(arguments)" : "";
  const steps = [...options(request), ...(last ? [last] : [])].map((step) => `\n    .${step}`).join("");
  return `let channel = rpcx::Channel::connect(${string(address)}).await?;\n${call}${steps}\n    .await?;`;
}

/**
 * @param {Request} request
 * @param {string} args
 */
function typedCall(request, args) {
  const [name = request.service] = request.service.split(/[./]/).slice(-1);
  const client = snake(name);
  return `let ${client} = ${name}Client::new(channel);\nlet reply = ${client}\n    .${snake(request.method)}(${args})`;
}

/** @param {Request} request */
function rawCall(request) {
  const method = `channel\n    .raw(${string(request.service)}, ${string(request.method)})`;
  return `let arguments = ${rawString(request.args)};\nlet reply = ${method}\n    .codec(rpcx::protocol::Codec::JSON)`;
}

/** @param {Request} request */
function options({ metadata, timeout, token }) {
  return [
    ...(timeout ? [`timeout(std::time::Duration::from_millis(${timeout}))`] : []),
    ...(token ? [`auth(${string(token)})`] : []),
    ...metadata.filter((pair) => pair.key).map((pair) => `metadata(${string(pair.key)}, ${string(pair.value)})`),
  ];
}

/**
 * The arguments of a method: a message is one, and an object without a name is what several are together.
 * @param {Shape} shape
 * @param {Json} value
 * @returns {string | null} none if there is something that cannot be written down here
 */
function argumentsOf(shape, value) {
  if (shape.kind === "null") return "";
  if (shape.kind !== "object" || shape.name) return literal(shape, value, 1);
  return all(shape.fields.map((field) => literal(field.shape(), member(value, field.name), 1)));
}

/**
 * @param {Json} value
 * @param {string} name
 * @returns {Json}
 */
function member(value, name) {
  return (isObject(value) ? value[name] : null) ?? null;
}

/**
 * @param {(string | null)[]} parts
 * @returns {string | null}
 */
function all(parts) {
  return parts.includes(null) ? null : parts.join(", ");
}

/**
 * @param {Shape} shape
 * @param {Json} value
 * @param {number} depth
 * @returns {string | null}
 */
function literal(shape, value, depth) {
  if (shape.nullable) {
    const inner = value === null ? "" : literal({ ...shape, nullable: false }, value, depth);
    return inner === null ? null : inner === "" ? "None" : `Some(${inner})`;
  }
  switch (shape.kind) {
    case "integer":
      return typeof value === "number" || typeof value === "bigint" ? String(value) : null;
    case "number":
      return typeof value === "number" ? float(value) : null;
    case "boolean":
      return typeof value === "boolean" ? String(value) : null;
    case "string":
      return typeof value === "string" ? text(shape, value) : null;
    case "map":
      return isObject(value) ? map(shape, value, depth) : null;
    case "enum":
      return variant(shape, value);
    case "list":
      return Array.isArray(value) ? wrapped("vec![", all(value.map((one) => literal(shape.item(), one, depth + 1))), "]") : null;
    case "object":
      return shape.name ? structure(shape, value, depth) : null;
    default:
      return null;
  }
}

/**
 * @param {string} before
 * @param {string | null} inner
 * @param {string} after
 */
function wrapped(before, inner, after) {
  return inner === null ? null : `${before}${inner}${after}`;
}

/**
 * @param {import("./schema.js").StringShape} shape
 * @param {string} value
 */
function text(shape, value) {
  if (shape.format === "base64") {
    const bytes = atob(value);
    return /^[ -~]*$/.test(bytes) ? `b${string(bytes)}.into()` : null;
  }
  if (shape.format) return null;
  // One character is a `char`.
  if (shape.shortest === 1 && shape.longest === 1) return /^[\w ]$/.test(value) ? `'${value}'` : null;
  return `${string(value)}.into()`;
}

/**
 * @param {import("./schema.js").MapShape} shape
 * @param {import("./json.js").JsonObject} value
 * @param {number} depth
 */
function map(shape, value, depth) {
  const entries = Object.entries(value).map(([key, one]) => {
    const name = shape.numbers ? key : `${string(key)}.into()`;
    return wrapped(`(${name}, `, literal(shape.value(), one, depth + 1), ")");
  });
  return wrapped("[", all(entries), "].into()");
}

/**
 * @param {Shape & import("./schema.js").EnumShape} shape
 * @param {Json} value
 */
function variant(shape, value) {
  const label = shape.labels[shape.values.indexOf(value)];
  return shape.name && label && /^[A-Z]\w*$/.test(label) ? `${shape.name}::${label}` : null;
}

/**
 * @param {Shape & import("./schema.js").ObjectShape} shape
 * @param {Json} value
 * @param {number} depth
 */
function structure(shape, value, depth) {
  const fields = shape.fields.map((field) => {
    const inner = literal(field.shape(), member(value, field.name), depth + 1);
    return wrapped(`${snake(field.name)}: `, inner, "");
  });
  const inner = all(fields);
  if (inner === null || inner === "") return wrapped(shape.name, inner, " {}");
  return `${shape.name} { ${inner} }`;
}

/** @param {number} value */
function float(value) {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/**
 * A literal of Rust: of the escapes of JSON it knows some.
 * @param {string} text
 */
function string(text) {
  const escaped = JSON.stringify(text).slice(1, -1);
  return `"${escaped.replace(/\\([bf])|\\u([0-9a-f]{4})/g, (_, short, code) => `\\u{${code ?? (short === "b" ? "8" : "c")}}`)}"`;
}

/** @param {string} text */
function rawString(text) {
  return text.includes('"#') ? `r##"${text}"##` : `r#"${text}"#`;
}

/**
 * The name that Rust has for one of the wire: `UserId` is `user_id`.
 * @param {string} name
 */
function snake(name) {
  return name.replace(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, (_, a, b, c, d) => `${a ?? c}_${b ?? d}`).toLowerCase();
}
