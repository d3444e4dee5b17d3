// HTTP

/** Options of {@link http}. */
export interface HttpOptions extends CallOptions {
  /** {@link json}, or {@link msgpack}. Default JSON. */
  readonly codec?: Codec | undefined;
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whether cookies are sent to other origins. Default: as `fetch` does. */
  readonly credentials?: RequestCredentials | undefined;
  /** What sends requests. Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * Calls by HTTP: `POST url/Service/Method`.
 *
 * ```ts
 * const arith = new ArithClient(http("https://example.org"));
 * ```
 */
export function http(url: string | URL, options: HttpOptions = {}): Transport {
  const base = String(url).replace(/\/+$/, "");
  const { codec = json, headers, credentials, fetch: own, ...defaults } = options;
  return {
    defaults,
    async send(request) {
      const used = request.raw ? raw : codec;
      const sent = own ?? fetch;
      const target = `${base}/${encodeURIComponent(request.service)}/${encodeURIComponent(request.method)}`;
      const body = fitting("not-sent", `the arguments of ${request.service}.${request.method} cannot be sent`, () => used.encode(request.payload));
      const reached = whatever(request, `${target} cannot be reached`);
      const response = await sent(target, {
        method: "POST",
        body: body as BodyInit,
        headers: { ...headers, "Content-Type": used.media, ...headersOf(request) },
        signal: request.signal,
        ...(credentials === undefined ? {} : { credentials }),
      }).catch(reached);
      const received = new Uint8Array(await response.arrayBuffer().catch(reached));
      const metadata: Metadata = new Map(new URLSearchParams(response.headers.get("X-RPCX-Meta") ?? ""));
      const media = (response.headers.get("Content-Type") ?? "").split(";")[0]?.trim() ?? "";
      if (response.status !== 200) throw problem(response, media, received, metadata);
      return { payload: decode(media, used, received), metadata };
    },
  };
}

function headersOf({ metadata, token, timeout }: Request): Record<string, string> {
  const headers: Record<string, string> = {};
  const meta = new URLSearchParams(metadata).toString();
  if (meta !== "") headers["X-RPCX-Meta"] = meta;
  if (token !== undefined) headers["Authorization"] = token;
  if (timeout !== undefined) headers["X-RPCX-Timeout-Ms"] = String(Math.max(1, Math.ceil(timeout)));
  return headers;
}

/** What an attempt is rejected with that failed in a way that says nothing of the call. */
function whatever({ signal }: Request, text: string): (cause: unknown) => never {
  return (cause) => {
    if (signal.aborted) throw signal.reason;
    throw new RpcError({ kind: "unknown", message: `${text}: ${(cause as Error).message}`, cause });
  };
}

function decode(media: string, codec: Codec, payload: Uint8Array): Plain {
  if (media !== codec.media) {
    throw new RpcError({ kind: "unknown", message: `a reply of the type ${JSON.stringify(media)}, expected ${codec.media}` });
  }
  return fitting("unknown", "the reply cannot be read", () => codec.decode(payload));
}

/** The members of `application/problem+json`. */
interface Problem {
  readonly detail?: string;
  readonly outcome?: "ran" | "not-run" | "unknown";
  readonly reason?: Rejection;
  readonly code?: Plain;
  readonly data?: Plain;
}

function problem(response: Response, media: string, body: Uint8Array, metadata: Metadata): RpcError {
  const status = `HTTP ${response.status} ${response.statusText}`.trimEnd();
  let members: Problem = {};
  try {
    if (media === "application/problem+json") members = json.decode(body) as Problem;
  } catch {
    // what no rpcx server sends says nothing of the call
  }
  const { detail, outcome, reason, code, data } = members;
  const message = detail ?? `${status}, which is no answer of rpcx`;
  const kind = outcome === "ran" ? "service" : outcome === "not-run" ? "rejected" : "unknown";
  return new RpcError({ kind, message, reason: kind === "rejected" ? reason ?? "other" : undefined, code: codeOf(code), data, metadata });
}
