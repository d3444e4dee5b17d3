// Which methods a few letters mean.

/**
 * @import { Method, Service } from "./catalog.js"
 * @typedef {{ service: Service, methods: Method[] }} Found
 */

/**
 * The services with the methods that have all words in their names or docs.
 * @param {Service[]} services
 * @param {string} text
 * @returns {Found[]}
 */
export function search(services, text) {
  const words = text.toLowerCase().split(/[\s./]+/).filter(Boolean);
  const found = services.map((service) => ({
    service,
    methods: service.methods.filter((method) => words.every((word) => haystack(service, method).includes(word))),
  }));
  return words.length ? found.filter(({ methods }) => methods.length) : found;
}

/**
 * The method that is meant first: one whose name begins so, before one that has it anywhere.
 * @param {Found[]} found
 * @param {string} text
 */
export function best(found, text) {
  const methods = found.flatMap((one) => one.methods);
  const word = text.toLowerCase().split(/[\s./]+/).filter(Boolean).at(-1) ?? "";
  const named = (/** @type {(name: string) => boolean} */ is) => methods.find((method) => is(method.name.toLowerCase()));
  return named((name) => name === word) ?? named((name) => name.startsWith(word)) ?? named((name) => name.includes(word)) ?? methods[0];
}

/**
 * @param {Service} service
 * @param {Method} method
 */
function haystack(service, method) {
  return `${service.name} ${method.name} ${method.docs}`.toLowerCase();
}

/**
 * @param {number} count
 * @param {string} what
 */
export function plural(count, what) {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
