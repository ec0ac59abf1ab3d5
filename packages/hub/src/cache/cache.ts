import type {Content} from '../listing.js';

/**
 * Where the files of one repository are kept, in three parts: blobs, contents by their hash; snapshots, which say what
 * content each file of a commit has; and refs, which say what commit a branch or a tag stood for when last asked.
 */
export interface Cache {
  /** Whose it is, among everything that can be locked. */
  readonly name: string;
  readRef(revision: string): Promise<string | undefined>;
  writeRef(revision: string, commit: string): Promise<void>;
  /** A file of a commit, if it is here. */
  find(commit: string, file: string): Promise<StoredFile | undefined>;
  /** Gives a file of a commit its content, if that is here. */
  link(commit: string, file: string, content: Content): Promise<StoredFile | undefined>;
  /** Takes up a content where an earlier try left off. */
  open(content: Content): Promise<PartialFile>;
}

/** A file that is here as a whole. */
export interface StoredFile {
  readonly size: number;
  /** Its bytes from `start` up to `end`, which is left out. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A content that is still coming, under another name than it will have. */
export interface PartialFile {
  /** How many bytes there are. */
  readonly size: number;
  /** The bytes that there are. */
  parts(): AsyncIterable<Uint8Array>;
  append(bytes: Uint8Array): Promise<void>;
  /** Throws away what there is. */
  clear(): Promise<void>;
  /** Leaves what there is for a later try. */
  keep(): Promise<void>;
  /** Gives it the name of its content: it has been checked. */
  finish(): Promise<void>;
}
