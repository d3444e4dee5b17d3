// MessagePack

/** MessagePack, as Go rpcx and its Rust peers write it. */
export const msgpack: Codec = {
  id: 3,
  media: "application/msgpack",
  encode(plain) {
    const writer = new PackWriter();
    writer.value(plain);
    return writer.finish();
  },
  decode(payload) {
    if (payload.length === 0) return null;
    const reader = new PackReader(payload);
    const plain = reader.value(0);
    if (!reader.isAtEnd()) throw new Misfit("there are bytes behind the value");
    return plain;
  },
};

/** Bytes that grow. */
class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Makes room for `count` bytes and says where they begin. */
  protected claim(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }

  u8(value: number): void {
    const at = this.claim(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.claim(2);
    this.#view.setUint16(at, value);
  }

  u32(value: number): void {
    const at = this.claim(4);
    this.#view.setUint32(at, value);
  }

  u64(value: bigint): void {
    const at = this.claim(8);
    this.#view.setBigUint64(at, BigInt.asUintN(64, value));
  }

  f32(value: number): void {
    const at = this.claim(4);
    this.#view.setFloat32(at, value);
  }

  f64(value: number): void {
    const at = this.claim(8);
    this.#view.setFloat64(at, value);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.claim(bytes.length);
    this.#bytes.set(bytes, at);
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

class PackWriter extends ByteWriter {
  value(plain: Plain): void {
    if (plain == null) this.u8(0xc0);
    else if (typeof plain === "boolean") this.u8(plain ? 0xc3 : 0xc2);
    else if (typeof plain === "number" || typeof plain === "bigint") this.#whole(BigInt(plain));
    else if (typeof plain === "string") this.#text(plain);
    else if (plain instanceof Uint8Array) this.#binary(plain);
    else if (plain instanceof FixedBytes) this.#binary(plain.bytes);
    else if (plain instanceof Float) this.#float(plain);
    else if (plain instanceof Timestamp) this.#time(plain);
    else if (Array.isArray(plain)) this.#list(plain);
    else this.#map([...entriesOf(plain)]);
  }

  #whole(value: bigint): void {
    if (value >= 0n) {
      if (value < 128n) this.u8(Number(value));
      else if (value < 0x100n) this.u8(0xcc), this.u8(Number(value));
      else if (value < 0x10000n) this.u8(0xcd), this.u16(Number(value));
      else if (value < 0x100000000n) this.u8(0xce), this.u32(Number(value));
      else this.u8(0xcf), this.u64(value);
      return;
    }
    if (value >= -32n) this.u8(Number(value) & 0xff);
    else if (value >= -0x80n) this.u8(0xd0), this.u8(Number(value) & 0xff);
    else if (value >= -0x8000n) this.u8(0xd1), this.u16(Number(value) & 0xffff);
    else if (value >= -0x80000000n) this.u8(0xd2), this.u32(Number(value) >>> 0);
    else this.u8(0xd3), this.u64(value);
  }

  #float({ value, single }: Float): void {
    if (single) this.u8(0xca), this.f32(value);
    else this.u8(0xcb), this.f64(value);
  }

  #text(text: string): void {
    const encoded = new TextEncoder().encode(text);
    const length = encoded.length;
    if (length < 32) this.u8(0xa0 | length);
    else if (length < 0x100) this.u8(0xd9), this.u8(length);
    else if (length < 0x10000) this.u8(0xda), this.u16(length);
    else this.u8(0xdb), this.u32(length);
    this.bytes(encoded);
  }

  #binary(binary: Uint8Array): void {
    const length = binary.length;
    if (length < 0x100) this.u8(0xc4), this.u8(length);
    else if (length < 0x10000) this.u8(0xc5), this.u16(length);
    else this.u8(0xc6), this.u32(length);
    this.bytes(binary);
  }

  #time({ seconds, nanos }: Timestamp): void {
    if (nanos === 0 && seconds >= 0 && seconds < 0x100000000) {
      this.u8(0xd6), this.u8(0xff), this.u32(seconds);
    } else if (seconds >= 0 && seconds < 0x400000000) {
      this.u8(0xd7), this.u8(0xff), this.u64((BigInt(nanos) << 34n) | BigInt(seconds));
    } else {
      this.u8(0xc7), this.u8(12), this.u8(0xff), this.u32(nanos), this.u64(BigInt(seconds));
    }
  }

  #list(values: readonly Plain[]): void {
    const length = values.length;
    if (length < 16) this.u8(0x90 | length);
    else if (length < 0x10000) this.u8(0xdc), this.u16(length);
    else this.u8(0xdd), this.u32(length);
    for (const value of values) this.value(value);
  }

  #map(entries: readonly [Plain, Plain][]): void {
    const length = entries.length;
    if (length < 16) this.u8(0x80 | length);
    else if (length < 0x10000) this.u8(0xde), this.u16(length);
    else this.u8(0xdf), this.u32(length);
    for (const [key, value] of entries) this.value(key), this.value(value);
  }
}

/** How deep lists and maps may nest. */
const DEEPEST = 128;

class PackReader {
  readonly #payload: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(payload: Uint8Array) {
    this.#payload = payload;
    this.#view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  }

  isAtEnd(): boolean {
    return this.#at === this.#payload.length;
  }

  /** Steps over `count` bytes and says where they begin. */
  #take(count: number): number {
    const start = this.#at;
    if (count > this.#payload.length - start) throw new Misfit("the value ends too early");
    this.#at += count;
    return start;
  }

  #u8 = (): number => this.#view.getUint8(this.#take(1));
  #u16 = (): number => this.#view.getUint16(this.#take(2));
  #u32 = (): number => this.#view.getUint32(this.#take(4));

  value(depth: number): Plain {
    if (depth > DEEPEST) throw new Misfit(`it is deeper than ${DEEPEST} levels`);
    const marker = this.#u8();
    if (marker < 0x80) return marker;
    if (marker < 0x90) return this.#map(marker & 0x0f, depth);
    if (marker < 0xa0) return this.#list(marker & 0x0f, depth);
    if (marker < 0xc0) return this.#text(marker & 0x1f);
    if (marker >= 0xe0) return marker - 0x100;
    switch (marker) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: return this.#binary(this.#u8());
      case 0xc5: return this.#binary(this.#u16());
      case 0xc6: return this.#binary(this.#u32());
      case 0xc7: return this.#extension(this.#u8());
      case 0xca: return this.#view.getFloat32(this.#take(4));
      case 0xcb: return this.#view.getFloat64(this.#take(8));
      case 0xcc: return this.#u8();
      case 0xcd: return this.#u16();
      case 0xce: return this.#u32();
      case 0xcf: return this.#view.getBigUint64(this.#take(8));
      case 0xd0: return this.#view.getInt8(this.#take(1));
      case 0xd1: return this.#view.getInt16(this.#take(2));
      case 0xd2: return this.#view.getInt32(this.#take(4));
      case 0xd3: return this.#view.getBigInt64(this.#take(8));
      case 0xd6: return this.#extension(4);
      case 0xd7: return this.#extension(8);
      case 0xd9: return this.#text(this.#u8());
      case 0xda: return this.#text(this.#u16());
      case 0xdb: return this.#text(this.#u32());
      case 0xdc: return this.#list(this.#u16(), depth);
      case 0xdd: return this.#list(this.#u32(), depth);
      case 0xde: return this.#map(this.#u16(), depth);
      case 0xdf: return this.#map(this.#u32(), depth);
      default: throw new Misfit(`0x${marker.toString(16)} begins no value that is known here`);
    }
  }

  #binary(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#payload.slice(start, start + length);
  }

  #text(length: number): string {
    const start = this.#take(length);
    try {
      return utf8(this.#payload.subarray(start, start + length));
    } catch {
      throw new Misfit("there is a text that is not UTF-8");
    }
  }

  #extension(length: number): Timestamp {
    const kind = this.#view.getInt8(this.#take(1));
    const start = this.#take(length);
    if (kind !== -1 || ![4, 8, 12].includes(length)) throw new Misfit(`the extension ${kind} of ${length} bytes is no time`);
    if (length === 4) return new Timestamp(this.#view.getUint32(start));
    if (length === 12) return timestamp(this.#view.getBigInt64(start + 4), this.#view.getUint32(start));
    const packed = this.#view.getBigUint64(start);
    return timestamp(packed & 0x3ffffffffn, Number(packed >> 34n));
  }

  #list(length: number, depth: number): Plain[] {
    const values: Plain[] = [];
    for (let index = 0; index < length; index += 1) values.push(this.value(depth + 1));
    return values;
  }

  #map(length: number, depth: number): Map<Plain, Plain> {
    const entries = new Map<Plain, Plain>();
    for (let index = 0; index < length; index += 1) {
      const key = this.value(depth + 1);
      entries.set(key, this.value(depth + 1));
    }
    return entries;
  }
}

function timestamp(seconds: bigint, nanos: number): Timestamp {
  try {
    return new Timestamp(Number(seconds), nanos);
  } catch (error) {
    throw new Misfit((error as Error).message);
  }
}
