// Calls

/** What travels beside arguments and replies. */
export type Metadata = ReadonlyMap<string, string>;

/** What can be said of one call; of all calls of a client; of all calls over a transport. */
export interface CallOptions {
  /** How long to wait, in milliseconds: for everything together, also for a connection and further attempts. The server is told. */
  readonly timeout?: number | undefined;
  /** Gives the call up: it rejects with the reason of the signal, as `fetch` does. */
  readonly signal?: AbortSignal | undefined;
  /** Travels with the call. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Who is calling, such as `Bearer ..`, or what fetches that. Over HTTP it is the header `Authorization`. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** Whether the call may be made again although it may have run. Methods that are marked so need no saying. */
  readonly idempotent?: boolean | undefined;
  /** How often it is tried at most, where that is allowed. Default 3. */
  readonly attempts?: number | undefined;
  /** Gets the metadata of the reply, before the call is done. That of an error is in the error. */
  readonly onMetadata?: ((metadata: Metadata) => void) | undefined;
}

/** A method as the generator describes it. */
export interface Method<Args, Reply> {
  readonly service: string;
  readonly name: string;
  readonly args: Type<Args>;
  readonly reply: Type<Reply>;
  /** In milliseconds. */
  readonly timeout?: number;
  readonly oneway?: true;
  readonly idempotent?: true;
  /** Arguments and reply are bytes without a codec. */
  readonly raw?: true;
  /** Makes the errors of the method what they are. */
  readonly error?: (error: RpcError) => RpcError;
}

/** One attempt of a call, as a {@link Transport} makes it. */
export interface Request {
  readonly service: string;
  readonly method: string;
  readonly payload: Plain;
  readonly oneway: boolean;
  readonly raw: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly token: string | undefined;
  /** The time that is left, in milliseconds. */
  readonly timeout: number | undefined;
  /** Aborted when the caller gives up, or when the time has passed. */
  readonly signal: AbortSignal;
}

/** What came back. */
export interface Answer {
  readonly payload: Plain;
  readonly metadata: Metadata;
}

/** A way to a server: {@link http} and {@link ws} make one, and a test may have its own. */
export interface Transport {
  /** Makes one attempt. Rejects with an {@link RpcError}, or with the reason of the signal. */
  send(request: Request): Promise<Answer>;
  /** What holds for calls that say nothing else. */
  readonly defaults?: CallOptions;
}

/** What generated clients have in common. */
export class Client {
  readonly #transport: Transport;
  readonly #defaults: CallOptions;

  /** Calls over `transport`. `defaults` hold for calls that say nothing else. */
  constructor(transport: Transport, defaults: CallOptions = {}) {
    this.#transport = transport;
    this.#defaults = merged(transport.defaults ?? {}, defaults);
  }

  /** Makes a call. */
  protected $call<Args, Reply>(method: Method<Args, Reply>, args: Args, options: CallOptions = {}): Promise<Reply> {
    const all = merged(this.#defaults, options);
    const timeout = all.timeout ?? method.timeout;
    return withDeadline(timeout, all.signal, async (signal, left) => {
      try {
        return await attempt(this.#transport, method, args, all, signal, left);
      } catch (error) {
        throw error instanceof RpcError && method.error !== undefined ? method.error(error) : error;
      }
    });
  }
}

/** `options` where they say something, `defaults` where they do not; metadata of both. */
function merged(defaults: CallOptions, options: CallOptions): CallOptions {
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  const metadata = { ...defaults.metadata, ...options.metadata };
  return { ...defaults, ...Object.fromEntries(said), metadata };
}

/** The longest time that a timer can wait, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** Why the signal of a call is aborted whose time has passed. */
const PASSED = /* @__PURE__ */ Symbol("the time has passed");

/** Runs a call until it is done, until its time has passed, or until it is given up. */
async function withDeadline<T>(
  timeout: number | undefined,
  given: AbortSignal | undefined,
  run: (signal: AbortSignal, left: () => number | undefined) => Promise<T>,
): Promise<T> {
  given?.throwIfAborted();
  if (timeout !== undefined && !(timeout >= 0)) throw new RangeError(`a timeout of ${timeout} ms`);
  const control = new AbortController();
  const giveUp = () => control.abort(given?.reason);
  given?.addEventListener("abort", giveUp);
  const end = timeout === undefined ? undefined : performance.now() + timeout;
  const timer = timeout === undefined ? undefined : setTimeout(() => control.abort(PASSED), Math.min(timeout, LONGEST));
  try {
    return await run(control.signal, () => (end === undefined ? undefined : end - performance.now()));
  } catch (error) {
    throw error === PASSED ? new RpcError({ kind: "unknown", message: `no reply within ${timeout} ms` }) : error;
  } finally {
    clearTimeout(timer);
    given?.removeEventListener("abort", giveUp);
  }
}

/** Pauses between attempts, in milliseconds: they double, and half of each is chance. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5000;

function pause(failures: number): number {
  return Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE) * (0.5 + Math.random() / 2);
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", giveUp);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", giveUp, { once: true });
  });
}

/** What has to be there before a call is sent, unless the caller gives up before. */
async function unlessGivenUp<T>(value: Promise<T>, signal: AbortSignal): Promise<T> {
  let giveUp = () => {};
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal.reason === PASSED ? new RpcError({ kind: "not-sent", message: "the time has passed before it could be sent" }) : signal.reason);
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
  });
  try {
    return await Promise.race([value, givenUp]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** Makes a call, again where that is allowed. */
async function attempt<Args, Reply>(
  transport: Transport,
  method: Method<Args, Reply>,
  args: Args,
  options: CallOptions,
  signal: AbortSignal,
  left: () => number | undefined,
): Promise<Reply> {
  const name = `${method.service}.${method.name}`;
  const payload = fitting("not-sent", `the arguments of ${name} cannot be sent`, () => method.args.lower(args));
  const idempotent = options.idempotent ?? method.idempotent ?? false;
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted();
    const token = typeof options.token === "function" ? await unlessGivenUp(Promise.resolve(options.token()), signal) : options.token;
    try {
      const answer = await transport.send({
        service: method.service,
        method: method.name,
        payload,
        oneway: method.oneway ?? false,
        raw: method.raw ?? false,
        metadata: options.metadata ?? {},
        token,
        timeout: left(),
        signal,
      });
      options.onMetadata?.(answer.metadata);
      return fitting("unknown", `the reply of ${name} cannot be read`, () => method.reply.raise(answer.payload));
    } catch (error) {
      const again = error instanceof RpcError && (error.retryable || (idempotent && error.kind === "unknown"));
      if (!again || failures + 1 >= (options.attempts ?? 3)) throw error;
      // what failed says more than that the time has passed
      await sleep(pause(failures), signal).catch((reason) => {
        throw reason === PASSED ? error : reason;
      });
    }
  }
}

/** Runs what fails where a value does not fit its type. */
function fitting<T>(kind: ErrorKind, text: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new RpcError({ kind, message: `${text}: ${(error as Error).message}`, cause: error });
  }
}
