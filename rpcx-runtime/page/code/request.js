// A call as the page has it, and as HTTP sends it.

import { serverUrl } from "./catalog.js";

/**
 * @typedef {{ key: string, value: string }} Pair
 * @typedef {{ service: string, method: string, args: string, metadata: Pair[], timeout: string, token: string }} Request
 *   `args`: JSON; `timeout`: milliseconds, or nothing
 */

/**
 * Metadata as the query that the header `X-RPCX-Meta` takes.
 * @param {Pair[]} metadata
 */
export function metadataQuery(metadata) {
  const named = metadata.filter((pair) => pair.key !== "");
  return new URLSearchParams(named.map((pair) => [pair.key, pair.value])).toString();
}

/**
 * The pairs of such a query.
 * @param {string} query
 * @returns {Pair[]}
 */
export function metadataPairs(query) {
  return [...new URLSearchParams(query)].map(([key, value]) => ({ key, value }));
}

/**
 * The headers of a call; one that says nothing is left out.
 * @param {Request} request
 * @returns {Record<string, string>}
 */
export function headersOf(request) {
  const query = metadataQuery(request.metadata);
  return {
    "Content-Type": "application/json",
    ...(request.token ? { Authorization: request.token } : {}),
    ...(query ? { "X-RPCX-Meta": query } : {}),
    ...(request.timeout ? { "X-RPCX-Timeout-Ms": request.timeout } : {}),
  };
}

/** @param {Request} request */
export function urlOf(request) {
  const service = request.service.split("/").map(encodeURIComponent).join("/");
  return serverUrl(`${service}/${encodeURIComponent(request.method)}`);
}

/**
 * A call without its token, which is kept nowhere.
 * @param {Request} request
 * @returns {Request}
 */
export function withoutToken(request) {
  return { ...request, token: "" };
}

