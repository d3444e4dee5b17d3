// What the server says of its services: the document of descriptors, as services and methods with shapes.

import { emptyObject, isObject, parseJson } from "./json.js";
import { ANY, Schemas } from "./schema.js";

/**
 * @import { Json, JsonObject } from "./json.js"
 * @import { Shape } from "./schema.js"
 * @typedef {{ code: string, name: string, docs: string }} KnownError
 * @typedef {{ service: string, name: string, docs: string, args: Shape, reply: Shape | null, typed: boolean,
 *   idempotent: boolean, oneWay: boolean, errors: KnownError[] }} Method
 * @typedef {{ name: string, docs: string, version: string, methods: Method[] }} Service
 * @typedef {{ services: Service[], problem: Problem | null }} Catalog
 * @typedef {{ kind: "none" | "names" | "token" | "failed", text: string }} Problem why there is no document, or none of types
 */

const DOCUMENT = ".well-known/rpcx.json";

/** The same as a call, which a gateway passes on to the server behind it. */
const DESCRIBE = "Reflection/Describe";

/** What a server in Go has in its place. */
const GO_NAMES = "Reflection/GetServices";

/** A method in the text of Go, which writes `type` where `func` is meant. */
const GO_METHOD = /^\s*type \(\s*\w*\s*\*(\S+?)\s*\)\s*(\w+)\(/gm;

/** Of methods without arguments: nothing to fill in. @type {Shape} */
const NOTHING = { kind: "null", name: "", docs: "", nullable: false, example: undefined };

/**
 * Where the server answers, seen from the page: its own folder, which another server may have put anywhere.
 * @param {string} path
 */
export function serverUrl(path) {
  const folder = location.pathname.endsWith("/") ? location.pathname : `${location.pathname}/`;
  return new URL(`${folder}${path}`, location.origin).href;
}

/**
 * Asks the server what it has.
 * @param {string} token
 * @returns {Promise<Catalog>}
 */
export async function loadCatalog(token) {
  try {
    const told = await described(token);
    if (told instanceof Response) return without(await refusal(told));
    return told;
  } catch (error) {
    return without({ kind: "failed", text: `The descriptions cannot be read: ${message(error)}` });
  }
}

/**
 * The document, or as much of it as there is.
 * @param {string} token
 * @returns {Promise<Catalog | Response>} a refusal, if that is all
 */
async function described(token) {
  const document = await ask(DOCUMENT, token, "GET");
  const called = isMissing(document) ? await ask(DESCRIBE, token, "POST") : document;
  if (called.ok) return { services: readCatalog(await called.text()), problem: null };
  const names = isMissing(called) ? await ask(GO_NAMES, token, "POST") : called;
  if (!names.ok) return names;
  const text = "The server tells the names of its methods and no types: their arguments are written as JSON.";
  return { services: readGoNames(await names.text()), problem: { kind: "names", text } };
}

/**
 * @param {string} path
 * @param {string} token
 * @param {"GET" | "POST"} method
 */
function ask(path, token, method) {
  /** @type {Record<string, string>} */
  const headers = { "Content-Type": "application/json", ...(token ? { Authorization: token } : {}) };
  const body = method === "POST" ? '""' : null;
  return fetch(serverUrl(path), { method, headers, body, cache: "no-cache" });
}

/** A gateway does not know of a method behind it that it may be called by GET. @param {Response} response */
function isMissing({ status }) {
  return status === 404 || status === 405;
}

/**
 * The services in a text of Go's, which is a text of JSON.
 * @param {string} json
 * @returns {Service[]}
 */
export function readGoNames(json) {
  /** @type {Map<string, Service>} */
  const found = new Map();
  for (const [, service = "", method = ""] of string(parseJson(json)).matchAll(GO_METHOD)) {
    const known = found.get(service) ?? { name: service, docs: "", version: "", methods: [] };
    known.methods.push(untyped(service, method));
    found.set(service, known);
  }
  return [...found.values()];
}

/** @param {Problem} problem */
function without(problem) {
  return { services: [], problem };
}

/**
 * @param {Response} response
 * @returns {Promise<Problem>}
 */
async function refusal(response) {
  const { status } = response;
  if (status === 401 || status === 403) {
    return { kind: "token", text: "The server describes its services only to callers with a token." };
  }
  if (status === 404) {
    return { kind: "none", text: "The server does not describe its services. Calls can be made by name, with JSON." };
  }
  return { kind: "failed", text: `The server answered ${status} when asked for its descriptions.` };
}

/** @param {unknown} error */
function message(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The services in a document.
 * @param {string} text
 */
export function readCatalog(text) {
  const document = object(parseJson(text));
  const schemas = new Schemas(object(document.$defs));
  return list(document.services).map((one) => service(object(one), schemas));
}

/**
 * A method of which nothing but the name is known.
 * @param {string} service
 * @param {string} name
 * @returns {Method}
 */
export function untyped(service, name) {
  const known = { docs: "", typed: false, idempotent: false, oneWay: false, errors: [] };
  return { service, name, args: ANY, reply: ANY, ...known };
}

/**
 * @param {JsonObject} found
 * @param {Schemas} schemas
 * @returns {Service}
 */
function service(found, schemas) {
  const name = string(found.name);
  const methods = list(found.methods).map((one) => method(name, object(one), schemas));
  return { name, docs: string(found.docs), version: string(found.version), methods };
}

/**
 * @param {string} service
 * @param {JsonObject} found
 * @param {Schemas} schemas
 * @returns {Method}
 */
function method(service, found, schemas) {
  const typed = "args" in found;
  const args = found.args === null ? NOTHING : schemas.shape(found.args);
  return {
    service,
    name: string(found.name),
    docs: string(found.docs),
    typed: typed && args.kind !== "any",
    args: typed ? args : ANY,
    reply: isObject(found.reply) ? schemas.shape(found.reply) : null,
    idempotent: found.idempotent === true,
    oneWay: found.one_way === true,
    errors: list(found.errors).map((one) => knownError(object(one))),
  };
}

/**
 * @param {JsonObject} found
 * @returns {KnownError}
 */
function knownError(found) {
  return { code: string(found.code), name: string(found.name), docs: string(found.docs) };
}

/** @param {Json | undefined} value */
function object(value) {
  return isObject(value) ? value : emptyObject();
}

/** @param {Json | undefined} value */
function list(value) {
  return Array.isArray(value) ? value : [];
}

/** @param {Json | undefined} value */
function string(value) {
  return value === null || value === undefined ? "" : String(value);
}
