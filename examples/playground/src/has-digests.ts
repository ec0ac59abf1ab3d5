/** Whether the browser gives SHA-256: to pages from https or this machine alone. Without it there are no deltas. */
export function hasDigests(): boolean {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  return subtle !== undefined;
}
