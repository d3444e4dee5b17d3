// What a program in Node and a page in a browser do with the generated clients. Each line of the report is a name and
// an outcome.

import {
  type All,
  type Account,
  ArithClient,
  BankClient,
  BankError,
  BankErrorClosed,
  BankErrorNoAccount,
  BankErrorTooPoor,
  Currency,
  Level,
  MarketClient,
  MissingClient,
  NowhereClient,
  RawArithClient,
  servePrices,
  serveRates,
  Stage,
  TextErrorWrapped,
  TypesClient,
} from "./client.js";
import { http, json, milliseconds, msgpack, nanoseconds, RpcError, Timestamp, type Transport, ws, type WsTransport } from "./rpcx.js";

type Case = readonly [name: string, run: () => unknown];

/** A value as text: bigints with their sign, bytes as numbers, maps in order, as Go has none, and no member that is not there. */
function shown(value: unknown): string {
  const members = (_: string, value: unknown): unknown => {
    if (typeof value === "bigint") return `${value}n`;
    if (value instanceof Uint8Array) return [...value];
    if (value instanceof Map) return [...value].map(([key, value]) => [members("", key), value]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    return value;
  };
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "string" ? value : JSON.stringify(value, members) ?? "nothing";
}

/** What an error says that a caller may look at. */
function failure(error: unknown): string {
  if (!(error instanceof RpcError)) return `${(error as Error).name}: ${(error as Error).message}`;
  const parts = [error.name, error.kind, error.reason, error.code === undefined ? undefined : shown(error.code), error.data === undefined ? undefined : shown(error.data), error.message];
  return parts.filter((part) => part !== undefined).join(", ");
}

async function report(name: string, cases: readonly Case[], lines: string[]): Promise<void> {
  for (const [of, run] of cases) {
    try {
      lines.push(`${name} ${of}: ${shown(await run())}`);
    } catch (error) {
      lines.push(`${name} ${of} failed: ${failure(error)}`);
    }
  }
}

const all: All = {
  int: -9007199254740993n,
  i8: -128,
  i16: -32768,
  i32: -2147483648,
  i64: -9223372036854775808n,
  u8: 255,
  u16: 65535,
  u32: 4294967295,
  u64: 18446744073709551615n,
  f32: 0.5,
  f64: -1.5e300,
  bool: true,
  str: 'w\u00f6rld "12345678901234567890" \\',
  bytes: Uint8Array.from({ length: 300 }, (_, index) => index % 256),
  arr: Uint8Array.of(1, 2, 3, 255),
  time: Timestamp.parse("2026-01-31T12:00:00.123456789+02:00"),
  dur: nanoseconds(1.5),
  strs: ["a", "", "\u{1f980}"],
  map: new Map([["__proto__", 1n], ["b", 9007199254740993n]]),
  intMap: new Map([[2n, "y"], [9007199254740993n, "x"]]),
  inner: { name: "inner", score: -1, tags: [] },
  ptr: { name: "there", score: 2147483647, tags: ["t"] },
  inners: [{ name: "", score: 0, tags: ["x", "y"] }],
};

const nothing: Account = { number: 0n, level: Level.Low };

/** What every peer answers. */
function everywhere(transport: Transport): Case[] {
  const arith = new ArithClient(transport);
  const types = new TypesClient(transport);
  return [
    ["mul", async () => (await arith.mul({ a: 10n, b: 20n })).c],
    ["large", async () => (await arith.mul({ a: 3002399751580331n, b: 3n })).c],
    ["many", async () => {
      const calls = Array.from({ length: 100 }, (_, n) => arith.mul({ a: BigInt(n), b: 2n }));
      return (await Promise.all(calls)).every(({ c }, n) => c === 2n * BigInt(n));
    }],
    ["say", () => arith.say("w\u00f6rld")],
    ["echo", async () => shown(await types.echo(all)) === shown(all)],
    ["nil", async () => {
      const { ptr, time, arr, strs, map } = await types.nil();
      return [ptr === undefined, time, arr, strs, map];
    }],
    ["big", async () => (await types.big({ size: 1000000n })).data.every((byte, index) => byte === index % 251)],
    ["error", () => arith.error({ a: 1n, b: 2n })],
    ["missing", () => new MissingClient(transport).nothing()],
    ["nowhere", () => new NowhereClient(transport).mul({ a: 1n, b: 2n })],
    ["misfit", () => types.echo({ ...all, inner: { ...all.inner, score: 2 ** 31 } })],
    // whether the client or the server notices first is chance
    ["timeout", () => arith.sleep({ ms: 5000n }, { timeout: 100 }).catch((error: RpcError) => ["unknown", "rejected"].includes(error.kind) || `${error.kind}: ${error.message}`)],
    ["abort", () => arith.sleep({ ms: 5000n }, { signal: AbortSignal.timeout(50) })],
    ["aborted", () => arith.mul({ a: 1n, b: 2n }, { signal: AbortSignal.abort(new Error("before")) })],
    ["metadata", async () => {
      let answered: ReadonlyMap<string, string> = new Map();
      const metadata = { tenant: "a b&c=\u00e4" };
      const seen = await new ArithClient(transport, { metadata: { of: "client" } }).meta({ metadata, onMetadata: (all) => (answered = all) });
      return [seen.get("tenant"), seen.get("of"), answered.get("echo-tenant")];
    }],
    ["deadline", async () => {
      const left = await arith.deadline({ timeout: 10000 });
      return [left > 5000n && left <= 10000n, await arith.deadline()];
    }],
    ["oneway", async () => {
      const before = await arith.count();
      await arith.notify({ a: 1n, b: 2n });
      while ((await arith.count()) === before) await new Promise((again) => setTimeout(again, 10));
      return (await arith.count()) - before;
    }],
  ];
}

/** What only peers of Rust have. */
function rust(transport: Transport): Case[] {
  const bank = new BankClient(transport);
  return [
    ["open", () => bank.open({ account: { ...nothing, level: Level.High, currency: Currency.Dollar, parent: nothing }, currencies: ["Euro", "US$"] })],
    ["open with a note", () => bank.open({ account: nothing, note: "closed", currencies: [] })],
    ["no such level", () => bank.open({ account: { ...nothing, level: 3 as Level }, currencies: [] })],
    ["pay", () => bank.pay(1n)],
    ["too poor", async () => {
      const error = await bank.pay(9007199254740993n).then(() => undefined, (error: unknown) => error);
      if (!(error instanceof BankErrorTooPoor)) throw error;
      return [error instanceof BankError, error.data.missing, error.data.toWhom];
    }],
    ["no account", () => bank.pay(404n).catch((error: unknown) => (error instanceof BankErrorNoAccount ? error.data : "another"))],
    ["closed", () => bank.pay(0n).catch((error: unknown) => (error instanceof BankErrorClosed ? shown(error.code) : "another"))],
    ["wrapped", () => bank.wrapped().catch((error: unknown) => (error instanceof TextErrorWrapped ? `${error.message} ${error.code}` : "another"))],
    ["token", () => new BankClient(transport, { token: async () => "Bearer t" }).token()],
    ["overloaded", () => bank.overloaded(1)],
    ["overloaded once", () => bank.overloaded(2, { attempts: 1 })],
    ["raw", async () => [...(await bank.copy(Uint8Array.of(0, 255, 8)))]],
    ["stages", () => bank.stages({ stages: [Stage.Open, 7, 9007199254740993n, 0], tint: "pink" })],
    ["float", async () => [await bank.echo(12345678901234567890), await bank.echo(0.1), await bank.echo(3)]],
    ["anything", async () => {
      const sent = { none: null, whole: -7, half: 0.5, large: 18446744073709551615n, text: "12345678901234567890", list: [true, { deep: [] }, Uint8Array.of(1)] };
      const map = await bank.anything(sent);
      if (!(map instanceof Map) || typeof map.get("large") !== "bigint" || map.get("half") !== 0.5) return "another";
      return shown(await bank.anything(map)) === shown(map) ? map : "not the same again";
    }],
    ["everything", () => bank.everything()],
  ];
}

/** What is about one connection. */
function connected(transport: WsTransport): Case[] {
  return [
    ["prices", () => new Promise((resolve) => {
      const prices: string[] = [];
      const stop = servePrices(transport, {
        changed(price, { metadata }) {
          prices.push(`${metadata.get("n")}=${new TextDecoder().decode(price)}`);
          if (prices.length === 5) stop(), resolve(prices.join(" "));
        },
      });
      void new MarketClient(transport).subscribe({ count: 5 });
    })],
  ];
}

function go(transport: Transport): Case {
  return ["raw", async () => [...(await new RawArithClient(transport).echo(Uint8Array.of(0, 255, 8)))]];
}

function rates(transport: WsTransport): Case {
  return ["rates", () => new Promise((resolve) => {
    const rates: string[] = [];
    const stop = serveRates(transport, {
      changed({ from, rate }) {
        rates.push(`${from} ${rate}`);
        if (rates.length === 2) stop(), resolve(rates.join(", "));
      },
    });
    void new BankClient(transport).subscribe(2);
  })];
}

/** A connection that is lost, and opened again. */
function again(url: string): Case[] {
  const sockets: WebSocket[] = [];
  class Kept extends WebSocket {
    constructor(url: string | URL) {
      super(url);
      sockets.push(this);
    }
  }
  const states: string[] = [];
  const transport = ws(url, { WebSocket: Kept, onState: (state) => states.push(state) });
  const arith = new ArithClient(transport);
  const cut = () => sockets.at(-1)?.close();
  return [
    ["cut", async () => {
      await transport.connect();
      const sleeping = arith.sleep({ ms: 5000n });
      setTimeout(cut, 50);
      return sleeping;
    }],
    ["after it", async () => (await arith.mul({ a: 6n, b: 7n })).c],
    ["pushes after it", async () => {
      const got = new Promise((resolve) => serveRates(transport, { changed: ({ rate }) => resolve(rate) }));
      const before = states.length;
      cut();
      while (states.length < before + 3) await new Promise((again) => setTimeout(again, 5));
      await new BankClient(transport).subscribe(1);
      return got;
    }],
    ["states", () => states.join(" ")],
    ["closed", () => {
      transport.close();
      return arith.mul({ a: 1n, b: 1n }, { attempts: 1 });
    }],
  ];
}

/** A server that is there from the third request on. */
function lossy(): Transport {
  let requests = 0;
  const fetch = async () => {
    requests += 1;
    if (requests < 3) throw new TypeError("lost");
    return Response.json(requests);
  };
  return http("http://x", { fetch });
}

/** A WebSocket to a server that takes what is sent and says nothing. */
class Silent {
  static sent = 0;
  readonly OPEN = 1;
  readonly readyState = 1;
  onopen: (() => void) | null = null;

  constructor() {
    queueMicrotask(() => this.onopen?.());
  }

  send(): void {
    Silent.sent += 1;
  }

  close(): void {}
}

/** What needs no server. */
const alone: Case[] = [
  ["no answer", () => new ArithClient({ send: ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))) }).mul({ a: 1n, b: 1n }, { timeout: 20 })],
  ["nowhere by http", () => new ArithClient(http("http://127.0.0.1:1")).mul({ a: 1n, b: 1n }).catch((error: RpcError) => [error.kind])],
  ["nowhere by ws", () => new ArithClient(ws("ws://127.0.0.1:1"), { attempts: 2 }).mul({ a: 1n, b: 1n })],
  ["a page", () => new ArithClient(http("http://x", { fetch: async () => new Response("<html>", { status: 502, statusText: "Bad Gateway" }) })).mul({ a: 1n, b: 1n })],
  ["another type", () => new ArithClient(http("http://x", { fetch: async () => new Response("{}", { headers: { "Content-Type": "text/html" } }) })).mul({ a: 1n, b: 1n })],
  ["not a number", () => new ArithClient(http("http://x", { fetch: async () => Response.json({ C: 1.5 }) })).mul({ a: 1n, b: 1n })],
  ["silence", () => {
    const socket = ws("ws://x", { heartbeat: 5, WebSocket: Silent as unknown as typeof WebSocket });
    return new ArithClient(socket).mul({ a: 1n, b: 1n }).catch((error: RpcError) => [error.message, Silent.sent]);
  }],
  ["lost", () => new BankClient(lossy()).lost(1)],
  ["lost and not idempotent", () => new BankClient(lossy()).lost(1, { idempotent: false })],
  ["not finite", () => new BankClient(http("http://x")).echo(Infinity)],
  ["times", () => {
    const times = ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999999Z", "2024-02-29t12:00:00.5-00:30", "9999-12-31T23:59:59Z"];
    return times.map((text) => Timestamp.parse(text).toString());
  }],
  ["no time", () => Timestamp.parse("2026-13-01T00:00:00Z")],
  ["dates", () => {
    const date = new Date(-1);
    return [Timestamp.fromDate(date), Timestamp.fromDate(date).toDate().getTime(), milliseconds(nanoseconds(2.5))];
  }],
  ["codecs", () => {
    const digits = json.decode(new TextEncoder().encode('[12345678901234567890, "\\\\", "1234567890123456789", -1.5, 1e400]'));
    const deep = new Uint8Array(1000).fill(0x91);
    const refused = [Uint8Array.of(0xdd, 255, 255, 255, 255), deep, Uint8Array.of(0xc1), Uint8Array.of(0xa1, 0xff), Uint8Array.of(1, 1)].map((bytes) => {
      try {
        return shown(msgpack.decode(bytes));
      } catch (error) {
        return (error as Error).message;
      }
    });
    return [digits, ...refused];
  }],
];

/** Runs everything against a server of Rust, and, where there is one, against a server of Go: through a gateway, and itself. */
export async function run(rustHttp: string, rustWs: string, goHttp?: string, goWs?: string, GoSocket = WebSocket): Promise<string> {
  const lines: string[] = [];
  for (const codec of [json, msgpack]) {
    const name = codec === json ? "json" : "msgpack";
    const by = http(rustHttp, { codec });
    await report(`http ${name}`, [...everywhere(by), ...rust(by)], lines);
    let socket = ws(rustWs, { codec, heartbeat: 1000 });
    await report(`ws ${name}`, [...everywhere(socket), ...rust(socket), ...connected(socket), rates(socket)], lines);
    socket.close();
    if (goHttp === undefined || goWs === undefined) continue;
    await report(`gateway ${name}`, everywhere(http(goHttp, { codec })), lines);
    socket = ws(goWs, { codec, heartbeat: 1000, WebSocket: GoSocket });
    await report(`go ${name}`, [...everywhere(socket), ...connected(socket), go(socket)], lines);
    socket.close();
  }
  await report("again", again(rustWs), lines);
  const by = http(rustHttp);
  const bank = new BankClient(by);
  await bank.forever({ signal: AbortSignal.timeout(100) }).catch(() => {});
  await report("given up", [["forever", async () => {
    while ((await bank.givenUp()) === 0) await new Promise((again) => setTimeout(again, 10));
    return true;
  }]], lines);
  await report("alone", alone, lines);
  return lines.join("\n");
}
