// JSON with colours.

import { h } from "./dom.js";
import { tokens } from "./json.js";

/** The longest text that gets colours, in characters: each token is an element. */
const LONGEST = 100_000;

/**
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function highlighted(text) {
  if (text.length > LONGEST) return [text];
  const all = [...tokens(text)];
  return all.map((token, index) => {
    if (token.kind === "space" || token.kind === "mark") return token.text;
    const next = all[index + 1]?.kind === "space" ? all[index + 2] : all[index + 1];
    const kind = token.kind === "string" && next?.text === ":" ? "name" : token.kind;
    return h("span", { class: `j-${kind}` }, token.text);
  });
}
