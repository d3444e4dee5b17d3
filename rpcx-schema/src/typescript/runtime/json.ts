// JSON

/** How payloads are written and read. */
export interface Codec {
  /** Its number in rpcx. */
  readonly id: number;
  /** Its media type. */
  readonly media: string;
  encode(plain: Plain): Uint8Array;
  decode(bytes: Uint8Array): Plain;
}

/** JSON, with whole numbers of any size. */
export const json: Codec = {
  id: 1,
  media: "application/json",
  encode: (plain) => new TextEncoder().encode(printJson(plain)),
  decode: (bytes) => (bytes.length === 0 ? null : parseJson(utf8(bytes))),
};

function utf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** `JSON.stringify` has no whole numbers beyond 2^53. */
function printJson(plain: Plain): string {
  if (plain == null) return "null";
  if (typeof plain === "bigint") return plain.toString();
  if (typeof plain !== "object") return JSON.stringify(plain);
  if (plain instanceof Float) {
    if (!Number.isFinite(plain.value)) throw new Misfit(`${plain.value} has no form in JSON`);
    return JSON.stringify(plain.value);
  }
  if (plain instanceof Timestamp) return JSON.stringify(plain.toString());
  if (plain instanceof Uint8Array) return `"${toBase64(plain)}"`;
  if (plain instanceof FixedBytes) return `[${plain.bytes.join(",")}]`;
  if (Array.isArray(plain)) return `[${plain.map(printJson).join(",")}]`;
  const entries = [...entriesOf(plain)];
  return `{${entries.map(([key, value]) => `${JSON.stringify(String(key))}:${printJson(value)}`).join(",")}}`;
}

/** As `JSON.parse`, but a whole number of more than 15 digits becomes a `bigint`, and loses none. */
function parseJson(text: string): Plain {
  if (!/\d{16}/.test(text)) return JSON.parse(text) as Plain;
  // A character that no text in there has: one that can be written by its number alone.
  const mark = ["1", "2", "3", "4", "5", "6", "7"].find((digit) => !text.includes(`\\u000${digit}`));
  if (mark === undefined) throw new Misfit("its texts have all of the control characters U+0001 to U+0007");
  const marked = String.fromCharCode(Number(mark));
  const whole = (_: string, value: unknown): unknown =>
    typeof value === "string" && value.startsWith(marked) ? BigInt(value.slice(1)) : value;
  return JSON.parse(quoted(text, `\\u000${mark}`), whole) as Plain;
}

/** The text with its long whole numbers as texts that begin with a mark. */
function quoted(text: string, mark: string): string {
  const tokens = /"|-?\d[\d.eE+-]*/g;
  let made = "";
  let copied = 0;
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    if (found[0] === '"') {
      tokens.lastIndex = endOfText(text, tokens.lastIndex);
    } else if (/^-?\d{16,}$/.test(found[0])) {
      made += `${text.slice(copied, found.index)}"${mark}${found[0]}"`;
      copied = tokens.lastIndex;
    }
  }
  return made + text.slice(copied);
}

/** Behind the quote that ends a text of JSON which begins at `start`. */
function endOfText(text: string, start: number): number {
  for (let from = start; ; ) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return text.length;
    let slashes = 0;
    while (quote - slashes > start && text[quote - slashes - 1] === "\\") slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

/** So many at once that the arguments of a function may be. */
const CHUNK = 0x8000;

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    throw misfit(text, "base64");
  }
}

/** Bytes without a codec. */
const raw: Codec = {
  id: 0,
  media: "application/octet-stream",
  encode: (plain) => bytes.raise(plain),
  decode: (payload) => payload,
};
