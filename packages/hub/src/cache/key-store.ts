/** Keeps blobs by a key that looks like a path. A blob that is set is there as a whole or not at all. */
export interface KeyStore {
  get(key: string): Promise<Blob | undefined>;
  set(key: string, blob: Blob): Promise<void>;
  delete(key: string): Promise<void>;
}
