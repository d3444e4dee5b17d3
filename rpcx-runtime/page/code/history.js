// The last calls with their replies, the newest first. No tokens are in it.

import { keep, kept } from "./store.js";
import { withoutToken } from "./request.js";

/**
 * @import { Reply } from "./call.js"
 * @import { Request } from "./request.js"
 * @typedef {{ at: number, request: Request, reply: Reply }} Entry `at`: in milliseconds since 1970
 */

/** How many calls are kept. */
const MOST = 100;

/** The longest reply that is kept, in characters; of a longer one the rest is cut. */
const LONGEST = 32 * 1024;

export class History {
  constructor() {
    /** @type {Entry[]} */
    this.entries = stored();
  }

  /**
   * @param {Request} request
   * @param {Reply} reply
   */
  add(request, reply) {
    const cut = { ...reply, body: reply.body.slice(0, LONGEST) };
    // Another tab may have called meanwhile.
    this.entries = [{ at: Date.now(), request: withoutToken(request), reply: cut }, ...stored()].slice(0, MOST);
    this.save();
  }

  clear() {
    this.entries = [];
    this.save();
  }

  /** Where there is no room the oldest are not kept. */
  save() {
    for (let count = this.entries.length; ; count = Math.floor(count / 2)) {
      if (keep("history", JSON.stringify(this.entries.slice(0, count))) || count === 0) return;
    }
  }
}

/** @returns {Entry[]} */
function stored() {
  try {
    const entries = JSON.parse(kept("history") || "[]");
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}

/**
 * What another version has kept may be of another form.
 * @param {any} entry
 * @returns {entry is Entry}
 */
function isEntry(entry) {
  const { request, reply } = entry ?? {};
  const isRequest = [request?.service, request?.method, request?.args, request?.timeout].every((one) => typeof one === "string");
  const isReply = typeof reply?.outcome === "string" && typeof reply.body === "string" && Array.isArray(reply.metadata);
  return typeof entry?.at === "number" && isRequest && isReply && Array.isArray(request.metadata);
}
