// The reply to a call, or what is known of one that failed.

import { copyButton } from "./clipboard.js";
import { fill, h } from "./dom.js";
import { highlighted } from "./highlight.js";
import { renderDocs } from "./docs.js";

/**
 * @import { Method } from "./catalog.js"
 * @import { Failure, Outcome, Reply } from "./call.js"
 * @import { Pair } from "./request.js"
 */

/** What each outcome is called, and what it means for the caller. @type {Record<Outcome, [string, string]>} */
const OUTCOMES = {
  ok: ["OK", ""],
  ran: ["Error", "The method ran and answered with this error."],
  "not-run": ["Did not run", "The server did not run the method. The call may be made again."],
  unknown: ["Unknown", "No valid reply came: the method may have run."],
};

/** A running call is only told of when it takes long, in milliseconds. */
const PATIENCE = 150;

/** The longest reply that is shown without being asked for, in characters. */
const LONGEST = 200_000;

export class ReplyPanel {
  constructor() {
    this.body = h("div", { class: "reply" });
    this.status = h("p", { class: "unseen", role: "status" });
    this.element = h("section", { "aria-label": "Reply" }, this.status, this.body);
    this.timer = 0;
    this.empty();
  }

  empty() {
    this.stop();
    const keys = h("p", { class: "muted" }, "Send the call to see its reply here: ", h("kbd", {}, "Ctrl"), " ", h("kbd", {}, "Enter"));
    fill(this.body, h("h2", {}, "Reply"), h("div", { class: "vacant" }, keys));
  }

  /** @param {() => void} cancel */
  running(cancel) {
    this.stop();
    const begin = performance.now();
    const time = h("span", { class: "figure" });
    const bar = h("div", { class: "outcome running" }, h("strong", {}, "Running"), time, h("button", { type: "button", class: "small", onclick: cancel }, "Cancel"));
    const tick = () => fill(time, duration(performance.now() - begin));
    this.timer = setInterval(() => {
      tick();
      if (!bar.isConnected) fill(this.body, h("h2", {}, "Reply"), bar);
    }, PATIENCE);
  }

  stop() {
    clearInterval(this.timer);
  }

  /**
   * @param {Reply} reply
   * @param {Method} method
   * @param {string} when of a call of the history
   */
  show(reply, method, when = "") {
    this.stop();
    const [name, meaning] = OUTCOMES[reply.outcome];
    const told = [duration(reply.milliseconds), size(reply.size)];
    fill(
      this.body,
      h("h2", {}, "Reply", when ? h("span", { class: "muted" }, ` of ${when}`) : null),
      h("div", { class: `outcome ${reply.outcome}` }, h("strong", {}, name), told.map((one) => h("span", { class: "figure" }, one)), reply.status ? h("span", { class: "figure" }, `HTTP ${reply.status}`) : null),
      reply.failure ? failure(reply.failure, meaning, method) : value(reply.body, method),
      pairs("Metadata", reply.metadata),
      reply.requestId ? h("p", { class: "request-id muted" }, "Request ", h("code", {}, reply.requestId)) : null,
    );
    fill(this.status, `${name}, ${told.join(", ")}${reply.failure ? `: ${reply.failure.text}` : ""}`);
  }
}

/**
 * @param {string} body
 * @param {Method} method
 */
function value(body, method) {
  if (method.oneWay) return h("p", { class: "muted" }, "A one-way method: it has run, and has no reply.");
  if (body.length <= LONGEST) return code(body);
  const shown = h("div", {}, code(body.slice(0, LONGEST)));
  const all = () => fill(shown, code(body));
  const more = h("button", { type: "button", class: "small", onclick: all }, `Show all ${body.length.toLocaleString("en")} characters`);
  shown.append(more);
  return shown;
}

/** @param {string} text */
function code(text) {
  const pre = h("pre", { class: "code", tabindex: 0, "aria-label": "Reply as JSON" }, highlighted(text));
  return h("div", { class: "copied" }, pre, copyButton("Copy", () => text));
}

/**
 * @param {Failure} failure
 * @param {string} meaning
 * @param {Method} method
 */
function failure({ text, reason, code: number, data }, meaning, method) {
  const known = method.errors.find((error) => number !== "" && error.code === number);
  const facts = [
    ...(number ? [fact("Code", known ? `${number} ${known.name}` : number)] : []),
    ...(reason ? [fact("Reason", reason)] : []),
  ];
  return h(
    "div",
    { class: "failure" },
    h("p", { class: "text" }, text),
    h("p", { class: "muted" }, meaning),
    facts.length ? h("dl", { class: "facts" }, facts.flat()) : null,
    known?.docs ? h("div", { class: "docs" }, renderDocs(known.docs)) : null,
    data ? [h("h3", {}, "Data"), code(data)] : null,
  );
}

/**
 * @param {string} name
 * @param {string} text
 */
function fact(name, text) {
  return [h("dt", {}, name), h("dd", {}, text)];
}

/**
 * @param {string} title
 * @param {Pair[]} all
 */
function pairs(title, all) {
  if (!all.length) return null;
  return h("div", {}, h("h3", {}, title), h("dl", { class: "facts" }, all.flatMap(({ key, value }) => fact(key, value))));
}

/** @param {number} milliseconds */
export function duration(milliseconds) {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  return milliseconds < 10_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** @param {number} bytes */
function size(bytes) {
  if (bytes < 1024) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
