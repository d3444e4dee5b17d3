// Tabs as the keyboard knows them: one stop for Tab, arrows among them.

import { h, newId } from "./dom.js";

/** @typedef {{ element: HTMLElement, select: (index: number) => void, rename: (index: number, name: string) => void }} Tabs */

/**
 * @param {string} label
 * @param {{ name: string, panel: HTMLElement }[]} tabs their panels are put where they belong by the caller
 * @param {(index: number) => boolean} leave whether the tab may be shown: called when one is asked for
 * @returns {Tabs}
 */
export function tabs(label, tabs, leave) {
  const buttons = tabs.map(({ name, panel }, index) => {
    panel.id ||= newId("panel");
    panel.setAttribute("role", "tabpanel");
    const id = newId("tab");
    panel.setAttribute("aria-labelledby", id);
    const click = () => leave(index) && select(index);
    return h("button", { type: "button", role: "tab", id, "aria-controls": panel.id, onclick: click }, name);
  });
  const select = (/** @type {number} */ index) => {
    buttons.forEach((button, other) => {
      button.setAttribute("aria-selected", String(other === index));
      button.tabIndex = other === index ? 0 : -1;
      const panel = tabs[other]?.panel;
      // One panel may be shared by all tabs.
      if (panel) panel.hidden = panel !== tabs[index]?.panel;
      if (other === index && panel) panel.setAttribute("aria-labelledby", button.id);
    });
  };
  const move = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = buttons.findIndex((button) => button === event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = buttons[(at + step + buttons.length) % buttons.length];
    next?.focus();
    next?.click();
  };
  select(0);
  return {
    element: h("div", { role: "tablist", "aria-label": label, class: "tabs", onkeydown: move }, buttons),
    select,
    rename: (index, name) => {
      const button = buttons[index];
      if (button) button.textContent = name;
    },
  };
}
