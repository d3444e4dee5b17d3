// Frames of rpcx as bytes: what calls and pushes are on a connection that stays open.

import { fromBase64, toBase64 } from "./base64.js";
import { compactJson } from "./json.js";
import { decodeMsgpack } from "./msgpack.js";

/**
 * @import { Pair } from "./request.js"
 * @typedef {{ isResponse: boolean, isHeartbeat: boolean, isError: boolean, isCompressed: boolean, codec: number, seq: bigint,
 *   service: string, method: string, metadata: Pair[], payload: Uint8Array }} Frame
 */

const MAGIC = 0x08;
const RESPONSE = 0x80;
const HEARTBEAT = 0x40;
const COMPRESSION = 0x1c;
const STATUS = 0x03;
const JSON_CODEC = 1;
const MSGPACK_CODEC = 3;
const HEADER = 16;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A request with JSON.
 * @param {bigint} seq
 * @param {{ service: string, method: string, metadata: Pair[], args: string }} request
 */
export function encodeRequest(seq, { service, method, metadata, args }) {
  const pairs = joined(metadata.flatMap(({ key, value }) => [part(encoder.encode(key)), part(encoder.encode(value))]));
  const texts = [encoder.encode(service), encoder.encode(method), pairs, encoder.encode(args)];
  return withHeader(0, JSON_CODEC, seq, joined(texts.map(part)));
}

/** A sign of life. @param {bigint} seq */
export function encodeHeartbeat(seq) {
  return withHeader(HEARTBEAT, JSON_CODEC, seq, joined([0, 1, 2, 3].map(() => part(new Uint8Array()))));
}

/**
 * @param {number} flags
 * @param {number} codec
 * @param {bigint} seq
 * @param {Uint8Array} body
 */
function withHeader(flags, codec, seq, body) {
  const header = new DataView(new ArrayBuffer(HEADER));
  header.setUint8(0, MAGIC);
  header.setUint8(2, flags);
  header.setUint8(3, codec << 4);
  header.setBigUint64(4, seq);
  header.setUint32(12, body.length);
  return joined([new Uint8Array(header.buffer), body]);
}

/** Its length in four bytes, then the bytes. @param {Uint8Array} bytes */
function part(bytes) {
  const out = new Uint8Array(4 + bytes.length);
  new DataView(out.buffer).setUint32(0, bytes.length);
  out.set(bytes, 4);
  return out;
}

/** @param {Uint8Array[]} parts */
export function joined(parts) {
  const out = new Uint8Array(parts.reduce((sum, bytes) => sum + bytes.length, 0));
  parts.reduce((at, bytes) => (out.set(bytes, at), at + bytes.length), 0);
  return out;
}

/**
 * The first frame of what has come, and how long it is; none if it has not come whole.
 * @param {Uint8Array} bytes
 * @returns {{ frame: Frame, length: number } | null}
 */
export function decodeFrame(bytes) {
  if (bytes.length < HEADER) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint8(0) !== MAGIC) throw new Error("The server sent something that is no frame.");
  const length = HEADER + view.getUint32(12);
  if (bytes.length < length) return null;
  const [service, method, metadata, payload] = parts(bytes.subarray(HEADER, length));
  const flags = view.getUint8(2);
  const frame = {
    isResponse: (flags & RESPONSE) !== 0,
    isHeartbeat: (flags & HEARTBEAT) !== 0,
    isError: (flags & STATUS) === 1,
    isCompressed: (flags & COMPRESSION) !== 0,
    codec: view.getUint8(3) >> 4,
    seq: view.getBigUint64(4),
    service: decoder.decode(service),
    method: decoder.decode(method),
    metadata: pairs(metadata ?? new Uint8Array()),
    payload: payload ?? new Uint8Array(),
  };
  return { frame, length };
}

/** @param {Uint8Array} bytes */
function parts(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + view.getUint32(at);
    found.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return found;
}

/** @param {Uint8Array} bytes */
function pairs(bytes) {
  const texts = parts(bytes).map((text) => decoder.decode(text));
  return texts.flatMap((key, at) => (at % 2 === 0 ? [{ key, value: texts[at + 1] ?? "" }] : []));
}

/**
 * A payload as JSON, or as what one can read of it.
 * @param {Frame} frame
 * @returns {string}
 */
export function payloadText({ payload, codec, isCompressed }) {
  if (isCompressed) return compactJson(`${payload.length} bytes, compressed`);
  if (codec === JSON_CODEC) return decoder.decode(payload);
  if (codec === MSGPACK_CODEC) return compactJson(decodeMsgpack(payload));
  const base64 = toBase64(payload);
  return compactJson(fromBase64(base64) ?? base64);
}
