/** The value of a JSON file from anyone. */
export function parseJson(name: string, bytes: Uint8Array): unknown {
  const decoder = new TextDecoder('utf-8', {fatal: true});
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new Error(`${name} is not JSON in UTF-8`, {cause});
  }
}
