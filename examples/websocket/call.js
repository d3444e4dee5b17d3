// Calls rpcx services from a browser, over a WebSocket, with JSON:
//
//     import { Connection } from "./call.js";
//     const rpcx = await Connection.open("wss://example.org:8972/_rpcx_");
//     const reply = await rpcx.call("Arith", "Mul", { A: 10, B: 20 });
//
// The names of fields are those on the wire, which begin with a capital unless the service says
// otherwise. The server lets in pages of its own host, and those in `ListenOptions::origins`.

const JSON_CODEC = 1;
const RESPONSE = 0x80;
const HEADER = 16;
const text = { encode: (s) => new TextEncoder().encode(s), decode: (b) => new TextDecoder().decode(b) };

// One part of a frame's body: its length in four bytes, then the bytes.
function part(bytes) {
  const out = new Uint8Array(4 + bytes.length);
  new DataView(out.buffer).setUint32(0, bytes.length);
  out.set(bytes, 4);
  return out;
}

function join(parts) {
  const out = new Uint8Array(parts.reduce((sum, bytes) => sum + bytes.length, 0));
  let at = 0;
  for (const bytes of parts) {
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}

// A request: magic byte, version, flags, codec, sequence number, length; then path, method,
// metadata and payload.
function encode(seq, path, method, metadata, value) {
  const pairs = Object.entries(metadata).flat().map((s) => part(text.encode(s)));
  const payload = text.encode(JSON.stringify(value));
  const body = join([text.encode(path), text.encode(method), join(pairs), payload].map(part));
  const header = new DataView(new ArrayBuffer(HEADER));
  header.setUint8(0, 0x08);
  header.setUint8(3, JSON_CODEC << 4);
  header.setBigUint64(4, seq);
  header.setUint32(12, body.length);
  return join([new Uint8Array(header.buffer), body]);
}

// The four parts of a body.
function* parts(body) {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  for (let at = 0; at < body.length; ) {
    const length = view.getUint32(at);
    yield body.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
}

// What the server says: the value, or an Error with the server's text.
function decode(flags, body) {
  const [, , metadata, payload] = parts(body);
  if ((flags & 3) === 0) return payload.length ? JSON.parse(text.decode(payload)) : undefined;
  const pairs = [...parts(metadata)].map(text.decode);
  const at = pairs.findIndex((key, n) => n % 2 === 0 && key === "__rpcx_error__");
  throw new Error(at < 0 ? "an error without a text" : pairs[at + 1]);
}

export class Connection {
  #socket;
  #seq = 0n;
  #pending = new Map();
  #received = new Uint8Array(0);

  // Connects; fails if the server does not let this page in, or is not there.
  static open(url) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.binaryType = "arraybuffer";
      socket.onopen = () => resolve(new Connection(socket));
      socket.onerror = () => reject(new Error(`cannot connect to ${url}`));
    });
  }

  constructor(socket) {
    this.#socket = socket;
    socket.onmessage = (event) => this.#receive(new Uint8Array(event.data));
    socket.onclose = () => {
      for (const { reject } of this.#pending.values()) reject(new Error("the connection was lost"));
      this.#pending.clear();
    };
  }

  // Calls a method; any number of calls may be under way. The outcome of a call that was under way
  // when the connection was lost is not known.
  call(path, method, value, metadata = {}) {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      return Promise.reject(new Error("the connection is closed"));
    }
    const seq = ++this.#seq;
    this.#socket.send(encode(seq, path, method, metadata, value));
    return new Promise((resolve, reject) => this.#pending.set(seq, { resolve, reject }));
  }

  close() {
    this.#socket.close(1000);
  }

  // The messages are pieces of one stream: a message may end within a frame.
  #receive(bytes) {
    this.#received = join([this.#received, bytes]);
    for (;;) {
      const { buffer, byteOffset, length } = this.#received;
      const view = new DataView(buffer, byteOffset, length);
      if (length < HEADER || length < HEADER + view.getUint32(12)) return;
      const end = HEADER + view.getUint32(12);
      this.#answer(view.getUint8(2), view.getBigUint64(4), this.#received.subarray(HEADER, end));
      this.#received = this.#received.subarray(end);
    }
  }

  #answer(flags, seq, body) {
    const call = this.#pending.get(seq);
    if (!(flags & RESPONSE) || !call) return;
    this.#pending.delete(seq);
    try {
      call.resolve(decode(flags, body));
    } catch (error) {
      call.reject(error);
    }
  }
}
