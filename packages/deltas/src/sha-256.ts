/**
 * SHA-256 of some bytes as 64 hexadecimal digits, by the platform's Web Crypto.
 *
 * @throws where there is none: browsers give it to pages from https or localhost alone.
 */
export async function sha256(bytes: Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): Promise<string> {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (subtle === undefined) {
    throw new Error(
      'SHA-256 needs Web Crypto (crypto.subtle), which browsers give to pages from https or localhost alone',
    );
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** One fingerprint for many tensors, of their SHA-256s by name: what `Delta.tunedSha256` is. */
export function tunedHash(hashes: ReadonlyMap<string, string>): Promise<string> {
  const names = [...hashes.keys()].sort();
  return sha256(new TextEncoder().encode(names.map((name) => `${hashes.get(name)}  ${name}\n`).join('')));
}
