// A call as something to paste elsewhere.

import { compactJson, parseJson } from "./json.js";
import { headersOf, urlOf } from "./request.js";
import { rustCall } from "./rust.js";
import { typeScriptCall } from "./typescript.js";

/**
 * @import { Request } from "./request.js"
 * @import { Method } from "./catalog.js"
 * @typedef {{ name: string, make: (method: Method, request: Request) => string }} Language
 */

/** @type {Language[]} */
export const LANGUAGES = [
  { name: "curl", make: (_, request) => curl(request) },
  { name: "rpcx call", make: (_, request) => commandLine(request) },
  { name: "Rust", make: (method, request) => rustCall(method, oneLine(request), address()) },
  { name: "TypeScript", make: (method, request) => typeScriptCall(method, oneLine(request)) },
];

/**
 * The arguments on one line, if they are JSON.
 * @param {Request} request
 */
function oneLine(request) {
  return { ...request, args: compactJson(parseJson(request.args)) };
}

/** The server behind this page, as clients of rpcx name it. */
function address() {
  const port = location.port || (location.protocol === "https:" ? "443" : "80");
  return `tcp@${location.hostname}:${port}`;
}

/**
 * A word of a shell.
 * @param {string} text
 */
function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** @param {string[]} lines */
function command(lines) {
  return lines.join(" \\\n  ");
}

/** @param {Request} request */
function curl(request) {
  const { "Content-Type": _, ...headers } = headersOf(request);
  const lines = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  return command([`curl -d ${quoted(oneLine(request).args)}`, ...lines, quoted(urlOf(request))]);
}

/** @param {Request} request */
function commandLine(request) {
  const { args, metadata, service, method, timeout, token } = oneLine(request);
  const call = `rpcx call ${quoted(address())} ${quoted(`${service}.${method}`)} ${quoted(args)}`;
  return command([
    call,
    ...(location.protocol === "https:" ? ["--tls"] : []),
    ...(token ? [`--token ${quoted(token)}`] : []),
    ...(timeout ? [`--timeout ${timeout}ms`] : []),
    ...metadata.filter((pair) => pair.key).map((pair) => `--metadata ${quoted(`${pair.key}=${pair.value}`)}`),
  ]);
}
