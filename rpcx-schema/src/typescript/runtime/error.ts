// Errors

/**
 * What is known of a call that failed.
 *
 * - `service`: the method ran and answered with an error of its own.
 * - `not-sent`: nothing was sent, so the call may be made again.
 * - `rejected`: the server did not run the method, and {@link RpcError.reason} says why.
 * - `unknown`: it was sent and no valid reply came. The method may have run.
 */
export type ErrorKind = "service" | "not-sent" | "rejected" | "unknown";

/** Why a server did not run a method. */
export type Rejection =
  | "overloaded"
  | "draining"
  | "unknown-method"
  | "undecodable"
  | "expired"
  | "unauthenticated"
  | "denied"
  | "other";

/** What an {@link RpcError} is made of. */
export interface Failure<Data = unknown> {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly reason?: Rejection | undefined;
  readonly code?: number | bigint | undefined;
  readonly data?: Data | undefined;
  readonly metadata?: Metadata | undefined;
  readonly cause?: unknown;
}

/** Why a call failed. The error enums of a service are classes that extend this one. */
export class RpcError<Data = unknown> extends Error {
  /** What is known of the call. */
  readonly kind: ErrorKind;
  /** Why it was rejected, if it was. */
  readonly reason: Rejection | undefined;
  /** The code that the method gave its error. One beyond 2^53 is a `bigint`. */
  readonly code: number | bigint | undefined;
  /** What the method sent along. */
  readonly data: Data;
  /** The metadata of the reply. */
  readonly metadata: Metadata;

  constructor(failure: Failure<Data>) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.name = new.target.name;
    this.kind = failure.kind;
    this.reason = failure.reason;
    this.code = failure.code;
    this.data = failure.data as Data;
    this.metadata = failure.metadata ?? new Map();
  }

  /** Whether the same call may be made again without running the method twice. */
  get retryable(): boolean {
    return this.kind === "not-sent" || this.reason === "overloaded" || this.reason === "draining";
  }
}

/** A variant of an error enum: its class, and the type of its data if it has some. */
export type Variant = readonly [new (failure: Failure<never>) => RpcError, Type<unknown>?];

/** The variant with the code of `error`; `error` itself if there is none, or if the data is of another type. */
export function variantOf(error: RpcError, variants: Readonly<Record<string, Variant>>): RpcError {
  const variant = error.kind === "service" ? variants[String(error.code)] : undefined;
  if (variant === undefined) return error;
  const [Class, type] = variant;
  try {
    const data = type?.raise(error.data as Plain);
    const { kind, message, reason, code, metadata, cause } = error;
    return new Class({ kind, message, reason, code, metadata, cause, data } as Failure<never>);
  } catch {
    return error;
  }
}

/** The same error for methods whose errors travel as `{"code": 1, "msg": ".."}`. */
export function unwrapText(error: RpcError): RpcError {
  if (error.kind !== "service") return error;
  try {
    const { code, msg } = parseJson(error.message) as { code?: Plain; msg?: Plain };
    if (typeof msg !== "string" || code === undefined) return error;
    return new RpcError({ ...error, message: msg, code: error.code ?? codeOf(code) });
  } catch {
    return error;
  }
}

/** A code as it came. */
function codeOf(code: Plain | undefined): number | bigint | undefined {
  if (typeof code === "number") return code;
  if (typeof code === "bigint") return shortened(code);
  return typeof code === "string" && /^-?\d+$/.test(code) ? shortened(BigInt(code)) : undefined;
}

/** A value that does not fit its type, and where it is. */
class Misfit extends Error {
  within(place: string): Misfit {
    return new Misfit(/^[.[]/.test(this.message) ? place + this.message : `${place}: ${this.message}`);
  }
}

/** Says where a value is that does not fit. */
function at<T>(place: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof Misfit ? error.within(place) : error;
  }
}
