import {sha1} from '@noble/hashes/legacy.js';
import {sha256} from '@noble/hashes/sha2.js';

/** Hashes bytes as they come. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** The hash in hexadecimal digits. */
  digest(): string;
}

/**
 * What the hub calls a file's content by: a large one by the SHA-256 of it, 64 digits; a small one by the SHA-1 that git
 * has for it, 40 digits, over its length and its bytes. Node hashes these itself; Web Crypto would want the whole file
 * in memory.
 */
export function createHasher(etag: string, size: number): Hasher {
  const algorithm = etag.length === 64 ? 'sha256' : 'sha1';
  const hasher = nodeHasher(algorithm) ?? portableHasher(algorithm);
  if (algorithm === 'sha1') hasher.update(new TextEncoder().encode(`blob ${size}\0`));
  return hasher;
}

function nodeHasher(algorithm: string): Hasher | undefined {
  const hash = globalThis.process?.getBuiltinModule?.('node:crypto').createHash(algorithm);
  return hash && {update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex')};
}

function portableHasher(algorithm: 'sha1' | 'sha256'): Hasher {
  const hash = algorithm === 'sha1' ? sha1.create() : sha256.create();
  return {update: (bytes) => void hash.update(bytes), digest: () => hexOf(hash.digest())};
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
