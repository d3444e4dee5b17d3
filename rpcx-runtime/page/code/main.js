// Puts the page together: the list, the view that the address names, and the calls.

import { call } from "./call.js";
import { firstArguments } from "./arguments.js";
import { loadCatalog, untyped } from "./catalog.js";
import { fill, h, icon } from "./dom.js";
import { History } from "./history.js";
import { keys } from "./keys.js";
import { MethodView } from "./method.js";
import { overview } from "./overview.js";
import { PushPanel } from "./pushes.js";
import { ReplyPanel } from "./reply.js";
import { deepLink, readRoute } from "./route.js";
import { Sidebar, timeOf } from "./sidebar.js";
import { setToken, token } from "./store.js";
import { themeButton } from "./theme.js";

/**
 * @import { Catalog } from "./catalog.js"
 * @import { Entry } from "./history.js"
 * @import { Request } from "./request.js"
 */

/** How long after the last key the address is brought up to date, in milliseconds: browsers limit how often. */
const PAUSE = 400;

/** The longest address that is made of what one fills in, in characters. */
const LONGEST_LINK = 8000;

class App {
  constructor() {
    this.history = new History();
    /** @type {Catalog} */
    this.catalog = { services: [], problem: null };
    /** What was filled in, by method. @type {Map<string, Request>} */
    this.drafts = new Map();
    /** @type {MethodView | null} */
    this.view = null;
    /** @type {AbortController | null} */
    this.running = null;
    this.timer = 0;
    this.reply = new ReplyPanel();
    this.pushes = new PushPanel();
    this.results = h("div", { class: "results" }, this.reply.element, this.pushes.element);
    this.main = h("main", { id: "main", tabindex: -1 });
    this.sidebar = new Sidebar(this.history, { open: (entry) => this.openPast(entry), clear: () => this.clear() });
    this.menu = h("button", { type: "button", class: "bare menu", "aria-label": "Methods and history", "aria-controls": "sidebar", "aria-expanded": "false", onclick: () => this.toggle() }, icon("menu"));
    this.dialog = keys({
      search: () => this.find(),
      send: () => this.view?.send(),
      cancel: () => this.cancel(),
    });
  }

  async start() {
    const help = h("button", { type: "button", class: "bare", "aria-label": "Keys", title: "Keys: ?", onclick: () => this.dialog.showModal() }, "?");
    const bar = h("header", { class: "bar" }, this.menu, h("a", { href: "#/", class: "brand" }, "rpcx"), h("span", { class: "host" }, location.host), h("span", { class: "space" }), help, themeButton());
    const skip = h("a", { href: "#main", class: "skip", onclick: (event) => this.skip(event) }, "Skip to the method");
    document.body.append(skip, bar, h("div", { class: "frame" }, this.sidebar.element, this.main), this.dialog);
    addEventListener("hashchange", () => this.open());
    await this.load(token());
  }

  /** @param {Event} event */
  skip(event) {
    event.preventDefault();
    this.main.focus();
  }

  /** @param {string} withToken */
  async load(withToken) {
    this.catalog = await loadCatalog(withToken);
    if (withToken) setToken(withToken);
    this.sidebar.setServices(this.catalog.services);
    this.open();
  }

  /** Shows what the address names. */
  open() {
    const route = readRoute(location.hash);
    this.toggle(false);
    this.sidebar.mark(route.service, route.method);
    document.title = route.method ? `${route.service}.${route.method} – rpcx` : `${location.host} – rpcx`;
    if (!route.method) return this.openOverview(route.service);
    const method = this.method(route.service, route.method);
    const { service, name } = method;
    const draft = this.drafts.get(`${service}/${name}`);
    const given = { service, method: name, args: route.args ?? "", metadata: route.metadata, timeout: route.timeout };
    const fresh = { ...given, args: given.args || firstArguments(method), token: token() };
    const request = route.args === null && draft ? { ...draft, token: token() } : fresh;
    this.openMethod(method, request);
    return undefined;
  }

  /** @param {string} service */
  openOverview(service) {
    this.view = null;
    fill(this.main, overview(this.catalog, (given) => void this.load(given)));
    document.title = `${location.host} – rpcx`;
    const section = service ? document.getElementById(`service-${service}`) : null;
    section?.scrollIntoView();
    section?.focus({ preventScroll: true });
  }

  /**
   * @param {string} service
   * @param {string} name
   */
  method(service, name) {
    const found = this.catalog.services.find((one) => one.name === service);
    return found?.methods.find((one) => one.name === name) ?? untyped(service, name);
  }

  /**
   * @param {import("./catalog.js").Method} method
   * @param {Request} request
   */
  openMethod(method, request) {
    this.view = new MethodView(method, request, {
      send: (request) => void this.send(request),
      changed: (request) => this.changed(request),
      fresh: () => this.fresh(),
    });
    this.reply.empty();
    fill(this.main, h("div", { class: "columns" }, this.view.element, this.results, this.view.more));
    this.main.scrollTop = 0;
    this.view.element.querySelector("h1")?.focus({ preventScroll: true });
  }

  fresh() {
    const method = this.view?.method;
    if (!method) return;
    this.drafts.delete(`${method.service}/${method.name}`);
    history.replaceState(null, "", location.hash.split("?")[0]);
    this.open();
  }

  /** @param {Request} request */
  changed(request) {
    this.drafts.set(`${request.service}/${request.method}`, request);
    setToken(request.token);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const link = deepLink(request);
      const same = this.view?.method.name === request.method && this.view.method.service === request.service;
      if (same && link.length < LONGEST_LINK) history.replaceState(null, "", link);
    }, PAUSE);
  }

  /** @param {Request} request */
  async send(request) {
    this.running?.abort();
    const running = new AbortController();
    const view = this.view;
    this.running = running;
    this.reply.running(() => running.abort());
    const { live } = this.pushes;
    const reply = await (live.isOpen ? live.call(request, running.signal) : call(request, running.signal));
    this.history.add(request, reply);
    this.sidebar.show();
    if (this.running === running) this.running = null;
    if (!view || this.view !== view || this.running) return;
    this.reply.show(reply, view.method);
    this.reply.element.scrollIntoView({ block: "nearest" });
  }

  cancel() {
    const had = this.running !== null || document.body.classList.contains("listing");
    this.running?.abort();
    this.toggle(false);
    return had;
  }

  /** @param {Entry} entry */
  openPast({ at, request, reply }) {
    const method = this.method(request.service, request.method);
    history.pushState(null, "", deepLink(request));
    this.sidebar.mark(request.service, request.method);
    this.openMethod(method, { ...request, token: token() });
    this.reply.show(reply, method, timeOf(new Date(at)));
    this.toggle(false);
  }

  clear() {
    this.history.clear();
    this.sidebar.show();
    this.sidebar.focus();
  }

  find() {
    this.toggle(true);
    this.sidebar.focus();
  }

  /** Shows the list on a narrow screen. @param {boolean} [open] */
  toggle(open = !document.body.classList.contains("listing")) {
    // What has the focus must not vanish.
    if (!open && this.menu.offsetParent && this.sidebar.element.contains(document.activeElement)) this.menu.focus();
    document.body.classList.toggle("listing", open);
    this.menu.setAttribute("aria-expanded", String(open));
  }
}

void new App().start();
