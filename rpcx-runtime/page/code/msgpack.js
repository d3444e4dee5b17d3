// MessagePack as JSON: what servers push in, unless they are told otherwise.

import { toBase64 } from "./base64.js";
import { emptyObject } from "./json.js";

/** @import { Json } from "./json.js" */

/** How deep lists and maps may be in each other. */
const DEEPEST = 128;

/** The extension type of a time. */
const TIME = -1;

/**
 * @param {Uint8Array} bytes
 * @returns {Json}
 */
export function decodeMsgpack(bytes) {
  return new Reader(bytes).value(0);
}

class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = 0;
  }

  /**
   * A number of so many bytes, which is read by `read`.
   * @template T
   * @param {number} size
   * @param {(at: number) => T} read throws behind the end
   * @returns {T}
   */
  take(size, read) {
    const value = read(this.at);
    this.at += size;
    return value;
  }

  /** @param {number} size in bytes */
  unsigned(size) {
    const { view } = this;
    if (size === 1) return this.take(1, (at) => view.getUint8(at));
    return size === 2 ? this.take(2, (at) => view.getUint16(at)) : this.take(4, (at) => view.getUint32(at));
  }

  /** @param {number} length */
  slice(length) {
    if (this.at + length > this.bytes.length) throw new Error("The message ends within a value.");
    return this.take(length, (at) => this.bytes.subarray(at, at + length));
  }

  /** @param {number} length */
  text(length) {
    return new TextDecoder().decode(this.slice(length));
  }

  /**
   * @param {number} depth
   * @returns {Json}
   */
  value(depth) {
    if (depth > DEEPEST) throw new Error("The message is too deep.");
    const mark = this.unsigned(1);
    if (mark < 0x80) return mark;
    if (mark < 0x90) return this.map(mark & 15, depth);
    if (mark < 0xa0) return this.list(mark & 15, depth);
    if (mark < 0xc0) return this.text(mark & 31);
    if (mark >= 0xe0) return mark - 256;
    return this.marked(mark, depth);
  }

  /**
   * @param {number} mark
   * @param {number} depth
   * @returns {Json}
   */
  marked(mark, depth) {
    if (mark <= 0xc3) return { 0xc0: null, 0xc2: false, 0xc3: true }[mark] ?? null;
    if (mark <= 0xc6) return toBase64(this.slice(this.unsigned(1 << (mark - 0xc4))));
    if (mark <= 0xc9) return this.extension(this.unsigned(1 << (mark - 0xc7)));
    if (mark <= 0xd3) return this.number(mark);
    if (mark <= 0xd8) return this.extension(1 << (mark - 0xd4));
    if (mark <= 0xdb) return this.text(this.unsigned(1 << (mark - 0xd9)));
    return mark <= 0xdd ? this.list(this.unsigned(2 << (mark - 0xdc)), depth) : this.map(this.unsigned(2 << (mark - 0xde)), depth);
  }

  /** @param {number} mark */
  number(mark) {
    const { view } = this;
    switch (mark) {
      case 0xca:
        return this.take(4, (at) => view.getFloat32(at));
      case 0xcb:
        return this.take(8, (at) => view.getFloat64(at));
      case 0xcf:
        return small(this.take(8, (at) => view.getBigUint64(at)));
      case 0xd0:
        return this.take(1, (at) => view.getInt8(at));
      case 0xd1:
        return this.take(2, (at) => view.getInt16(at));
      case 0xd2:
        return this.take(4, (at) => view.getInt32(at));
      case 0xd3:
        return small(this.take(8, (at) => view.getBigInt64(at)));
      default:
        return this.unsigned(1 << (mark - 0xcc));
    }
  }

  /**
   * @param {number} length
   * @param {number} depth
   */
  list(length, depth) {
    /** @type {Json[]} */
    const list = [];
    while (list.length < length) list.push(this.value(depth + 1));
    return list;
  }

  /**
   * @param {number} length
   * @param {number} depth
   */
  map(length, depth) {
    const map = emptyObject();
    for (let count = 0; count < length; count += 1) {
      const key = this.value(depth + 1);
      map[String(key)] = this.value(depth + 1);
    }
    return map;
  }

  /** A time, or bytes. @param {number} length */
  extension(length) {
    const type = this.take(1, (at) => this.view.getInt8(at));
    const bytes = this.slice(length);
    return type === TIME ? time(bytes) : toBase64(bytes);
  }
}

/** @param {bigint} value */
function small(value) {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** Seconds, with nanoseconds in front of them where there are any. @param {Uint8Array} bytes */
function time(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === 4) return new Date(view.getUint32(0) * 1000).toISOString();
  const packed = view.getBigUint64(0);
  const [seconds, nanoseconds] =
    bytes.length === 8 ? [packed & 0x3ffffffffn, packed >> 34n] : [view.getBigInt64(4), BigInt(view.getUint32(0))];
  return new Date(Number(seconds * 1000n + nanoseconds / 1_000_000n)).toISOString();
}
