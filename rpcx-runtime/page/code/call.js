// Makes a call, and says what is known of it afterwards.

import { headersOf, metadataPairs, urlOf } from "./request.js";
import { isObject, layOut, parseJson, printJson } from "./json.js";

/**
 * @import { Json } from "./json.js"
 * @import { Pair, Request } from "./request.js"
 * @typedef {"ok" | "ran" | "not-run" | "unknown"} Outcome
 * @typedef {{ text: string, reason: string, code: string, data: string }} Failure
 * @typedef {{ outcome: Outcome, status: number, milliseconds: number, size: number, body: string, failure: Failure | null,
 *   metadata: Pair[], requestId: string }} Reply `body` and `data`: JSON, laid out
 */

/** How much longer than the server the page waits, in milliseconds: the answer that the time is over has to come. */
const GRACE = 2000;

/** The longest timer of a browser. */
const LONGEST = 2 ** 31 - 1;

/**
 * @param {Request} request
 * @param {AbortSignal} cancel
 * @returns {Promise<Reply>} whatever happens: a failure is a reply, too
 */
export async function call(request, cancel) {
  const begin = performance.now();
  const past = () => performance.now() - begin;
  try {
    const response = await fetch(urlOf(request), {
      method: "POST",
      headers: headersOf(request),
      body: request.args,
      signal: within(request, cancel),
      cache: "no-store",
    });
    const bytes = await response.arrayBuffer();
    return reply(response, bytes, past());
  } catch (error) {
    return unanswered(explained(error, cancel), past());
  }
}

/**
 * Until when a call is waited for.
 * @param {Request} request
 * @param {AbortSignal} cancel
 */
export function within(request, cancel) {
  const milliseconds = Number(request.timeout);
  if (!request.timeout || milliseconds >= LONGEST - GRACE) return cancel;
  return AbortSignal.any([cancel, AbortSignal.timeout(milliseconds + GRACE)]);
}

/**
 * A call of which no answer came, and why.
 * @param {string} text
 * @param {number} milliseconds
 * @returns {Reply}
 */
export function unanswered(text, milliseconds) {
  return { ...nothing(milliseconds), failure: { text, reason: "", code: "", data: "" } };
}

/**
 * A call of which nothing is known yet.
 * @param {number} milliseconds
 * @returns {Reply}
 */
export function nothing(milliseconds) {
  return { outcome: "unknown", status: 0, milliseconds, size: 0, body: "", failure: null, metadata: [], requestId: "" };
}

/**
 * @param {unknown} error
 * @param {AbortSignal} cancel
 */
export function explained(error, cancel) {
  if (cancel.aborted) return "Cancelled here. The method may have run.";
  if (error instanceof DOMException && error.name === "TimeoutError") return "No answer came within the timeout.";
  return `No answer came: ${error instanceof Error ? error.message : error}. Is the server running?`;
}

/**
 * @param {Response} response
 * @param {ArrayBuffer} bytes
 * @param {number} milliseconds
 * @returns {Reply}
 */
function reply(response, bytes, milliseconds) {
  const body = new TextDecoder().decode(bytes);
  const { headers, status } = response;
  const known = {
    ...nothing(milliseconds),
    status,
    size: bytes.byteLength,
    metadata: metadataPairs(headers.get("X-RPCX-Meta") ?? ""),
    requestId: headers.get("X-Request-Id") ?? "",
  };
  if (response.ok) return { ...known, outcome: "ok", body: layOut(body) };
  return { ...known, ...failed(body, status) };
}

/**
 * @param {string} body
 * @param {number} status
 * @returns {{ outcome: Outcome, failure: Failure }}
 */
function failed(body, status) {
  const problem = parsed(body);
  if (!isObject(problem)) {
    const text = body.trim().slice(0, 2000) || `The server answered ${status}, without a reason.`;
    return { outcome: "unknown", failure: { text, reason: "", code: "", data: "" } };
  }
  const outcome = problem.outcome === "ran" || problem.outcome === "not-run" ? problem.outcome : "unknown";
  const text = (/** @type {string} */ name) => (problem[name] === undefined ? "" : String(problem[name]));
  const data = problem.data === undefined ? "" : printJson(problem.data);
  return {
    outcome,
    failure: { text: text("detail") || text("title"), reason: text("reason"), code: text("code"), data },
  };
}

/**
 * @param {string} body
 * @returns {Json}
 */
function parsed(body) {
  try {
    return parseJson(body);
  } catch {
    return null;
  }
}
