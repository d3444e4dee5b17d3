// What the keyboard does everywhere, and a dialog that says so.

import { h } from "./dom.js";

/** @typedef {{ search: () => void, send: () => void, cancel: () => boolean }} Actions `cancel`: whether there was anything */

const KEYS = [
  ["/", "Search; arrows go through the list, Enter opens"],
  ["Ctrl K", "Search, also while one types"],
  ["Ctrl Enter", "Send the call, from anywhere"],
  ["Esc", "Cancel the call that is running; close the list on a phone"],
  ["↑ ↓", "In a field for a whole number: count"],
  ["← →", "On tabs: the tab beside it"],
  ["?", "These keys"],
];

/**
 * @param {Actions} actions
 * @returns {HTMLDialogElement}
 */
export function keys(actions) {
  const rows = KEYS.flatMap(([key = "", text = ""]) => [h("dt", {}, key.split(" ").map((one) => h("kbd", {}, one))), h("dd", {}, text)]);
  const close = h("button", { class: "primary" }, "Close");
  const dialog = h("dialog", { "aria-label": "Keys" }, h("h2", {}, "Keys"), h("dl", { class: "keys" }, rows), h("form", { method: "dialog" }, close));
  document.addEventListener("keydown", (event) => {
    if (pressed(event, actions, dialog)) event.preventDefault();
  });
  return dialog;
}

/**
 * @param {KeyboardEvent} event
 * @param {Actions} actions
 * @param {HTMLDialogElement} dialog
 * @returns {boolean} whether that was meant
 */
function pressed(event, actions, dialog) {
  const control = event.ctrlKey || event.metaKey;
  if (dialog.open || event.isComposing || event.altKey) return false;
  if (control && event.key === "Enter") return done(actions.send);
  if (control && event.key.toLowerCase() === "k") return done(actions.search);
  if (event.key === "Escape") return actions.cancel();
  if (control || isTyping(event.target)) return false;
  if (event.key === "/") return done(actions.search);
  if (event.key === "?") return done(() => dialog.showModal());
  return false;
}

/** @param {() => void} run */
function done(run) {
  run();
  return true;
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof Element && target.matches("input:not([type=checkbox]), textarea, select");
}
