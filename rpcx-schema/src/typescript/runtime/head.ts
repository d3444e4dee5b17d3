/**
 * What generated clients of rpcx need: {@link http} and {@link ws} make the way to a server.
 *
 * ```ts
 * import { ArithClient } from "./client.js";
 * import { http } from "./rpcx.js";
 *
 * const arith = new ArithClient(http("https://example.org"));
 * const reply = await arith.mul({ a: 10n, b: 20n });
 * ```
 * It depends on nothing, and what a program does not use of it, a bundler leaves out.
 */
