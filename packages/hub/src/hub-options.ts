import {
  anything,
  callable,
  flag,
  type Kind,
  type Kinds,
  number,
  optional,
  text,
  wholeNumber,
} from '@subset-tuning/checks';
import {revisionName} from './names.js';

/** How far a file has come. */
export interface Progress {
  /** The file's path in the repository. */
  readonly file: string;
  /** How many bytes of it are here: as many as there are at once, where it is in the cache. */
  readonly loaded: number;
  /** How many bytes it has. */
  readonly total: number;
}

/** What `hub` can be told. What Node's environment says is by the variables that Python's huggingface_hub reads. */
export interface HubOptions {
  /** A branch, a tag, or a commit, whose content never changes. Default: `main`. */
  revision?: string;
  /** Whom the hub takes us for. Default: `HF_TOKEN`, or what `hf auth login` left; sent to the environment's hub alone. */
  token?: string;
  /** The hub's address, or a mirror's. Default: `HF_ENDPOINT`, or `https://huggingface.co`. */
  endpoint?: string;
  /**
   * Where files are kept. In Node a folder, by default Python's: `HF_HUB_CACHE`, `HF_HOME/hub` or
   * `~/.cache/huggingface/hub`. In a page `'opfs'` or `'cache-storage'`, by default the first that there is. `false`:
   * nowhere.
   */
  cache?: string | false;
  /** Whether only the cache is asked. Default: `HF_HUB_OFFLINE`. */
  offline?: boolean;
  /** Hears of each bit that came. */
  onProgress?: (progress: Progress) => void;
  /** Ends what is under way, with its reason; what has come is kept for the next try. */
  signal?: AbortSignal;
  /** How many times in a row a request that failed for a while is made again, without a byte in between. Default: 5. */
  retries?: number;
  /** After how many milliseconds without a byte a request has failed. Default: 30 000. */
  timeout?: number;
  /** Makes the requests, through a proxy for example. Default: the global `fetch`. */
  fetch?: typeof fetch;
  /** Waits so many milliseconds before a request is made again; for tests. Default: by `setTimeout`. */
  wait?: (milliseconds: number) => Promise<void>;
}

/** Where a hub is. */
export const ADDRESS: Kind = {
  expected: 'an http(s) address',
  is: (value) => typeof value === 'string' && /^https?:\/\/[^\s?#]+$/.test(value) && URL.canParse(value),
};
const PLACE: Kind = {
  expected: 'a folder (in a page opfs or cache-storage) or false',
  is: (value) => value === false || (text.is(value) && value !== ''),
};
/** What each option must be. */
export const HUB_OPTIONS: Kinds<HubOptions> = {
  revision: optional(revisionName),
  token: anything, // checked by hand, so that no message shows it
  endpoint: optional(ADDRESS),
  cache: optional(PLACE),
  offline: optional(flag),
  onProgress: optional(callable),
  signal: optional({expected: 'an AbortSignal', is: (value) => value instanceof AbortSignal}),
  retries: optional(wholeNumber(0)),
  timeout: optional(number('a number of milliseconds above 0', (timeout) => timeout > 0)),
  fetch: optional(callable),
  wait: optional(callable),
};
