// The list of methods, and the history, with one search for both.

import { fill, h, icon } from "./dom.js";
import { duration } from "./reply.js";
import { linkTo } from "./route.js";
import { best, plural, search } from "./search.js";
import { tabs } from "./tabs.js";

/**
 * @import { Method, Service } from "./catalog.js"
 * @import { Entry, History } from "./history.js"
 * @typedef {{ open: (entry: Entry) => void, clear: () => void }} Actions of the history
 */

export class Sidebar {
  /**
   * @param {History} history
   * @param {Actions} actions
   */
  constructor(history, actions) {
    this.history = history;
    this.actions = actions;
    /** @type {Service[]} */
    this.services = [];
    this.current = "";
    this.input = h("input", { type: "search", placeholder: "Search", "aria-label": "Search methods and history", "aria-keyshortcuts": "/ Control+K", autocomplete: "off", spellcheck: "false" });
    this.methods = h("div", { class: "methods" });
    this.past = h("div", { class: "past" });
    this.count = h("p", { class: "unseen", role: "status" });
    this.tabs = tabs("Lists", [{ name: "Methods", panel: this.methods }, { name: "History", panel: this.past }], () => true);
    const searching = h("div", { class: "search" }, icon("search"), this.input, h("kbd", { "aria-hidden": "true" }, "/"));
    this.element = h("aside", { class: "sidebar", id: "sidebar", "aria-label": "Methods and history" }, searching, this.tabs.element, this.count, this.methods, this.past);
    this.input.addEventListener("input", () => this.show());
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.show();
  }

  /** @param {Service[]} services */
  setServices(services) {
    this.services = services;
    this.show();
  }

  /**
   * Marks the method that is open.
   * @param {string} service
   * @param {string} method
   */
  mark(service, method) {
    this.current = method ? linkTo(service, method) : "";
    for (const link of this.methods.querySelectorAll("a")) {
      if (link.getAttribute("href") === this.current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  show() {
    const found = search(this.services, this.input.value);
    const count = found.reduce((sum, { methods }) => sum + methods.length, 0);
    const none = this.services.length ? "No method is called so." : "No methods are known.";
    fill(this.methods, count ? found.map(group) : h("p", { class: "vacant" }, none));
    fill(this.count, this.input.value ? plural(count, "method") : "");
    this.showHistory();
    const marked = this.current;
    for (const link of this.methods.querySelectorAll("a")) {
      if (link.getAttribute("href") === marked) link.setAttribute("aria-current", "page");
    }
  }

  showHistory() {
    const word = this.input.value.toLowerCase();
    const all = this.history.entries;
    const found = all.filter(({ request }) => `${request.service}.${request.method} ${request.args}`.toLowerCase().includes(word));
    const empty = h("p", { class: "vacant" }, all.length ? "No call is called so." : "Calls that you make are kept here, in this browser.");
    const clear = h("button", { type: "button", class: "small", onclick: this.actions.clear }, "Clear history");
    const rows = found.map((entry) => h("li", {}, past(entry, () => this.actions.open(entry))));
    fill(this.past, found.length ? [h("ul", {}, rows), clear] : empty);
    this.tabs.rename(1, all.length ? `History ${all.length}` : "History");
  }

  /**
   * Arrows go through the list; Enter in the search opens the first that is found.
   * @param {KeyboardEvent} event
   */
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const list = this.methods.hidden ? this.past : this.methods;
    const items = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("li a, li button")]);
    if (step) {
      event.preventDefault();
      const at = items.findIndex((item) => item === document.activeElement);
      const next = at + step;
      (next < 0 ? this.input : items[Math.min(next, items.length - 1)])?.focus();
    }
    if (event.key === "Enter" && event.target === this.input) {
      event.preventDefault();
      if (this.methods.hidden) items[0]?.click();
      else this.openBest();
    }
  }

  openBest() {
    const method = best(search(this.services, this.input.value), this.input.value);
    if (method) location.hash = linkTo(method.service, method.name);
  }
}

/** @param {{ service: Service, methods: Method[] }} found */
function group({ service, methods }) {
  const items = methods.map((method) => h("li", {}, h("a", { href: linkTo(method.service, method.name) }, method.name, marks(method))));
  return h("section", {}, h("h2", {}, h("a", { href: `#/${encodeURIComponent(service.name)}`, class: "service" }, service.name)), h("ul", {}, items));
}

/** @param {Method} method */
function marks(method) {
  return method.oneWay ? h("span", { class: "mark" }, "one-way") : null;
}

/**
 * @param {Entry} entry
 * @param {() => void} open
 */
function past({ at, request, reply }, open) {
  const when = new Date(at);
  const names = { ok: "OK", ran: "Error", "not-run": "Did not run", unknown: "Unknown" };
  return h(
    "button",
    { type: "button", class: "entry", onclick: open, title: request.args.slice(0, 200) },
    h("span", { class: `dot ${reply.outcome}` }),
    h("span", { class: "called" }, `${request.service}.${request.method}`),
    h("span", { class: "muted" }, h("span", { class: "unseen" }, names[reply.outcome] ?? ""), ` ${duration(reply.milliseconds)}`),
    h("span", { class: "muted args" }, request.args),
    h("time", { class: "muted", datetime: when.toISOString() }, timeOf(when)),
  );
}

/** Today a time is enough. @param {Date} when */
export function timeOf(when) {
  const isToday = when.toDateString() === new Date().toDateString();
  return isToday ? when.toLocaleTimeString() : when.toLocaleString();
}
