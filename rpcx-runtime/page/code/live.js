// A connection that stays open: calls go over it, and what the server pushes comes in. It is the network `ws` of rpcx.

import { explained, nothing, unanswered, within } from "./call.js";
import { serverUrl } from "./catalog.js";
import { decodeFrame, encodeHeartbeat, encodeRequest, joined, payloadText } from "./frame.js";
import { layOut } from "./json.js";

/**
 * @import { Frame } from "./frame.js"
 * @import { Outcome, Reply } from "./call.js"
 * @import { Request } from "./request.js"
 * @typedef {{ at: number, service: string, method: string, text: string, metadata: import("./request.js").Pair[] }} Push
 * @typedef {{ push: (push: Push) => void, closed: () => void }} Listener
 * @typedef {{ answered: (frame: Frame) => void, lost: () => void }} Waiting a call that waits
 */

/** How often the server is told that the page is still there, in milliseconds. */
const PULSE = 30_000;

/** The metadata that is rpcx's own. */
const ERROR = "__rpcx_error__";
const REJECTED = "__rpcx_rejected";
const UNKNOWN = "__rpcx_unknown";
const CODE = "rpcx-error-code";
const DATA = "rpcx-error-data";
const OWN = /^__|^rpcx-error-/;

/** What a server says that does not know a method, whether it is one of Rust or of Go. */
const UNKNOWN_METHOD = /^rpcx: can't find (service|method) /;

export class Live {
  /** @param {Listener} listener */
  constructor(listener) {
    this.listener = listener;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.seq = 0n;
    this.pulse = 0;
    this.received = new Uint8Array();
    /** @type {Map<bigint, Waiting>} */
    this.pending = new Map();
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** @returns {Promise<boolean>} whether the server takes WebSockets */
  open() {
    const socket = new WebSocket(serverUrl("_rpcx_").replace(/^http/, "ws"));
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.received = new Uint8Array();
    socket.addEventListener("message", (event) => this.receive(socket, new Uint8Array(event.data)));
    return new Promise((resolve) => {
      socket.addEventListener("open", () => {
        this.pulse = setInterval(() => this.beat(), PULSE);
        this.beat();
        resolve(true);
      });
      socket.addEventListener("close", () => {
        clearInterval(this.pulse);
        if (this.socket === socket) this.lost();
        resolve(false);
      });
    });
  }

  close() {
    this.socket?.close(1000);
  }

  lost() {
    this.socket = null;
    const waiting = [...this.pending.values()];
    this.pending.clear();
    waiting.forEach((call) => call.lost());
    this.listener.closed();
  }

  beat() {
    this.seq += 1n;
    this.socket?.send(encodeHeartbeat(this.seq));
  }

  /**
   * @param {WebSocket} socket
   * @param {Uint8Array} bytes
   */
  receive(socket, bytes) {
    try {
      this.received = joined([this.received, bytes]);
      for (let found = decodeFrame(this.received); found; found = decodeFrame(this.received)) {
        this.received = this.received.slice(found.length);
        this.take(found.frame);
      }
    } catch {
      // What is no frame ends the connection, as it does for every client.
      socket.close();
    }
  }

  /** @param {Frame} frame */
  take(frame) {
    if (frame.isHeartbeat) return;
    if (frame.isResponse) {
      this.pending.get(frame.seq)?.answered(frame);
      this.pending.delete(frame.seq);
      return;
    }
    const { service, method, metadata } = frame;
    this.listener.push({ at: Date.now(), service, method, text: readable(frame), metadata: metadata.filter(({ key }) => !OWN.test(key)) });
  }

  /**
   * As `call`, over this connection.
   * @param {Request} request
   * @param {AbortSignal} cancel
   * @returns {Promise<Reply>}
   */
  call(request, cancel) {
    const begin = performance.now();
    const past = () => performance.now() - begin;
    this.seq += 1n;
    const { seq } = this;
    const signal = within(request, cancel);
    return new Promise((resolve) => {
      const fail = (/** @type {string} */ text) => {
        this.pending.delete(seq);
        resolve(unanswered(text, past()));
      };
      this.pending.set(seq, {
        answered: (frame) => resolve(reply(frame, past())),
        lost: () => fail("The connection was lost before an answer came."),
      });
      signal.addEventListener("abort", () => fail(explained(signal.reason, cancel)));
      this.socket?.send(encodeRequest(seq, { ...request, metadata: metadataOf(request) }));
    });
  }
}

/** @param {Request} request */
function metadataOf({ metadata, timeout, token }) {
  return [
    ...metadata.filter(({ key }) => key !== ""),
    ...(token ? [{ key: "__AUTH", value: token }] : []),
    ...(timeout ? [{ key: "__ServerTimeout", value: timeout }] : []),
  ];
}

/** @param {Frame} frame */
function readable(frame) {
  try {
    return layOut(payloadText(frame));
  } catch (error) {
    return `${frame.payload.length} bytes that cannot be read: ${error instanceof Error ? error.message : error}`;
  }
}

/**
 * @param {Frame} frame
 * @param {number} milliseconds
 * @returns {Reply}
 */
function reply(frame, milliseconds) {
  const get = (/** @type {string} */ name) => frame.metadata.find(({ key }) => key === name)?.value ?? "";
  const known = {
    ...nothing(milliseconds),
    size: frame.payload.length,
    metadata: frame.metadata.filter(({ key }) => !OWN.test(key)),
  };
  if (!frame.isError) return { ...known, outcome: "ok", body: readable(frame) };
  const text = get(ERROR) || "An error without a text.";
  const reason = get(REJECTED) || (UNKNOWN_METHOD.test(text) ? "unknown-method" : "");
  /** @type {Outcome} */
  const outcome = reason ? "not-run" : get(UNKNOWN) ? "unknown" : "ran";
  return { ...known, outcome, failure: { text, reason, code: get(CODE), data: layOut(get(DATA)) } };
}
