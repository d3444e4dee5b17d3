// Light or dark: as the system has it, until one says otherwise.

import { fill, h, icon } from "./dom.js";
import { keep, kept } from "./store.js";

/** @type {{ name: "system" | "light" | "dark", icon: import("./dom.js").Icon, next: number }[]} */
const THEMES = [
  { name: "system", icon: "system", next: 1 },
  { name: "light", icon: "sun", next: 2 },
  { name: "dark", icon: "moon", next: 0 },
];

/** A button that goes through the themes. */
export function themeButton() {
  const button = h("button", { type: "button", class: "bare", id: "theme" });
  let at = Math.max(0, THEMES.findIndex(({ name }) => name === kept("theme")));
  const show = () => {
    const theme = THEMES[at];
    if (!theme) return;
    document.documentElement.dataset.theme = theme.name;
    fill(button, icon(theme.icon));
    button.title = `Theme: ${theme.name}`;
    button.setAttribute("aria-label", `Theme: ${theme.name}`);
    keep("theme", theme.name);
  };
  button.addEventListener("click", () => {
    at = THEMES[at]?.next ?? 0;
    show();
  });
  show();
  return button;
}
