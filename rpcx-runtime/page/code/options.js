// What travels beside the arguments: metadata, a timeout, a token.

import { fill, h, icon, newId } from "./dom.js";

/**
 * @import { Pair } from "./request.js"
 * @typedef {{ metadata: Pair[], timeout: string, token: string }} Options
 */

/**
 * @param {Options} first
 * @returns {{ element: HTMLElement, read: () => Options }}
 */
export function optionsPanel(first) {
  const ids = { metadata: newId("metadata"), timeout: newId("timeout"), token: newId("token") };
  const timeout = h("input", { id: ids.timeout, inputmode: "numeric", pattern: "[1-9][0-9]*", class: "number", placeholder: "none", autocomplete: "off" });
  const token = h("input", { id: ids.token, type: "password", placeholder: "none", autocomplete: "off", spellcheck: "false" });
  timeout.value = first.timeout;
  token.value = first.token;
  const metadata = metadataRows(first.metadata, ids.metadata);
  const read = () => ({ metadata: metadata.read(), timeout: timeout.value.trim(), token: token.value.trim() });
  const badge = h("span", { class: "muted" });
  const element = h(
    "details",
    { class: "options", open: first.metadata.length > 0 || first.timeout !== "" || undefined },
    h("summary", {}, h("span", {}, "Options"), badge),
    h(
      "div",
      { class: "fields" },
      h("div", { class: "field" }, h("span", { class: "name", id: ids.metadata }, "Metadata"), metadata.element),
      field(ids.timeout, "Timeout", "milliseconds", timeout),
      field(ids.token, "Token", "of all calls, until this tab is closed", token),
    ),
  );
  const tell = () => {
    timeout.setAttribute("aria-invalid", String(!timeout.validity.valid));
    fill(badge, told(read()));
  };
  element.addEventListener("input", tell);
  tell();
  return { element, read };
}

/**
 * @param {string} id
 * @param {string} name
 * @param {string} hint
 * @param {HTMLElement} control
 */
function field(id, name, hint, control) {
  const label = h("label", { for: id }, h("span", { class: "name" }, name), h("span", { class: "hinted" }, hint));
  return h("div", { class: "field" }, label, control);
}

/** @param {Options} options */
function told({ metadata, timeout, token }) {
  const parts = [
    metadata.length ? `${metadata.length} metadata` : "",
    timeout ? `${timeout} ms` : "",
    token ? "token" : "",
  ];
  return parts.filter(Boolean).join(" · ") || "metadata, timeout, token";
}

/**
 * @param {Pair[]} first
 * @param {string} label the id of the element that names them
 */
function metadataRows(first, label) {
  const body = h("div", { class: "rows" });
  const changed = () => body.dispatchEvent(new Event("input", { bubbles: true }));
  const add = (/** @type {Pair} */ { key, value }) => {
    const name = h("input", { class: "key", value: key, placeholder: "key", "aria-label": "Metadata key", autocomplete: "off", spellcheck: "false" });
    const text = h("input", { value, placeholder: "value", "aria-label": "Metadata value", autocomplete: "off", spellcheck: "false" });
    const remove = h("button", { type: "button", class: "bare", "aria-label": "Remove this metadata", title: "Remove" }, icon("remove"));
    const row = h("div", { class: "row entry" }, name, text, remove);
    remove.addEventListener("click", () => {
      row.remove();
      more.focus();
      changed();
    });
    body.append(row);
    return name;
  };
  const more = h("button", { type: "button", class: "small add", onclick: () => add({ key: "", value: "" }).focus() }, icon("add"), "Add metadata");
  first.forEach(add);
  const read = () => {
    const rows = [...body.children].map((row) => [...row.querySelectorAll("input")].map((input) => input.value));
    return rows.map(([key = "", value = ""]) => ({ key, value })).filter((pair) => pair.key !== "");
  };
  return { element: h("div", { class: "list", role: "group", "aria-labelledby": label }, body, more), read };
}
