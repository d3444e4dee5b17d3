// Runs the cases in Node and prints the report.

import { run } from "./cases.js";

declare const process: { readonly argv: readonly string[]; exit(code: number): never };

/** A server of Go wants to know whose page connects, and Node does not say. */
class WithOrigin extends WebSocket {
  constructor(url: string | URL) {
    super(url, { headers: { Origin: "http://localhost" } } as never);
  }
}

const [, , rustHttp = "", rustWs = "", goHttp, goWs] = process.argv;
console.log(await run(rustHttp, rustWs, goHttp, goWs, WithOrigin));
process.exit(0);
