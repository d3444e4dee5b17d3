// A call as TypeScript: with the client that is generated for the service where all its types are known here, else by `fetch`.

import { serverUrl } from "./catalog.js";
import { isObject, parseJson } from "./json.js";
import { headersOf, urlOf } from "./request.js";

/**
 * @import { Json } from "./json.js"
 * @import { Request } from "./request.js"
 * @import { Method } from "./catalog.js"
 * @import { Shape } from "./schema.js"
 */

/** What every object has: methods of these names get a sign more. */
const TAKEN = [
  "constructor",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "prototype",
  "then",
  "toJSON",
  "toLocaleString",
  "toString",
  "valueOf",
];

/**
 * @param {Method} method
 * @param {Request} request its arguments are JSON
 */
export function typeScriptCall(method, request) {
  const writer = new Writer();
  const args = method.typed ? writer.argument(method.args, parseJson(request.args)) : null;
  return args === null ? byFetch(request) : generated(request, args, writer.names);
}

/**
 * @param {Request} request
 * @param {string} args
 * @param {Set<string>} names what else of the client is named
 */
function generated(request, args, names) {
  const [last = request.service] = request.service.split(/[./]/).slice(-1);
  const client = `${last}Client`;
  const own = camel(last);
  const ours = ["http", ...[...names].filter((name) => name === "Timestamp")];
  const theirs = [client, ...[...names].filter((name) => name !== "Timestamp")];
  const given = [args, options(request)].filter((part) => part !== "").join(", ");
  return `// client.ts and rpcx.ts: cargo rpcx gen --trait-file ${last.toLowerCase()}.rs --typescript client.ts
${imported(theirs, "client.js")}
${imported(ours, "rpcx.js")}

const ${own} = new ${client}(http(${JSON.stringify(serverUrl("").replace(/\/$/, ""))}));
const reply = await ${own}.${methodName(request.method)}(${given});`;
}

/**
 * An import, put together so that it is not taken for one of this module.
 * @param {string[]} names
 * @param {string} file
 */
function imported(names, file) {
  return ["import {", names.join(", "), "} from", JSON.stringify(`./${file}`) + ";"].join(" ");
}

/** @param {Request} request */
function options({ metadata, timeout, token }) {
  const pairs = metadata.filter((pair) => pair.key).map((pair) => `${JSON.stringify(pair.key)}: ${JSON.stringify(pair.value)}`);
  const all = [
    ...(timeout ? [`timeout: ${timeout}`] : []),
    ...(token ? [`token: ${JSON.stringify(token)}`] : []),
    ...(pairs.length > 0 ? [`metadata: { ${pairs.join(", ")} }`] : []),
  ];
  return all.length > 0 ? `{ ${all.join(", ")} }` : "";
}

/** @param {Request} request */
function byFetch(request) {
  const headers = Object.entries(headersOf(request)).map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`);
  return `const response = await fetch(${JSON.stringify(urlOf(request))}, {
  method: "POST",
  headers: {
${headers.join("")}  },
  body: ${JSON.stringify(request.args)},
});
if (!response.ok) throw new Error((await response.json()).detail);
const reply = await response.json();`;
}

/** Values as generated clients take them. */
class Writer {
  constructor() {
    /** @type {Set<string>} */
    this.names = new Set();
  }

  /**
   * @param {Shape} shape
   * @param {Json} value
   * @returns {string | null} none if there is something that cannot be written down here
   */
  argument(shape, value) {
    return shape.kind === "null" ? "" : this.value(shape, value);
  }

  /**
   * @param {Shape} shape
   * @param {Json | undefined} value nothing, or null, is the zero value
   * @returns {string | null}
   */
  value(shape, value) {
    const given = value ?? null;
    if (shape.nullable && given === null) return "undefined";
    switch (shape.kind) {
      case "integer":
        return integer(shape, given);
      case "number":
        return given === null ? "0" : typeof given === "number" || typeof given === "bigint" ? String(given) : null;
      case "boolean":
        return given === null ? "false" : typeof given === "boolean" ? String(given) : null;
      case "string":
        return this.text(shape, given);
      case "enum":
        return this.variant(shape, given);
      case "list":
        return this.list(shape, given);
      case "map":
        return this.map(shape, given);
      case "object":
        return this.object(shape, given);
      default:
        return null;
    }
  }

  /**
   * @param {import("./schema.js").StringShape} shape
   * @param {Json} given
   */
  text(shape, given) {
    if (given !== null && typeof given !== "string") return null;
    if (shape.format === "date-time") {
      this.names.add("Timestamp");
      return given === null ? "Timestamp.zero" : `Timestamp.parse(${JSON.stringify(given)})`;
    }
    if (shape.format === "base64") {
      if (!given) return "new Uint8Array()";
      return `Uint8Array.from(atob(${JSON.stringify(given)}), (char) => char.charCodeAt(0))`;
    }
    return shape.format ? null : JSON.stringify(given ?? "");
  }

  /**
   * @param {Shape & import("./schema.js").EnumShape} shape
   * @param {Json} given
   */
  variant(shape, given) {
    const label = shape.labels[shape.values.indexOf(given)];
    if (!shape.name || label === undefined || !/^[A-Z]\w*$/.test(label)) return null;
    this.names.add(shape.name);
    return `${shape.name}.${label}`;
  }

  /**
   * @param {import("./schema.js").ListShape} shape
   * @param {Json} given
   */
  list(shape, given) {
    const item = shape.item();
    const items = given === null ? [] : given;
    if (!Array.isArray(items)) return null;
    const written = all(items.map((one) => this.value(item, one)));
    // As many bytes as their type says.
    const isBytes = item.kind === "integer" && item.format === "uint8" && shape.least === shape.most;
    return written === null ? null : isBytes ? `Uint8Array.of(${written})` : `[${written}]`;
  }

  /**
   * @param {import("./schema.js").MapShape} shape
   * @param {Json} given
   */
  map(shape, given) {
    if (given === null) return "new Map()";
    // Whether the numbers have 64 bits is not told.
    if (!isObject(given) || shape.numbers) return null;
    const entries = all(
      Object.entries(given).map(([key, one]) => {
        const value = this.value(shape.value(), one);
        return value === null ? null : `[${JSON.stringify(key)}, ${value}]`;
      }),
    );
    return entries === null ? null : `new Map([${entries}])`;
  }

  /**
   * @param {import("./schema.js").ObjectShape} shape
   * @param {Json} given
   */
  object(shape, given) {
    if (given !== null && !isObject(given)) return null;
    const names = members(shape.fields.map((field) => field.name));
    const fields = shape.fields.map((field, index) => {
      const value = this.value(field.shape(), given?.[field.name]);
      return value === null ? null : `${member(names[index] ?? field.name)}: ${value}`;
    });
    const inner = all(fields);
    return inner === null ? null : inner === "" ? "{}" : `{ ${inner} }`;
  }
}

/**
 * @param {import("./schema.js").IntegerShape} shape
 * @param {Json} given
 */
function integer(shape, given) {
  if (given !== null && typeof given !== "number" && typeof given !== "bigint") return null;
  if (!/^u?int(8|16|32|64)$/.test(shape.format)) return null;
  return `${given ?? 0}${shape.format.endsWith("64") ? "n" : ""}`;
}

/** @param {(string | null)[]} parts */
function all(parts) {
  return parts.includes(null) ? null : parts.join(", ");
}

/** @param {string} name */
function member(name) {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/**
 * The names of members, from those on the wire. Names that only their case or their signs tell apart stay as they are.
 * @param {string[]} wires
 */
function members(wires) {
  const plain = wires.map(camel);
  const count = (/** @type {string[]} */ names, /** @type {string} */ name) => names.filter((other) => other === name).length;
  const named = wires.map((wire, index) => (count(plain, plain[index] ?? "") === 1 ? (plain[index] ?? wire) : wire));
  return named.every((name) => count(named, name) === 1) ? named : wires;
}

/** @param {string} wire */
function methodName(wire) {
  const name = camel(wire);
  return TAKEN.includes(name) ? `${name}_` : name;
}

/**
 * The name that a generated client has for one of the wire: `UserId` is `userId`, `HTTPServer` is `httpServer`.
 * @param {string} wire
 */
function camel(wire) {
  const shouts = !/\p{Ll}/u.test(wire);
  const words = wire.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const [first = "", ...others] = shouts ? words.map((word) => word.toLowerCase()) : words;
  const front = first.replace(/^\p{Lu}+(?=\p{Lu}\p{L})|^\p{Lu}+/u, (capitals) => capitals.toLowerCase());
  return front + others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
