// Doc comments as elements: paragraphs, headings, lists, code and emphasis. A small part of Markdown, and never markup.

import { h } from "./dom.js";

/** @import { Child } from "./dom.js" */

/** What is more than text on a line. */
const INLINE = /`+([^`]+)`+|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)|\[([^\]]+)\](?!\()/g;

/**
 * @param {string} docs
 * @returns {HTMLElement[]}
 */
export function renderDocs(docs) {
  return blocks(docs.replaceAll("\r\n", "\n")).map(block);
}

/**
 * The first paragraph, as one line of text.
 * @param {string} docs
 */
export function summary(docs) {
  const [first = ""] = docs.trim().split(/\n\s*\n/);
  return first.replace(/\s+/g, " ").replace(INLINE, (_, code, bold, link, _to, name) => code ?? bold ?? link ?? name);
}

/**
 * Blocks are parted by empty lines, code by its fences.
 * @param {string} docs
 */
function blocks(docs) {
  const found = /** @type {string[][]} */ ([]);
  let lines = /** @type {string[]} */ ([]);
  let fenced = false;
  const end = () => {
    if (lines.length) found.push(lines);
    lines = [];
  };
  for (const line of docs.split("\n")) {
    const fence = line.trimStart().startsWith("```");
    if (fence && !fenced) end();
    if (fence || fenced || line.trim()) lines.push(line);
    if ((fence && fenced) || (!fenced && !fence && !line.trim())) end();
    if (fence) fenced = !fenced;
  }
  end();
  return found;
}

/**
 * @param {string[]} lines
 * @returns {HTMLElement}
 */
function block(lines) {
  const [first = ""] = lines;
  if (first.trimStart().startsWith("```")) {
    const body = lines.slice(1).filter((line) => !line.trimStart().startsWith("```"));
    return h("pre", { tabindex: 0, "aria-label": "Example" }, h("code", {}, body.join("\n")));
  }
  const heading = /^#{1,6}\s+(.*)$/.exec(first);
  if (heading && lines.length === 1) return h("p", { class: "heading" }, inline(heading[1] ?? ""));
  if (/^\s*[-*+]\s/.test(first)) return h("ul", {}, items(lines).map((item) => h("li", {}, inline(item))));
  return h("p", {}, inline(lines.join(" ").trim()));
}

/** @param {string[]} lines */
function items(lines) {
  const items = /** @type {string[]} */ ([]);
  for (const line of lines) {
    const item = /^\s*[-*+]\s+(.*)$/.exec(line);
    if (item) items.push(item[1] ?? "");
    else items.push(`${items.pop() ?? ""} ${line.trim()}`);
  }
  return items;
}

/**
 * @param {string} text
 * @returns {Child[]}
 */
function inline(text) {
  const parts = /** @type {Child[]} */ ([]);
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, link, to, name] = match;
    parts.push(text.slice(end, match.index));
    if (code) parts.push(h("code", {}, code));
    else if (bold) parts.push(h("strong", {}, bold));
    else parts.push(anchor(link ?? name ?? whole, to ?? ""));
    end = match.index + whole.length;
  }
  return [...parts, text.slice(end)];
}

/**
 * A link elsewhere, if that is what it is; names of other items lead nowhere from here.
 * @param {string} text
 * @param {string} to
 */
function anchor(text, to) {
  const plain = text.replaceAll("`", "");
  const isWeb = /^https?:\/\//i.test(to);
  return isWeb ? h("a", { href: to, rel: "noreferrer noopener", target: "_blank" }, plain) : h("code", {}, plain);
}
