// WebSocket

/** What is seen of the connection of a {@link WsTransport}. */
export type WsState = "closed" | "connecting" | "open";

/** Options of {@link ws}. */
export interface WsOptions extends CallOptions {
  /** {@link msgpack}, or {@link json}. Default MessagePack. */
  readonly codec?: Codec | undefined;
  /** Milliseconds between signs of life; a connection on which nothing arrives for three times as long is given up. Default 30,000; 0 for none. */
  readonly heartbeat?: number | undefined;
  /** The longest frame that is taken, in bytes. Default 64 MiB. */
  readonly longest?: number | undefined;
  /** Is told of the connection, and why it was lost. */
  readonly onState?: ((state: WsState, error?: RpcError) => void) | undefined;
  /** Is told of pushed messages that cannot be read, and of handlers that throw. Default: `console.error`. */
  readonly onPushError?: ((error: unknown) => void) | undefined;
  /** What connects. Default: the global `WebSocket`. */
  readonly WebSocket?: typeof WebSocket | undefined;
}

/** What beside its arguments is known of a pushed message. */
export interface Push {
  readonly metadata: Metadata;
}

/** Takes one pushed message. */
export type PushHandler = (args: Plain, push: Push) => void;

/** What takes the messages to each method of a service. */
export type PushHandlers = Readonly<Record<string, PushHandler>>;

/** A handler that gets its arguments in their type. */
export function pushed<Args>(type: Type<Args>, handler: (args: Args, push: Push) => void): PushHandler {
  return (plain, push) => handler(fitting("unknown", "what was pushed cannot be read", () => type.raise(plain)), push);
}

/** Calls over one WebSocket. */
export interface WsTransport extends Transport {
  /** Takes what the server pushes to a service, until the function that comes back is called. Generated code calls it. */
  serve(service: string, handlers: PushHandlers): () => void;
  /** Connects now, and not with the first call. Rejects if that fails. */
  connect(): Promise<void>;
  /** Closes the connection for good. */
  close(): void;
}

/**
 * Calls over one WebSocket, which is opened with the first call. One that is lost is opened again with the next call, and at once
 * where pushed messages are awaited, with growing pauses.
 *
 * ```ts
 * const arith = new ArithClient(ws("wss://example.org"));
 * ```
 * A URL without a path gets `/_rpcx_`, and `http` is taken for `ws`.
 */
export function ws(url: string | URL, options: WsOptions = {}): WsTransport {
  return new WebSocketTransport(url, options);
}

const HEADER = 16;
const MAGIC = 0x08;
const RESPONSE = 0x80;
const HEARTBEAT = 0x40;
const ONEWAY = 0x20;
const COMPRESSION = 0x1c;
const STATUS = 0x03;

const CODECS: readonly Codec[] = [raw, json, msgpack];

/** A received frame. */
interface Frame {
  readonly flags: number;
  readonly codec: number;
  readonly seq: number;
  readonly service: string;
  readonly method: string;
  readonly metadata: Metadata;
  readonly payload: Uint8Array;
}

/** A call that waits for its reply. */
interface Waiting {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

class WebSocketTransport implements WsTransport {
  readonly defaults: CallOptions;
  readonly #url: URL;
  readonly #options: WsOptions;
  readonly #services = new Map<string, PushHandlers>();
  #connection: Promise<Connection> | undefined;
  #failures = 0;
  #again: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(url: string | URL, options: WsOptions) {
    this.#url = new URL(url);
    this.#url.protocol = this.#url.protocol.replace(/^http/, "ws");
    if (this.#url.pathname === "/") this.#url.pathname = "/_rpcx_";
    this.#options = options;
    this.defaults = options;
  }

  async connect(): Promise<void> {
    await this.#open();
  }

  async send(request: Request): Promise<Answer> {
    const codec = request.raw ? raw : this.#options.codec ?? msgpack;
    const name = `${request.service}.${request.method}`;
    const payload = fitting("not-sent", `the arguments of ${name} cannot be sent`, () => codec.encode(request.payload));
    const connection = await unlessGivenUp(this.#open(), request.signal);
    return connection.call(request, codec.id, payload);
  }

  serve(service: string, handlers: PushHandlers): () => void {
    if (this.#services.has(service)) throw new Error(`pushes to ${service} are taken already`);
    this.#services.set(service, handlers);
    this.#reopen();
    return () => {
      if (this.#services.get(service) === handlers) this.#services.delete(service);
    };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#again);
    this.#connection?.then((connection) => connection.end(new RpcError({ kind: "unknown", message: "the connection was closed" })), () => {});
  }

  /** The connection that is open, or a new one. */
  #open(): Promise<Connection> {
    if (this.#closed) return Promise.reject(new RpcError({ kind: "not-sent", message: "the connection was closed" }));
    if (this.#connection !== undefined) return this.#connection;
    clearTimeout(this.#again);
    this.#options.onState?.("connecting");
    const opening = Connection.open(this.#url, this.#options, {
      push: (frame) => this.#push(frame),
      ended: (error) => this.#lost(opening, error),
    });
    this.#connection = opening;
    opening.then(
      (connection) => {
        this.#failures = 0;
        this.#options.onState?.("open");
        if (this.#closed) this.close();
        return connection;
      },
      (error: RpcError) => this.#lost(opening, error),
    );
    return opening;
  }

  #lost(connection: Promise<Connection>, error: RpcError): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#options.onState?.("closed", error);
    this.#reopen();
  }

  /** Connects where pushes are awaited. */
  #reopen(): void {
    if (this.#closed || this.#services.size === 0 || this.#connection !== undefined) return;
    clearTimeout(this.#again);
    const open = () => this.#open().catch(() => {});
    this.#again = setTimeout(open, this.#failures === 0 ? 0 : pause(this.#failures));
    this.#failures += 1;
  }

  #push({ service, method, codec, metadata, payload }: Frame): void {
    const handler = this.#services.get(service)?.[method];
    if (handler === undefined) return;
    try {
      handler(fitting("unknown", "what was pushed cannot be read", () => codecOfId(codec).decode(payload)), { metadata });
    } catch (error) {
      (this.#options.onPushError ?? console.error)(error);
    }
  }
}

/** What a connection tells its transport. */
interface Events {
  push(frame: Frame): void;
  ended(error: RpcError): void;
}

/** One WebSocket. */
class Connection {
  readonly #socket: WebSocket;
  readonly #options: WsOptions;
  readonly #events: Events;
  readonly #waiting = new Map<number, Waiting>();
  /** What has been received and is no whole frame yet, in pieces, how long that is, and how long it has to be. */
  #pieces: Uint8Array[] = [];
  #length = 0;
  #needed = HEADER;
  #seq = 0;
  /** Signs of life since something was received. */
  #unanswered = 0;
  #ended = false;
  #beat: ReturnType<typeof setInterval> | undefined;

  static open(url: URL, options: WsOptions, events: Events): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const failed = (text: string) => reject(new RpcError({ kind: "not-sent", message: `cannot connect to ${url.href}${text}` }));
      const Socket = options.WebSocket ?? globalThis.WebSocket;
      if (Socket === undefined) return failed(": there is no WebSocket here, give one in the options");
      const socket = new Socket(url.href);
      socket.binaryType = "arraybuffer";
      socket.onopen = () => resolve(new Connection(socket, options, events));
      // some say only the one, some only the other
      socket.onerror = () => failed("");
      socket.onclose = ({ reason }) => failed(reason === "" ? "" : `: ${reason}`);
      return undefined;
    });
  }

  private constructor(socket: WebSocket, options: WsOptions, events: Events) {
    this.#socket = socket;
    this.#options = options;
    this.#events = events;
    socket.onmessage = ({ data }) => this.#receive(data as unknown);
    socket.onerror = () => this.end(lost("the connection was lost"));
    socket.onclose = ({ code, reason }) => this.end(lost(`the connection was lost (${code}${reason === "" ? "" : `: ${reason}`})`));
    const interval = options.heartbeat ?? 30_000;
    if (interval > 0) this.#beat = setInterval(() => this.#signOfLife(), interval);
  }

  async call(request: Request, codec: number, payload: Uint8Array): Promise<Answer> {
    const { signal, oneway } = request;
    signal.throwIfAborted();
    if (this.#socket.readyState !== this.#socket.OPEN) throw new RpcError({ kind: "not-sent", message: "the connection is closing" });
    const seq = (this.#seq += 1);
    const frame = encodeFrame(seq, oneway ? ONEWAY : 0, codec, request.service, request.method, metadataOf(request), payload);
    this.#socket.send(frame as BufferSource);
    if (oneway) return { payload: null, metadata: new Map() };
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(seq);
        reject(signal.reason);
      };
      const done = <T>(settle: (value: T) => void) => (value: T) => {
        signal.removeEventListener("abort", giveUp);
        settle(value);
      };
      this.#waiting.set(seq, { resolve: done(resolve), reject: done(reject) });
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** Ends the connection and all that waits for it. */
  end(error: RpcError): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#beat);
    this.#socket.onclose = this.#socket.onerror = this.#socket.onmessage = null;
    this.#socket.close();
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
    this.#events.ended(error);
  }

  #signOfLife(): void {
    // two: where this program has stood still, what came meanwhile is received behind its timers
    if (this.#unanswered === 2) return this.end(lost("the connection was lost: the server gives no sign of life"));
    this.#unanswered += 1;
    const payload = msgpack.encode(new Date().getTime());
    this.#socket.send(encodeFrame((this.#seq += 1), HEARTBEAT, msgpack.id, "", "", {}, payload) as BufferSource);
    return undefined;
  }

  #receive(data: unknown): void {
    this.#unanswered = 0;
    try {
      if (!(data instanceof ArrayBuffer)) throw new Misfit("a message that is not binary");
      const piece = new Uint8Array(data);
      this.#pieces.push(piece);
      this.#length += piece.length;
      if (this.#length >= this.#needed) this.#frames();
    } catch (error) {
      this.end(lost(`the server broke the protocol: ${(error as Error).message}`));
    }
  }

  /** Takes all whole frames: a message may be more than one, or a part of one. */
  #frames(): void {
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : joined(this.#pieces);
    let start = 0;
    for (this.#needed = HEADER; bytes.length - start >= this.#needed; ) {
      const frame = bytes.subarray(start);
      const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
      if (view.getUint8(0) !== MAGIC) throw new Misfit("what it sent is no frame");
      const length = HEADER + view.getUint32(12);
      const longest = this.#options.longest ?? 64 << 20;
      if (length > longest) throw new Misfit(`a frame of ${length} bytes, the limit is ${longest}`);
      if (frame.length < length) {
        this.#needed = length;
        break;
      }
      start += length;
      this.#take(decodeFrame(view, frame.subarray(HEADER, length)));
    }
    this.#pieces = start === bytes.length ? [] : [bytes.subarray(start)];
    this.#length = bytes.length - start;
  }

  #take(frame: Frame): void {
    const { flags, seq } = frame;
    if ((flags & HEARTBEAT) !== 0) return;
    if ((flags & RESPONSE) === 0) {
      if ((flags & ONEWAY) !== 0) this.#events.push(frame);
      return;
    }
    const waiting = this.#waiting.get(seq);
    this.#waiting.delete(seq);
    try {
      waiting?.resolve(answerOf(frame));
    } catch (error) {
      waiting?.reject(error);
    }
  }
}

function lost(message: string): RpcError {
  return new RpcError({ kind: "unknown", message });
}

function metadataOf({ metadata, token, timeout }: Request): Record<string, string> {
  const all: Record<string, string> = { ...metadata };
  if (token !== undefined) all["__AUTH"] = token;
  if (timeout !== undefined) all["__ServerTimeout"] = String(Math.max(1, Math.ceil(timeout)));
  return all;
}

function codecOfId(id: number): Codec {
  const codec = CODECS.find((known) => known.id === id);
  if (codec === undefined) throw new Misfit(`the codec ${id} is not known here`);
  return codec;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Bytes with their length before them. */
function part(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return joined([length, bytes]);
}

function encodeFrame(
  seq: number,
  flags: number,
  codec: number,
  service: string,
  method: string,
  metadata: Readonly<Record<string, string>>,
  payload: Uint8Array,
): Uint8Array {
  const text = (text: string) => new TextEncoder().encode(text);
  const pairs = Object.entries(metadata).flatMap(([key, value]) => [part(text(key)), part(text(value))]);
  const body = joined([text(service), text(method), joined(pairs), payload].map(part));
  const header = new DataView(new ArrayBuffer(HEADER));
  header.setUint8(0, MAGIC);
  header.setUint8(2, flags);
  header.setUint8(3, codec << 4);
  header.setBigUint64(4, BigInt(seq));
  header.setUint32(12, body.length);
  return joined([new Uint8Array(header.buffer), body]);
}

/** Cuts bytes into parts with their lengths before them. */
function cut(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 4) throw new Misfit("a frame whose lengths are wrong");
    const end = at + 4 + view.getUint32(at);
    if (end > bytes.length) throw new Misfit("a frame whose lengths are wrong");
    parts.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

function decodeFrame(header: DataView, body: Uint8Array): Frame {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const [service, method, metadata, payload] = cut(body);
  if (service === undefined || method === undefined || metadata === undefined) throw new Misfit("a frame that lacks a part");
  const pairs = cut(metadata).map(text);
  const entries = pairs.flatMap((key, index): [string, string][] => (index % 2 === 0 ? [[key, pairs[index + 1] ?? ""]] : []));
  return {
    flags: header.getUint8(2),
    codec: header.getUint8(3) >> 4,
    seq: Number(header.getBigUint64(4)),
    service: text(service),
    method: text(method),
    metadata: new Map(entries),
    payload: payload ?? new Uint8Array(),
  };
}

/** What a reply says. */
function answerOf({ flags, codec, metadata, payload }: Frame): Answer {
  const status = flags & STATUS;
  if (status === 1) throw errorOf(metadata);
  if (status !== 0) throw lost(`the reply has the unknown status ${status}`);
  if ((flags & COMPRESSION) !== 0) throw lost("the reply is compressed, which was not asked for");
  return { payload: fitting("unknown", "the reply cannot be read", () => codecOfId(codec).decode(payload)), metadata };
}

/** The keys that say what an error is; they are no metadata of the method. */
const ERROR_KEYS: readonly string[] = ["__rpcx_error__", "__rpcx_rejected", "__rpcx_unknown", "rpcx-error-code", "rpcx-error-data"];

function errorOf(all: Metadata): RpcError {
  const [message, rejected, unknown, code, data] = ERROR_KEYS.map((key) => all.get(key));
  const metadata = new Map([...all].filter(([key]) => !ERROR_KEYS.includes(key)));
  if (message === undefined) return lost("the server reported an error without a text");
  const reason = rejected === undefined ? reasonOf(message) : (rejected as Rejection);
  // A method that was cut off has begun and has not ended.
  const kind = reason !== undefined ? "rejected" : unknown !== undefined ? "unknown" : "service";
  return new RpcError({ kind, message, reason, code: codeOf(code), data: dataOf(data), metadata });
}

/** Go servers say only by their texts that they have not run a method. */
function reasonOf(message: string): Rejection | undefined {
  if (/^rpcx: can't find (service|method) /.test(message)) return "unknown-method";
  return message.startsWith("can not find codec for ") ? "undecodable" : undefined;
}

function dataOf(text: string | undefined): Plain {
  if (text === undefined) return undefined;
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
