// Buttons that copy.

import { fill, h, icon } from "./dom.js";

/** How long a button says that it has copied, in milliseconds. */
const SAID = 1600;

/**
 * @param {string} label
 * @param {() => string} text asked for when the button is pressed
 * @param {import("./dom.js").Icon} [sign]
 */
export function copyButton(label, text, sign = "copy") {
  const idle = [icon(sign), h("span", {}, label)];
  const button = h("button", { type: "button", class: "small copy", title: label }, idle);
  button.addEventListener("click", async () => {
    const done = await copied(text());
    fill(button, done ? "Copied" : "Copying is not allowed here");
    setTimeout(() => fill(button, idle), SAID);
  });
  return button;
}

/**
 * Without TLS browsers know no clipboard, but for the one of old.
 * @param {string} text
 */
async function copied(text) {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(() => true, () => copiedFromArea(text));
  }
  return copiedFromArea(text);
}

/** @param {string} text */
function copiedFromArea(text) {
  const focused = document.activeElement;
  const area = h("textarea", { class: "unseen", "aria-hidden": "true", tabindex: -1 });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
