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
  find(commit: string, file: string): Promise<ByteSource | undefined>;
  /** Gives a file of a commit its content, if that is here. */
  link(commit: string, file: string, content: Content): Promise<ByteSource | undefined>;
  /** Takes up a content where an earlier try left off. */
  open(content: Content): Promise<PartialFile>;
}

/** A file that is read in parts, so that it need not be in memory whole. */
export interface ByteSource {
  /** How many bytes there are. */
  readonly size: number;
  /** Bytes `begin` to `end`, without `end`: exactly so many, for 0 ≤ begin ≤ end ≤ size. */
  read(begin: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
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
