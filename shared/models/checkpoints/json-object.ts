// JSON from files that anyone may have written: an object, or nothing.

/** The object that the bytes spell in JSON. Of keys that come twice the last counts; a key `__proto__` is one like any other. */
export function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  if (isFlood(bytes)) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Whether the text opens so many brackets that parsing it would fill the memory, at a hundred bytes and more for each. The
 * files that are read here need three among fifty characters.
 */
function isFlood(bytes: Uint8Array): boolean {
  let [opened, isText] = [0, false];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === BACKSLASH) i++;
    else if (bytes[i] === QUOTE) isText = !isText;
    else if (!isText && OPENING.includes(bytes[i])) opened++;
  }
  return opened > 1000 + bytes.length / 10;
}
const [QUOTE, BACKSLASH, ...OPENING] = Buffer.from('"\\[{');
