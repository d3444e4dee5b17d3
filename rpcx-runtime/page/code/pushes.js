// What the server pushes, as it comes.

import { fill, h } from "./dom.js";
import { highlighted } from "./highlight.js";
import { Live } from "./live.js";

/** @import { Push } from "./live.js" */

/** How many are kept. */
const MOST = 200;

export class PushPanel {
  constructor() {
    this.live = new Live({ push: (push) => this.add(push), closed: () => this.show("") });
    this.button = h("button", { type: "button", class: "small", onclick: () => void this.toggle() }, "Listen");
    this.state = h("p", { class: "muted", role: "status" });
    this.rows = h("ol", { class: "pushes" });
    this.element = h("section", { class: "push-panel", "aria-label": "Pushes" }, h("div", { class: "title" }, h("h2", {}, "Pushes"), this.button), this.state, this.rows);
    this.show("");
  }

  async toggle() {
    if (this.live.isOpen) return this.live.close();
    fill(this.state, "Connecting …");
    const opened = await this.live.open();
    return this.show(opened ? "" : "The server takes no WebSocket here: it needs the feature ws, and HTTP with its usual path.");
  }

  /** @param {string} trouble */
  show(trouble) {
    const { isOpen } = this.live;
    const idle = "Listen for what the server sends by itself, over a WebSocket. Calls go over it, too, while it is open.";
    const count = this.rows.childElementCount;
    fill(this.button, isOpen ? "Stop" : "Listen");
    fill(this.state, trouble || (isOpen ? `Listening. ${count ? "" : "Nothing has come yet."}` : idle));
    this.element.classList.toggle("open", isOpen);
  }

  /** @param {Push} push */
  add(push) {
    this.rows.prepend(row(push));
    while (this.rows.childElementCount > MOST) this.rows.lastElementChild?.remove();
    if (this.rows.childElementCount === 1) this.show("");
  }
}

/** @param {Push} push */
function row({ at, service, method, text, metadata }) {
  const when = new Date(at);
  const short = text.replace(/\s+/g, " ");
  const all = h("pre", { class: "code", tabindex: 0, "aria-label": "Pushed message" }, highlighted(text));
  const pairs = metadata.flatMap(({ key, value }) => [h("dt", {}, key), h("dd", {}, value)]);
  return h(
    "li",
    {},
    h(
      "details",
      {},
      h("summary", {}, h("time", { class: "muted", datetime: when.toISOString() }, when.toLocaleTimeString()), h("span", { class: "called" }, `${service}.${method}`), h("code", { class: "short" }, short)),
      all,
      pairs.length ? h("dl", { class: "facts" }, pairs) : null,
    ),
  );
}
