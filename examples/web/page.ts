// The page: it lists the notes by `fetch`, writes one, and is told of new ones over a WebSocket.

import { BoardClient, BoardErrorTooLong, type Note, serveFollower } from "./client.js";
import { http, RpcError, ws } from "./rpcx.js";

const element = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const form = element<HTMLFormElement>("write");
const status = element<HTMLOutputElement>("status");

const board = new BoardClient(http(location.origin));
const shown = new Set<bigint>();

function show(note: Note): void {
  if (shown.has(note.number)) return;
  shown.add(note.number);
  const item = document.createElement("li");
  item.textContent = `${note.author}: ${note.text} (${note.written.toDate().toLocaleString()})`;
  element("notes").append(item);
}

/** What a person is told of an error. */
function said(error: unknown): string {
  if (error instanceof BoardErrorTooLong) return `At most ${error.data.most} characters.`;
  if (error instanceof RpcError) return error.kind === "service" ? error.message : `It did not work: ${error.message}`;
  throw error;
}

form.onsubmit = async (event) => {
  event.preventDefault();
  const fields = new FormData(form);
  try {
    show(await board.write({ author: String(fields.get("author")), text: String(fields.get("text")) }, { timeout: 5000 }));
    status.value = "";
  } catch (error) {
    status.value = said(error);
  }
};

// A connection that was lost is opened again, and has to follow again.
const live = ws(location.origin, {
  onState(state) {
    element("live").textContent = state;
    if (state === "open") new BoardClient(live).follow().catch((error) => (status.value = said(error)));
  },
});
serveFollower(live, { written: show });

for (const note of await board.list()) show(note);
