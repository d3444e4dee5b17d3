// The modules of the page that need no browser, against values by hand. Run by `modules.rs` with the folder of the modules.

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.argv[2]}/`);
const module = (name) => import(new URL(`${name}.js`, folder));
globalThis.location = { origin: "http://127.0.0.1:8972", pathname: "/", hostname: "127.0.0.1", port: "8972", protocol: "http:" };

const { compactJson, layOut, parseJson } = await module("json");
const { Schemas, typeName } = await module("schema");
const { sample } = await module("sample");
const { check } = await module("check");
const { decodeMsgpack } = await module("msgpack");
const { readRoute, deepLink } = await module("route");
const { LANGUAGES } = await module("snippets");
const { readCatalog, readGoNames, untyped } = await module("catalog");

// JSON: no digit is lost, and what is wrong is said with its place
for (const text of ['{"a":[1,-2,{"b":[]}],"__proto__":9007199254740993}', '"ä\\n"', "1.5", "true", "null"]) {
  assert.equal(compactJson(parseJson(text)), text);
}
assert.equal(layOut('{"a":1.50,"b":[],"c":[{}]}'), '{\n  "a": 1.50,\n  "b": [],\n  "c": [\n    {}\n  ]\n}');
const wrong = { '{"a":1,}': 8, "[1 2]": 4, '{"a" 1}': 6, "": 1, '{"a":1,"a":2}': 8, '"abc': 1, "{a:1}": 2, "[1": 3, "01": 2 };
for (const [text, column] of Object.entries(wrong)) {
  assert.throws(() => parseJson(text), new RegExp(`^Error: Line 1, column ${column}: `), text);
}
assert.throws(() => parseJson("[".repeat(100_000)), /levels/);

// schemas: each kind has a name, a sample that fits it, and values that do not
const int64 = { type: "integer", format: "int64" };
const defs = {
  Node: { type: "object", properties: { Value: int64, Next: { anyOf: [{ $ref: "#/$defs/Node" }, { type: "null" }] }, All: { type: "array", items: { $ref: "#/$defs/Node" } } } },
  Color: { oneOf: [{ const: 0, title: "Red" }, { const: 1, title: "Green" }] },
  Shape: { oneOf: [{ type: "object", properties: { Circle: { type: "number" } }, required: ["Circle"] }, { type: "object", properties: { Square: { type: "number" } }, required: ["Square"] }] },
  Ring: { $ref: "#/$defs/Ring" },
  Both: { allOf: [{ $ref: "#/$defs/Node" }, { type: "object", properties: { More: { type: "string" } } }] },
};
const schemas = new Schemas(defs);
const kinds = [
  [int64, "int64", [9223372036854775808n, 1.5, "1", null]],
  [{ type: "integer", format: "uint8", minimum: 0, maximum: 5 }, "uint8", [6, -1]],
  [{ type: ["string", "null"] }, "string?", [1]],
  [{ type: "string", minLength: 1, maxLength: 1 }, "string", ["", "ab"]],
  [{ type: "string", contentEncoding: "base64" }, "bytes", [[1]]],
  [{ type: "string", format: "date-time" }, "date-time", [0]],
  [{ type: "boolean" }, "boolean", [0]],
  [{ type: "null" }, "null", [0]],
  [{ type: "number", format: "double" }, "double", ["1"]],
  [{ type: "array", items: int64 }, "[int64]", [["1"], {}]],
  [{ type: "array", prefixItems: [int64, { type: "string" }] }, "(int64, string)", [[1], ["a", 1]]],
  [{ type: "object", additionalProperties: int64 }, "{string: int64}", [{ a: "b" }]],
  [{ type: "object", properties: {} }, "{}", [1]],
  [{ enum: ["a", "b"] }, "a | b", ["c"]],
  [{ $ref: "#/$defs/Color" }, "Color", [2, "Red"]],
  [{ $ref: "#/$defs/Node" }, "Node", [{ Value: "1" }, { Next: { Next: { Value: null } } }]],
  [{ anyOf: [{ $ref: "#/$defs/Node" }, { type: "null" }] }, "Node?", [1]],
  [{ $ref: "#/$defs/Shape" }, "Shape", [{ Circle: "1" }, {}]],
  [{ $ref: "#/$defs/Both" }, "Both", [{ More: 1 }]],
  [{}, "JSON", []],
  [{ $ref: "#/$defs/Ring" }, "Ring", []],
  [{ $ref: "#/$defs/Missing" }, "Missing", []],
];
for (const [schema, name, misfits] of kinds) {
  const shape = schemas.shape(schema);
  assert.equal(typeName(shape), name);
  assert.deepEqual(check(parseJson(compactJson(sample(shape))), shape), [], `the sample of ${name}`);
  for (const value of misfits) assert.ok(check(value, shape).some(({ hint }) => !hint), `${value} is no ${name}`);
}
const [near] = check({ value: 1 }, schemas.shape({ $ref: "#/$defs/Node" }));
assert.deepEqual(near, { path: "value", text: "is no field: Value is meant", hint: true });

// MessagePack: what servers push
const packed = [
  [[0xc0], null], [[0xc3], true], [[0x7f], 127], [[0xff], -1], [[0xcd, 1, 0], 256], [[0xd1, 0xff, 0], -256],
  [[0xcf, 0, 32, 0, 0, 0, 0, 0, 1], 9007199254740993n], [[0xd3, 255, 255, 255, 255, 255, 255, 255, 254], -2],
  [[0xcb, 63, 248, 0, 0, 0, 0, 0, 0], 1.5], [[0xa2, 104, 105], "hi"], [[0xd9, 1, 97], "a"], [[0xc4, 2, 104, 105], "aGk="],
  [[0x92, 1, 0x90], [1, []]], [[0xdc, 0, 1, 1], [1]], [[0xd6, 0xff, 0, 0, 0, 1], "1970-01-01T00:00:01.000Z"],
];
for (const [bytes, value] of packed) assert.deepEqual(decodeMsgpack(Uint8Array.from(bytes)), value);
assert.equal(compactJson(decodeMsgpack(Uint8Array.from([0x81, 0xa1, 65, 0xde, 0, 1, 1, 2]))), '{"A":{"1":2}}');
for (const bytes of [[], [0xa2, 1], [0x92, 1], [0xdd, 255, 255, 255, 255], [0xcf, 1], Array(1000).fill(0x91)]) {
  assert.throws(() => decodeMsgpack(Uint8Array.from(bytes)), bytes.join());
}

// links lead back to what they were made of
const request = { service: "a/b.c", method: "中 x", args: '{"A":"&#?%"}', metadata: [{ key: "k=", value: "v &" }], timeout: "5", token: "secret" };
const { service, method, args, metadata, timeout } = request;
assert.deepEqual(readRoute(deepLink(request)), { service, method, args, metadata, timeout });
assert.ok(!deepLink(request).includes("secret"));

// shells get words as they are
// TypeScript: the call of a generated client
const typed = (args, defs, given, more = {}) => {
  const method = { ...untyped("Shop.Arith", "UserID"), typed: true, args: new Schemas(defs).shape(args) };
  const request = { service: "Shop.Arith", method: "UserID", args: JSON.stringify(given), metadata: [], timeout: "", token: "", ...more };
  return LANGUAGES.find(({ name }) => name === "TypeScript").make(method, request);
};
const object = (properties) => ({ type: "object", properties });
const uint8 = { type: "integer", format: "uint8" };
const values = [
  [object({ A: int64, UserId: { type: "integer", format: "int32" } }), { A: 6 }, "{ a: 6n, userId: 0 }"],
  [object({ Bytes: { type: "string", contentEncoding: "base64" } }), { Bytes: "AQI=" }, '{ bytes: Uint8Array.from(atob("AQI="), (char) => char.charCodeAt(0)) }'],
  [object({ Time: { type: "string", format: "date-time" } }), { Time: "2026-01-02T03:04:05Z" }, '{ time: Timestamp.parse("2026-01-02T03:04:05Z") }'],
  [object({ Arr: { type: "array", items: uint8, minItems: 2, maxItems: 2 }, List: { type: "array", items: uint8 } }), { Arr: [1, 2], List: [3] }, "{ arr: Uint8Array.of(1, 2), list: [3] }"],
  [object({ Map: { type: "object", additionalProperties: { type: "boolean" } } }), { Map: { k: true } }, '{ map: new Map([["k", true]]) }'],
  [object({ HTTPServer: { type: ["string", "null"] }, user_name: { type: "string" } }), {}, '{ httpServer: undefined, userName: "" }'],
  [object({ Color: { $ref: "#/$defs/Color" } }), { Color: 1 }, "{ color: Color.Green }"],
  [{ type: "string" }, "bob", '"bob"'],
  [{ type: "null" }, null, ""],
];
for (const [schema, given, written] of values) {
  const text = typed(schema, defs, given);
  assert.ok(text.endsWith(`const reply = await arith.userID(${written});`), text);
  assert.ok(text.includes("ArithClient"), text);
}
assert.ok(typed(object({ Color: { $ref: "#/$defs/Color" } }), defs, { Color: 1 }).includes('import { ArithClient, Color } from "./client.js";'));
const said = typed({ type: "null" }, defs, null, { timeout: "500", token: "t", metadata: [{ key: "a b", value: "c" }] });
assert.ok(said.endsWith('arith.userID({ timeout: 500, token: "t", metadata: { "a b": "c" } });'), said);
// what has no form there is called by `fetch`
assert.ok(typed({}, defs, 1).startsWith("const response = await fetch("));
assert.ok(typed(object({ IntMap: { type: "object", propertyNames: { pattern: "^-?[0-9]+$" }, additionalProperties: int64 } }), defs, { IntMap: { 1: 2 } }).startsWith("const response = await fetch("));

const [curl, command] = LANGUAGES.map(({ make }) => make(untyped("A", "B"), { ...request, service: "A", method: "B", args: '{"A":"it\'s $HOME"}' }));
assert.ok(curl.startsWith(String.raw`curl -d '{"A":"it'\''s $HOME"}'`), curl);
assert.ok(command.includes(String.raw`'{"A":"it'\''s $HOME"}'`), command);

// what a server says of itself, and nonsense in its place
assert.deepEqual(readCatalog('{"services":7}'), []);
const [odd] = readCatalog('{"services":[{"name":1,"methods":[{"name":"M"},3]}]}');
assert.deepEqual(odd.methods.map(({ name, typed }) => [name, typed]), [["M", false], ["", false]]);
const go = "type (s *Arith) Mul(ctx context.Context, arg *Args, reply *Reply) error {\n}\ntype Args struct {\n}\n";
assert.deepEqual(readGoNames(JSON.stringify(go)).map(({ name, methods }) => [name, methods[0].name]), [["Arith", "Mul"]]);
