// Bytes as JSON has them, and as the text that they may be.

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** @param {string} text */
export function textToBase64(text) {
  return toBase64(new TextEncoder().encode(text));
}

/**
 * The text that the bytes are, if they are one.
 * @param {string} base64
 * @returns {string | null}
 */
export function fromBase64(base64) {
  try {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}
