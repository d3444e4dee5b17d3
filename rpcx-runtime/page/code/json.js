// JSON without loss: integers beyond 2^53 are bigints, numbers keep their digits when a text is only laid out anew, and
// an error says line and column.

/**
 * @typedef {null | boolean | number | bigint | string | JsonList | JsonObject} Json
 * @typedef {Json[]} JsonList
 * @typedef {{ [name: string]: Json }} JsonObject
 * @typedef {"space" | "string" | "number" | "word" | "mark" | "wrong"} TokenKind
 * @typedef {{ kind: TokenKind, text: string, at: number }} Token
 */

const SPACE = String.raw`(?<space>[ \t\r\n]+)`;
const STRING = String.raw`(?<string>"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*")`;
const NUMBER = String.raw`(?<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)`;
const WORD = String.raw`(?<word>true|false|null)`;
const MARK = String.raw`(?<mark>[{}[\]:,])`;
const WRONG = String.raw`(?<wrong>"[^\n]*|[^\s{}[\]:,"]+|.)`;

/** How deep lists and objects may be in each other: as the server has it, and far from the end of the stack. */
const DEEPEST = 128;

/** What is wrong with a text, and where. */
export class JsonError extends Error {
  /**
   * @param {string} message
   * @param {string} text
   * @param {number} at
   */
  constructor(message, text, at) {
    const before = text.slice(0, at).split("\n");
    const column = (before.at(-1) ?? "").length + 1;
    super(`Line ${before.length}, column ${column}: ${message}`);
    this.at = at;
  }
}

/**
 * The pieces of a text, whether it is JSON or not.
 * @param {string} text
 * @returns {Generator<Token>}
 */
export function* tokens(text) {
  const pattern = new RegExp([SPACE, STRING, NUMBER, WORD, MARK, WRONG].join("|"), "gsu");
  for (const match of text.matchAll(pattern)) {
    const [kind] = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined) ?? ["wrong"];
    yield { kind: /** @type {TokenKind} */ (kind), text: match[0], at: match.index };
  }
}

/**
 * The value of a text.
 * @param {string} text
 * @returns {Json}
 * @throws {JsonError}
 */
export function parseJson(text) {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

class Parser {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.tokens = tokens(text);
    this.token = this.next();
  }

  /** @returns {Token | undefined} */
  next() {
    for (;;) {
      const { value, done } = this.tokens.next();
      this.token = done ? undefined : value;
      if (this.token?.kind !== "space") return this.token;
    }
  }

  /**
   * @param {string} expected
   * @returns {never}
   */
  fail(expected) {
    const found = this.token;
    const what = found ? `found ${JSON.stringify(shortened(found.text))}` : "the text ends here";
    throw new JsonError(`${expected} is expected, ${what}`, this.text, found?.at ?? this.text.length);
  }

  end() {
    if (this.token) this.fail("the end");
  }

  /**
   * Whether the next token is this mark, which is then taken.
   * @param {string} mark
   */
  takes(mark) {
    const is = this.token?.kind === "mark" && this.token.text === mark;
    if (is) this.next();
    return is;
  }

  /**
   * @param {number} depth
   * @returns {Json}
   */
  value(depth) {
    if (depth > DEEPEST) this.fail(`at most ${DEEPEST} levels: a simpler value`);
    if (this.takes("{")) return this.object(depth + 1);
    if (this.takes("[")) return this.list(depth + 1);
    const { kind, text } = this.token ?? { kind: "wrong", text: "" };
    switch (kind) {
      case "string":
        this.next();
        return JSON.parse(text);
      case "number":
        return this.number(text);
      case "word":
        this.next();
        return JSON.parse(text);
      default:
        return this.fail("a value");
    }
  }

  /**
   * @param {string} text
   * @returns {number | bigint}
   */
  number(text) {
    const value = Number(text);
    if (!Number.isFinite(value)) this.fail("a number of 64 bits");
    this.next();
    const isExact = !/^-?\d+$/.test(text) || Number.isSafeInteger(value);
    return isExact ? value : BigInt(text);
  }

  /**
   * @param {number} depth
   * @returns {JsonList}
   */
  list(depth) {
    /** @type {JsonList} */
    const list = [];
    if (this.takes("]")) return list;
    do {
      list.push(this.value(depth));
    } while (this.takes(","));
    if (!this.takes("]")) this.fail("a comma or ]");
    return list;
  }

  /**
   * @param {number} depth
   * @returns {JsonObject}
   */
  object(depth) {
    const object = emptyObject();
    if (this.takes("}")) return object;
    do {
      const name = this.token;
      if (name?.kind !== "string") return this.fail("a name in double quotes");
      const key = JSON.parse(name.text);
      if (key in object) this.fail("a name that is not there twice");
      this.next();
      if (!this.takes(":")) this.fail("a colon");
      object[key] = this.value(depth);
    } while (this.takes(","));
    if (!this.takes("}")) this.fail("a comma or }");
    return object;
  }
}

/**
 * An object that has no names but those that it is given.
 * @returns {JsonObject}
 */
export function emptyObject() {
  return Object.create(null);
}

/**
 * @param {Json | undefined} value
 * @returns {value is JsonObject}
 */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A value as JSON, on one line.
 * @param {Json} value
 * @returns {string}
 */
export function compactJson(value) {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(compactJson).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${compactJson(member)}`);
  return `{${members.join(",")}}`;
}

/**
 * A value as JSON, laid out.
 * @param {Json} value
 */
export function printJson(value) {
  return layOut(compactJson(value));
}

/**
 * JSON laid out: the same tokens, two spaces for each level.
 * @param {string} text
 */
export function layOut(text) {
  let out = "";
  let depth = 0;
  let before = "";
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const token of tokens(text)) {
    if (token.kind === "space") continue;
    const opens = before === "{" || before === "[";
    const closes = token.text === "}" || token.text === "]";
    if (closes) depth -= 1;
    if (before === "," || opens !== closes && (opens || closes)) out += line();
    out += token.text === ":" ? ": " : token.text;
    if (token.text === "{" || token.text === "[") depth += 1;
    before = token.kind === "mark" ? token.text : "";
  }
  return out;
}

/** @param {string} text */
function shortened(text) {
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
}
