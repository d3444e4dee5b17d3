// What the page keeps in the browser: the history and the theme for good, the token until the tab is closed.

/**
 * @param {Storage} storage
 * @param {string} key
 * @returns {string}
 */
function read(storage, key) {
  try {
    return storage.getItem(`rpcx.${key}`) ?? "";
  } catch {
    // A browser may forbid it; then nothing is kept.
    return "";
  }
}

/**
 * @param {Storage} storage
 * @param {string} key
 * @param {string} value
 * @returns {boolean} whether there was room
 */
function write(storage, key, value) {
  try {
    storage.setItem(`rpcx.${key}`, value);
    return true;
  } catch {
    return false;
  }
}

/** Kept for good. @param {string} key */
export function kept(key) {
  return read(localStorage, key);
}

/**
 * @param {string} key
 * @param {string} value
 */
export function keep(key, value) {
  return write(localStorage, key, value);
}

/** Kept for this tab. */
export function token() {
  return read(sessionStorage, "token");
}

/** @param {string} value */
export function setToken(value) {
  write(sessionStorage, "token", value);
}
