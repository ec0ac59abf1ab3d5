import {refusalOf, type Wanted} from './refusal.js';
import type {RetryPolicy} from './retry.js';
import {TemporaryError} from './temporary-error.js';

/** How requests are made. */
export interface Connection extends RetryPolicy {
  readonly fetch: typeof fetch;
  readonly endpoint: string;
  readonly token: string | undefined;
  /** After how many milliseconds without a byte a request is given up. */
  readonly timeout: number;
}

/** What is asked for: an address, its words for messages, and the first byte, where not all of it. */
export interface Request {
  readonly url: string;
  readonly wanted: Wanted;
  readonly from?: number;
}

/**
 * Makes one request.
 *
 * @param receive Takes the answer's head, and its body bit by bit.
 * @throws TemporaryError where the connection fails, is cut, or stays silent, and where the server says that it cannot
 * now; another error where it says no; the signal's reason where that aborts.
 */
export async function request<T>(
  {fetch, token, signal, timeout}: Connection,
  {url, wanted, from}: Request,
  receive: (response: Response, body: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const silence = new AbortController();
  /** What the network does, which fails where it stays silent. */
  const network = async <U>(work: () => Promise<U>): Promise<U> => {
    const timer = setTimeout(() => silence.abort(), timeout);
    try {
      return await work();
    } catch (cause) {
      signal?.throwIfAborted();
      const why = silence.signal.aborted ? `nothing came for ${timeout / 1000} s` : reasonOf(cause);
      throw new TemporaryError(`${url}: ${why}`, {cause});
    } finally {
      clearTimeout(timer);
    }
  };
  const headers = {
    ...(token !== undefined && {authorization: `Bearer ${token}`}),
    // With a range, what comes is never compressed, so that its bytes can be counted.
    ...(from !== undefined && {range: `bytes=${from}-`}),
  };
  const either = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  const response = await network(() => fetch(url, {headers, signal: either}));
  if (!response.ok) {
    await response.body?.cancel().catch(() => {});
    throw refusalOf(response, wanted);
  }
  return receive(response, partsOf(response, network));
}

async function* partsOf(
  response: Response,
  network: <U>(work: () => Promise<U>) => Promise<U>,
): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const {done, value} = await network(() => reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Node's `fetch failed` has its reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message
    ? `${error.message}: ${error.cause.message}`
    : error.message;
}
