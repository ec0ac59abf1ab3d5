import {show} from '@subset-tuning/checks';

/** tfjs-layers changes the case of every string in a config; hexadecimal digits have none to change. */
export function encodeNames(names: readonly string[]): string[] {
  return names.map((name) => [...new TextEncoder().encode(name)].map((b) => b.toString(16).padStart(2, '0')).join(''));
}

/** Inverse of {@link encodeNames}. */
export function decodeNames(names: unknown): string[] {
  if (!Array.isArray(names)) throw new Error(`config: expected a list of names, got ${show(names)}`);
  return names.map((name: unknown) => {
    if (typeof name !== 'string' || !/^([0-9a-f]{2})*$/.test(name)) {
      throw new Error(`config: expected a name as hexadecimal bytes, got ${show(name)}`);
    }
    return new TextDecoder().decode(Uint8Array.from(name.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)));
  });
}
