// Where one is in the page, as its address says: `#/Arith/Mul?args={"A":1}&meta=tenant%3Dblue&timeout=500`. It stands behind
// the `#`, so it reaches no server and no log.

import { metadataPairs, metadataQuery } from "./request.js";

/**
 * @import { Request } from "./request.js"
 * @typedef {{ service: string, method: string, args: string | null, metadata: import("./request.js").Pair[], timeout: string }} Route
 */

/**
 * @param {string} hash
 * @returns {Route}
 */
export function readRoute(hash) {
  const [path = "", query = ""] = splitOnce(hash.replace(/^#\/?/, ""), "?");
  const [service = "", method = ""] = splitLast(path, "/");
  const values = new URLSearchParams(query);
  return {
    service: decoded(service),
    method: decoded(method),
    args: values.get("args"),
    metadata: metadataPairs(values.get("meta") ?? ""),
    timeout: values.get("timeout") ?? "",
  };
}

/**
 * @param {string} service
 * @param {string} method
 */
export function linkTo(service, method) {
  return `#/${service.split("/").map(encodeURIComponent).join("/")}/${encodeURIComponent(method)}`;
}

/**
 * A link to a method with all that is filled in but the token.
 * @param {Request} request
 */
export function deepLink(request) {
  const query = new URLSearchParams();
  if (request.args) query.set("args", request.args);
  if (metadataQuery(request.metadata)) query.set("meta", metadataQuery(request.metadata));
  if (request.timeout) query.set("timeout", request.timeout);
  return `${linkTo(request.service, request.method)}?${query}`;
}

/**
 * @param {string} text
 * @param {string} mark
 */
function splitOnce(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

/**
 * @param {string} text
 * @param {string} mark
 */
function splitLast(text, mark) {
  const at = text.lastIndexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
