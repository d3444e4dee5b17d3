// An editor for JSON: a text area with its colours behind it, and what is wrong below it.

import { fill, h, newId } from "./dom.js";
import { highlighted } from "./highlight.js";
import { layOut, parseJson } from "./json.js";

/**
 * @import { Json } from "./json.js"
 * @import { Finding } from "./check.js"
 * @typedef {{ element: HTMLElement, text: () => string, write: (text: string) => void, isJson: () => boolean,
 *   complain: (text: string) => void, focus: () => void }} Editor
 */

/**
 * @param {string} label
 * @param {(value: Json) => Finding[]} check
 * @returns {Editor}
 */
export function editor(label, check) {
  const colours = h("pre", { "aria-hidden": "true" });
  const findings = h("div", { class: "findings", id: newId("findings"), role: "status" });
  const area = h("textarea", { "aria-label": label, "aria-describedby": findings.id, spellcheck: "false", autocomplete: "off" });
  let isJson = true;
  const judge = () => {
    const found = mistakes(area.value, check);
    isJson = !found.some((one) => one.syntax);
    const wrong = found.some((one) => !one.hint);
    area.setAttribute("aria-invalid", String(wrong));
    // The last line end has a line of its own, which an element would not show.
    fill(colours, highlighted(area.value), "\n");
    fill(findings, found.map(item));
  };
  const write = (/** @type {string} */ text) => {
    area.value = text;
    judge();
  };
  const tidy = () => {
    if (!isJson) return area.focus();
    write(layOut(area.value));
    area.dispatchEvent(new Event("input", { bubbles: true }));
    return undefined;
  };
  area.addEventListener("input", judge);
  const button = h("button", { type: "button", class: "small", onclick: tidy }, "Lay out");
  const frame = h("div", { class: "editor" }, colours, area);
  return {
    element: h("div", { class: "json" }, frame, h("div", { class: "below" }, findings, button)),
    text: () => area.value,
    write,
    isJson: () => isJson,
    complain: (text) => fill(findings, item({ path: "", text, hint: false })),
    focus: () => area.focus(),
  };
}

/** @param {Finding} finding */
function item({ path, text, hint }) {
  return h("p", { class: hint ? "hint" : "wrong" }, path ? h("code", {}, path) : null, path ? ` ${text}` : text);
}

/**
 * @param {string} text
 * @param {(value: Json) => Finding[]} check
 * @returns {(Finding & { syntax?: boolean })[]}
 */
function mistakes(text, check) {
  if (text.trim() === "") return [];
  try {
    return check(parseJson(text));
  } catch (error) {
    return [{ path: "", text: error instanceof Error ? error.message : String(error), hint: false, syntax: true }];
  }
}
