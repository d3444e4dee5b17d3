// Types that travel

/** A value as a codec writes and reads it. */
export type Plain =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Float
  | FixedBytes
  | Timestamp
  | readonly Plain[]
  | ReadonlyMap<Plain, Plain>
  | { readonly [name: string]: Plain };

/** How the values of a type travel. */
export interface Type<T> {
  /** The value as a codec writes it. */
  lower(value: T): Plain;
  /** The value that a codec has read. `null`, and what is missing, is the zero value where the type has one. */
  raise(plain: Plain): T;
}

/** A number that is written as a float, whatever its value. */
class Float {
  readonly value: number;
  readonly single: boolean;

  constructor(value: number, single: boolean) {
    this.value = value;
    this.single = single;
  }
}

/** Bytes that are a list of numbers in JSON. */
class FixedBytes {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}..` : value);
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean" || value == null) return String(value);
  return Array.isArray(value) ? "a list" : "an object";
}

function misfit(value: unknown, wanted: string): Misfit {
  return new Misfit(`${shown(value)} is no ${wanted}`);
}

/**
 * A value of any type: a `Map` for what Go has as a struct or a map, and a `bigint` for a whole number beyond 2^53. A number
 * is sent as a whole one if it is one.
 */
export const any: Type<Plain> = {
  lower: (value) => within(value, (one) => (typeof one === "number" && !Number.isSafeInteger(one) ? new Float(one, false) : one)),
  raise: (plain) => within(plain, (one) => (typeof one === "bigint" ? shortened(one) : one ?? null)),
};

/** A value with what is in it, at any depth, as `each` makes it. */
function within(value: Plain, each: (one: Plain) => Plain): Plain {
  if (Array.isArray(value)) return value.map((one: Plain) => within(one, each));
  if (!isMap(value)) return each(value);
  return new Map(Array.from(entriesOf(value), ([key, of]) => [within(key, each), within(of, each)]));
}

function isMap(value: Plain): boolean {
  return value instanceof Map || (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype);
}

/** A `number` where that holds it. */
function shortened(whole: bigint): number | bigint {
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
}

/** Nothing. */
export const unit: Type<undefined> = {
  lower: () => null,
  raise: () => undefined,
};

export const bool: Type<boolean> = {
  lower: (value) => bool.raise(value),
  raise(plain) {
    if (plain == null) return false;
    if (typeof plain !== "boolean") throw misfit(plain, "boolean");
    return plain;
  },
};

export const text: Type<string> = {
  lower: (value) => text.raise(value),
  raise(plain) {
    if (plain == null) return "";
    if (typeof plain !== "string") throw misfit(plain, "text");
    return plain;
  },
};

/** A whole number of up to 32 bits. */
function small(name: string, least: number, most: number): Type<number> {
  const raise = (plain: Plain): number => {
    const value = typeof plain === "string" && /^-?\d+$/.test(plain) ? Number(plain) : plain ?? 0;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    throw misfit(plain, name);
  };
  return { lower: raise, raise };
}

/** A whole number of 64 bits: a `bigint`, because a `number` has 53. */
function large(name: string, least: bigint, most: bigint): Type<bigint> {
  const raise = (plain: Plain): bigint => {
    const whole =
      typeof plain === "bigint" ||
      plain == null ||
      (typeof plain === "number" && Number.isSafeInteger(plain)) ||
      (typeof plain === "string" && /^-?\d+$/.test(plain));
    const value = whole ? BigInt((plain ?? 0) as bigint) : undefined;
    if (value !== undefined && value >= least && value <= most) return value;
    throw misfit(plain, name);
  };
  return { lower: raise, raise };
}

export const i8: Type<number> = /* @__PURE__ */ small("i8", -128, 127);
export const i16: Type<number> = /* @__PURE__ */ small("i16", -32768, 32767);
export const i32: Type<number> = /* @__PURE__ */ small("i32", -2147483648, 2147483647);
export const u8: Type<number> = /* @__PURE__ */ small("u8", 0, 255);
export const u16: Type<number> = /* @__PURE__ */ small("u16", 0, 65535);
export const u32: Type<number> = /* @__PURE__ */ small("u32", 0, 4294967295);
export const i64: Type<bigint> = /* @__PURE__ */ large("i64", -9223372036854775808n, 9223372036854775807n);
export const u64: Type<bigint> = /* @__PURE__ */ large("u64", 0n, 18446744073709551615n);

function float(name: string, single: boolean): Type<number> {
  const raise = (plain: Plain): number => {
    const value = typeof plain === "string" && /^-?\d+$/.test(plain) ? Number(plain) : plain ?? 0;
    if (typeof value === "number") return value;
    if (typeof value === "bigint") return Number(value);
    throw misfit(plain, name);
  };
  return { lower: (value) => new Float(raise(value), single), raise };
}

export const f32: Type<number> = /* @__PURE__ */ float("f32", true);
export const f64: Type<number> = /* @__PURE__ */ float("f64", false);

/** Bytes: base64 in JSON. */
export const bytes: Type<Uint8Array> = {
  lower(value) {
    if (!(value instanceof Uint8Array)) throw misfit(value, "Uint8Array");
    return value;
  },
  raise(plain) {
    if (plain == null) return new Uint8Array();
    if (plain instanceof Uint8Array) return plain;
    if (typeof plain === "string") return fromBase64(plain);
    if (Array.isArray(plain)) return Uint8Array.from(plain, (byte: Plain) => u8.raise(byte));
    throw misfit(plain, "byte string");
  },
};

/** This many bytes: a list of numbers in JSON. */
export function byteArray(length: number): Type<Uint8Array> {
  const checked = (value: Uint8Array): Uint8Array => {
    if (value.length !== length) throw new Misfit(`${value.length} bytes where there have to be ${length}`);
    return value;
  };
  return {
    lower: (value) => new FixedBytes(checked(bytes.lower(value) as Uint8Array)),
    raise(plain) {
      const value = bytes.raise(plain);
      return value.length === 0 ? new Uint8Array(length) : checked(value);
    },
  };
}

/** A span of time in nanoseconds: {@link nanoseconds} makes one of milliseconds. */
export type Duration = bigint;

export const duration: Type<Duration> = /* @__PURE__ */ large("duration", 0n, 9223372036854775807n);

/** This many milliseconds as a {@link Duration}. */
export function nanoseconds(milliseconds: number): Duration {
  return BigInt(Math.round(milliseconds * 1e6));
}

/** A {@link Duration} in milliseconds; nanoseconds are behind the point. */
export function milliseconds(duration: Duration): number {
  return Number(duration) / 1e6;
}

/** A point in time, to the nanosecond: more than a `Date` can hold. */
export class Timestamp {
  /** What a server means that has not set a time: the year 1. */
  static readonly zero: Timestamp = /* @__PURE__ */ new Timestamp(-62135596800, 0);

  /** Seconds since 1970-01-01T00:00:00Z, negative before it. */
  readonly seconds: number;
  /** Nanoseconds after {@link seconds}: 0 to 999,999,999. */
  readonly nanos: number;

  constructor(seconds: number, nanos = 0) {
    if (!Number.isSafeInteger(seconds)) throw new RangeError(`${seconds} is no whole number of seconds`);
    if (!Number.isInteger(nanos) || nanos < 0 || nanos > 999_999_999) throw new RangeError(`${nanos} nanoseconds are not within a second`);
    this.seconds = seconds;
    this.nanos = nanos;
  }

  static now(): Timestamp {
    return Timestamp.fromDate(new Date());
  }

  static fromDate(date: Date): Timestamp {
    const milliseconds = date.getTime();
    const seconds = Math.floor(milliseconds / 1000);
    return new Timestamp(seconds, (milliseconds - seconds * 1000) * 1e6);
  }

  /** Reads what {@link toString} writes, and any other form of RFC 3339. */
  static parse(text: string): Timestamp {
    const parts = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
    const milliseconds = parts === null ? NaN : Date.parse(`${parts[1]}T${parts[2]}${parts[4]?.toUpperCase()}`);
    if (Number.isNaN(milliseconds)) throw new RangeError(`${shown(text)} is no time of RFC 3339`);
    return new Timestamp(milliseconds / 1000, Number((parts?.[3] ?? "").slice(0, 9).padEnd(9, "0")));
  }

  /** The same to the millisecond; what is finer is cut off. */
  toDate(): Date {
    return new Date(this.seconds * 1000 + Math.floor(this.nanos / 1e6));
  }

  /** RFC 3339: `2026-01-31T12:00:00.000000001Z`. For the years 0 to 9999. */
  toString(): string {
    const whole = new Date(this.seconds * 1000);
    const text = Number.isNaN(whole.getTime()) ? "" : whole.toISOString();
    if (!/^\d/.test(text)) throw new RangeError(`${this.seconds} s are not within the years 0 to 9999`);
    const fraction = this.nanos === 0 ? "" : `.${String(this.nanos).padStart(9, "0").replace(/0+$/, "")}`;
    return `${text.slice(0, 19)}${fraction}Z`;
  }

  toJSON(): string {
    return this.toString();
  }
}

export const time: Type<Timestamp> = {
  lower(value) {
    if (!(value instanceof Timestamp)) throw misfit(value, "Timestamp");
    return value;
  },
  raise(plain) {
    if (plain == null) return Timestamp.zero;
    if (plain instanceof Timestamp) return plain;
    if (typeof plain !== "string") throw misfit(plain, "time");
    try {
      return Timestamp.parse(plain);
    } catch {
      throw misfit(plain, "time");
    }
  },
};

/** A value that may be absent. */
export function optional<T>(type: Type<T>): Type<T | undefined> {
  return {
    lower: (value) => (value == null ? null : type.lower(value)),
    raise: (plain) => (plain == null ? undefined : type.raise(plain)),
  };
}

/** A value that is an error when it is absent. */
export function required<T>(type: Type<T>): Type<T> {
  return {
    lower: (value) => type.lower(value),
    raise(plain) {
      if (plain == null) throw new Misfit("it is missing");
      return type.raise(plain);
    },
  };
}

/** A list, of a fixed length if there is one. */
export function list<T>(type: Type<T>, length?: number): Type<T[]> {
  const checked = <E>(values: readonly E[]): readonly E[] => {
    if (!Array.isArray(values)) throw misfit(values, "list");
    if (length === undefined || values.length === length) return values;
    throw new Misfit(`${values.length} elements where there have to be ${length}`);
  };
  return {
    lower: (values) => checked(values).map((value, index) => at(`[${index}]`, () => type.lower(value))),
    raise(plain) {
      if (plain == null) return Array.from({ length: length ?? 0 }, () => type.raise(null));
      return checked(plain as readonly Plain[]).map((value, index) => at(`[${index}]`, () => type.raise(value)));
    },
  };
}

/** A map. Its keys are texts in JSON. */
export function map<K, V>(key: Type<K>, value: Type<V>): Type<Map<K, V>> {
  return {
    lower(entries) {
      const lowered = new Map<Plain, Plain>();
      for (const [k, v] of entries) at(`[${shown(k)}]`, () => lowered.set(key.lower(k), value.lower(v)));
      return lowered;
    },
    raise(plain) {
      const raised = new Map<K, V>();
      for (const [k, v] of entriesOf(plain)) at(`[${shown(k)}]`, () => raised.set(key.raise(k), value.raise(v)));
      return raised;
    },
  };
}

function entriesOf(plain: Plain): Iterable<[Plain, Plain]> {
  if (plain == null) return [];
  if (plain instanceof Map) return plain;
  if (!isMap(plain)) throw misfit(plain, "object");
  return Object.entries(plain);
}

/** The fields of a struct: the name of each on the wire, and its type. */
export type Fields<T> = { readonly [K in keyof T]-?: readonly [string, Type<T[K]>] };

/** An object with these fields. They are a function, because types may name each other. */
export function struct<T extends object>(fields: () => Fields<T>): Type<T> {
  let found: [keyof T, string, Type<unknown>][] | undefined;
  const all = () =>
    (found ??= Object.entries<readonly [string, Type<unknown>]>(fields() as never).map(([name, [wire, type]]) => [name as keyof T, wire, type]));
  return {
    lower(value) {
      if (typeof value !== "object" || value === null) throw misfit(value, "object");
      const lowered = new Map<Plain, Plain>();
      for (const [name, wire, type] of all()) {
        const plain = at(`.${String(name)}`, () => type.lower(value[name]));
        if (plain !== undefined) lowered.set(wire, plain);
      }
      return lowered;
    },
    raise(plain) {
      const given = new Map(entriesOf(plain));
      const raised: Partial<T> = {};
      for (const [name, wire, type] of all()) {
        raised[name] = at(`.${String(name)}`, () => type.raise(given.get(wire))) as T[keyof T];
      }
      return raised as T;
    },
  };
}

/** An argument that may be left out, and is then what the server says it is. */
export function omittable<T>(type: Type<T>): Type<T | undefined> {
  return {
    lower: (value) => (value === undefined ? undefined : type.lower(value)),
    raise: (plain) => type.raise(plain),
  };
}

/** A reply that travels as the one field of an object. */
export function field<T>(wire: string, type: Type<T>): Type<T> {
  return {
    lower: (value) => new Map([[wire, type.lower(value)]]),
    raise: (plain) => at(`.${wire}`, () => type.raise(new Map(entriesOf(plain)).get(wire))),
  };
}

/** One of the values of an object, and what `null` stands for, if it stands for one. */
export function oneOf<T extends number | bigint | string>(values: Readonly<Record<string, T>>, zero?: T): Type<T> {
  const known = new Map(Object.values(values).map((value) => [String(value), value]));
  const raise = (plain: Plain): T => {
    const value = plain == null ? zero : known.get(String(plain));
    if (value !== undefined) return value;
    throw plain == null ? new Misfit("it is missing") : misfit(plain, `value of [${[...known.values()].map(shown).join(", ")}]`);
  };
  return { lower: raise, raise };
}

/** One of the values of an object, or another of their kind, which stays what it is. A number beyond 53 bits is a `bigint`. */
export function openOf<T extends number | bigint | string>(values: Readonly<Record<string, T>>, zero: T): Type<T> {
  const known = new Map(Object.values(values).map((value) => [String(value), value]));
  const other = (plain: Plain): number | bigint | string => {
    if (typeof zero === "string") return text.raise(plain);
    const value = i64.raise(plain);
    return typeof zero === "number" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
  };
  const raise = (plain: Plain): T => (plain == null ? zero : known.get(String(plain)) ?? (other(plain) as T));
  return { lower: raise, raise };
}

/** One of several cases: an object with the name of one, and with what it carries. The others are missing or `null` where it travels. */
export function choice<T extends { readonly kind: string; readonly value?: unknown }>(
  cases: () => readonly (readonly [kind: string, type?: Type<unknown>])[],
  zero?: string,
): Type<T> {
  let found: Map<string, Type<unknown> | undefined> | undefined;
  const all = () => (found ??= new Map(cases().map(([kind, type]) => [kind, type])));
  const wanted = () => `one of [${[...all().keys()].join(", ")}]`;
  const raised = (kind: string, plain: Plain): T => {
    const type = all().get(kind);
    const made = type === undefined ? { kind } : { kind, value: at(`.${kind}`, () => type.raise(plain)) };
    return made as unknown as T;
  };
  return {
    lower(value) {
      if (typeof value !== "object" || value === null || !all().has(value.kind)) throw misfit(value, wanted());
      const type = all().get(value.kind);
      const carried: Plain = type === undefined ? new Map() : at(`.${value.kind}`, () => type.lower(value.value));
      return new Map([[value.kind, carried]]);
    },
    raise(plain) {
      const given = [...entriesOf(plain)].map(([name, carried]) => [String(name), carried] as const);
      const set = given.filter(([, carried]) => carried != null);
      // a list that is nil in Go, where nothing else is there
      const [only] = set.length > 0 ? set : given.length === 1 ? given.filter(([name]) => all().has(name)) : [];
      if (only === undefined && zero !== undefined) return raised(zero, null);
      if (only === undefined) throw new Misfit("it is missing");
      if (set.length > 1 || !all().has(only[0])) throw misfit(plain, wanted());
      return raised(...only);
    },
  };
}

/** A type that is defined elsewhere. */
export function lazy<T>(type: () => Type<T>): Type<T> {
  return {
    lower: (value) => type().lower(value),
    raise: (plain) => type().raise(plain),
  };
}
