/** The SHA-256 of a text's UTF-8, in hexadecimal digits. */
export async function sha256(text: string): Promise<string> {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (subtle === undefined) {
    throw new Error(
      'SHA-256 needs Web Crypto (crypto.subtle), which browsers give to pages from https or localhost alone',
    );
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
