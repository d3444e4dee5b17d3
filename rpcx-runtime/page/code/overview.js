// The first view: what the server has, and calls by name.

import { h, newId } from "./dom.js";
import { renderDocs, summary } from "./docs.js";
import { linkTo } from "./route.js";
import { plural } from "./search.js";
import { signature } from "./signature.js";

/**
 * @import { Catalog, Method, Problem, Service } from "./catalog.js"
 */

/**
 * @param {Catalog} catalog
 * @param {(token: string) => void} retry with a token
 */
export function overview({ services, problem }, retry) {
  const count = services.reduce((sum, service) => sum + service.methods.length, 0);
  const known = `${plural(services.length, "service")}, ${plural(count, "method")}`;
  return h(
    "div",
    { class: "overview" },
    h("header", {}, h("h1", {}, location.host || "rpcx"), h("p", { class: "muted" }, services.length ? `An rpcx server with ${known}.` : "An rpcx server.")),
    problem ? trouble(problem, retry) : null,
    problem || services.length ? null : h("p", { class: "notice" }, "The server names no services. Calls can be made by name, with JSON."),
    services.map(serviceCard),
    byName(count === 0),
  );
}

/** @param {Service} service */
function serviceCard(service) {
  const rows = service.methods.map(methodRow);
  return h(
    "section",
    { class: "service", id: `service-${service.name}`, tabindex: -1 },
    h("h2", {}, service.name, service.version ? h("span", { class: "mark" }, service.version) : null),
    service.docs ? h("div", { class: "docs" }, renderDocs(service.docs)) : null,
    rows.length ? h("ul", { class: "cards" }, rows) : h("p", { class: "muted" }, "No methods."),
  );
}

/** @param {Method} method */
function methodRow(method) {
  return h(
    "li",
    {},
    h(
      "a",
      { href: linkTo(method.service, method.name) },
      h("span", { class: "called" }, method.name, h("span", { class: "type" }, signature(method))),
      method.docs ? h("span", { class: "muted" }, summary(method.docs)) : null,
    ),
  );
}

/**
 * @param {Problem} problem
 * @param {(token: string) => void} retry
 */
function trouble(problem, retry) {
  if (problem.kind !== "token") return h("p", { class: "notice" }, problem.text);
  const id = newId("token");
  const token = h("input", { id, type: "password", autocomplete: "off" });
  const send = (/** @type {Event} */ event) => {
    event.preventDefault();
    retry(token.value.trim());
  };
  return h("form", { class: "notice", onsubmit: send }, h("p", {}, problem.text), h("label", { for: id }, "Token"), h("div", { class: "row" }, token, h("button", { class: "primary" }, "Show services")));
}

/** Calls of methods that are not listed. @param {boolean} open */
function byName(open) {
  const ids = [newId("service"), newId("method")];
  const service = h("input", { id: ids[0], required: true, autocomplete: "off", spellcheck: "false", placeholder: "Arith" });
  const method = h("input", { id: ids[1], required: true, autocomplete: "off", spellcheck: "false", placeholder: "Mul" });
  const go = (/** @type {Event} */ event) => {
    event.preventDefault();
    location.hash = linkTo(service.value.trim(), method.value.trim());
  };
  return h(
    "details",
    { class: "by-name", open },
    h("summary", {}, h("span", {}, "Call a method by name")),
    h("form", { class: "row", onsubmit: go }, h("div", {}, h("label", { for: ids[0] }, "Service"), service), h("div", {}, h("label", { for: ids[1] }, "Method"), method), h("button", {}, "Open")),
  );
}
