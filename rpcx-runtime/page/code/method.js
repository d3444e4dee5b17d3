// One method: its docs, its arguments, and what to do with them.

import { argumentsPanel } from "./arguments.js";
import { copyButton } from "./clipboard.js";
import { fill, h, icon } from "./dom.js";
import { renderDocs } from "./docs.js";
import { optionsPanel } from "./options.js";
import { deepLink } from "./route.js";
import { LANGUAGES } from "./snippets.js";
import { tabs } from "./tabs.js";
import { signature, typesPanel } from "./signature.js";

/**
 * @import { Method } from "./catalog.js"
 * @import { Request } from "./request.js"
 * @typedef {{ send: (request: Request) => void, changed: (request: Request) => void, fresh: () => void }} Actions
 */

export class MethodView {
  /**
   * @param {Method} method
   * @param {Request} first
   * @param {Actions} actions
   */
  constructor(method, first, actions) {
    this.method = method;
    this.actions = actions;
    this.arguments = argumentsPanel(method, first.args);
    this.options = optionsPanel(first);
    this.snippet = new Snippet(method);
    const send = h("button", { class: "primary", "aria-keyshortcuts": "Control+Enter" }, icon("send"), "Send");
    const fresh = h("button", { type: "button", onclick: actions.fresh }, "Reset");
    const link = copyButton("Copy link", () => new URL(deepLink(this.request()), location.href).href, "link");
    const form = h("form", { class: "request", novalidate: true }, this.arguments.element, this.options.element, h("div", { class: "actions" }, send, fresh, link));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    form.addEventListener("input", () => this.change());
    this.element = h("section", { class: "request-panel", "aria-label": "Request" }, heading(method), form);
    this.more = h("div", { class: "more-panel" }, this.snippet.element, typesPanel(method));
    this.snippet.show(this.request());
  }

  /** @returns {Request} */
  request() {
    const { service, name } = this.method;
    return { service, method: name, args: this.arguments.read(), ...this.options.read() };
  }

  change() {
    const request = this.request();
    this.snippet.show(request);
    this.actions.changed(request);
  }

  send() {
    const invalid = this.arguments.invalid() ?? /** @type {HTMLElement | null} */ (this.options.element.querySelector("[aria-invalid=true]"));
    if (invalid) {
      invalid.closest("details")?.setAttribute("open", "");
      invalid.focus();
      return;
    }
    this.actions.send(this.request());
  }
}

/** @param {Method} method */
function heading(method) {
  const marks = [method.idempotent ? "idempotent" : "", method.oneWay ? "one-way" : ""].filter(Boolean);
  return h(
    "header",
    {},
    h("p", { class: "crumb" }, h("a", { href: `#/${encodeURIComponent(method.service)}` }, method.service)),
    h("h1", { tabindex: -1 }, method.name, marks.map((mark) => h("span", { class: "mark" }, mark))),
    method.typed ? h("p", { class: "signature" }, signature(method)) : null,
    method.docs ? h("div", { class: "docs" }, renderDocs(method.docs)) : null,
  );
}

/** The call in other languages. */
class Snippet {
  /** @param {Method} method */
  constructor(method) {
    this.method = method;
    /** @type {Request | null} */
    this.request = null;
    this.language = 0;
    this.code = h("pre", { class: "code", tabindex: 0, "aria-label": "The call, to copy" });
    const panel = h("div", { class: "copied" }, this.code, copyButton("Copy", () => this.text()));
    const named = LANGUAGES.map(({ name }) => ({ name, panel }));
    const choose = (/** @type {number} */ index) => {
      this.language = index;
      fill(this.code, this.text());
      return true;
    };
    const { element } = tabs("Copy as", named, choose);
    this.element = h("section", { class: "snippet" }, h("h2", {}, "Copy as"), element, panel);
  }

  text() {
    try {
      return this.request ? (LANGUAGES[this.language]?.make(this.method, this.request) ?? "") : "";
    } catch {
      return "The arguments are not JSON yet.";
    }
  }

  /** @param {Request} request */
  show(request) {
    this.request = request;
    fill(this.code, this.text());
  }
}
