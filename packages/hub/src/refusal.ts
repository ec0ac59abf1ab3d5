import {show} from '@subset-tuning/checks';
import {TemporaryError} from './temporary-error.js';

/** What was asked for, for messages. */
export interface Wanted {
  readonly endpoint: string;
  readonly id: string;
  readonly revision: string;
  /** The file; none where the list of them was asked for. */
  readonly file?: string;
  readonly hasToken: boolean;
}

const TEMPORARY = new Set([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524]);

/** The error for an answer that is no success: what the server said, of what, and what to do. */
export function refusalOf(response: Response, wanted: Wanted): Error {
  const {status, headers} = response;
  const {endpoint, id, file} = wanted;
  const what = file === undefined ? id : `${id}, ${file}`;
  const said = headers.get('x-error-message');
  const answer = `${what}: ${originOf(response.url, endpoint)} answered ${status}${said ? ` (${said.slice(0, 200)})` : ''}`;
  // A server that only stores gives away signed addresses for a while: another request gets another one.
  const isExpired = status === 403 && originOf(response.url, endpoint) !== new URL(endpoint).origin;
  if (TEMPORARY.has(status) || isExpired) return new TemporaryError(answer, {after: waitOf(headers)});
  return new Error(`${answer}: ${adviceOf(status, headers.get('x-error-code'), wanted)}`);
}

function adviceOf(status: number, code: string | null, {endpoint, id, revision, file, hasToken}: Wanted): string {
  if (code === 'RevisionNotFound') return `it has no revision ${show(revision)}; expected a branch, a tag or a commit`;
  if (code === 'EntryNotFound') return `there is no such file in ${show(revision)}; see ${endpoint}/${id}/tree/main`;
  if (code === 'GatedRepo') {
    const token = hasToken ? '' : ', and give a token (option token; in Node HF_TOKEN)';
    return `its owner gives access on request; ask for it at ${endpoint}/${id}${token}`;
  }
  if (code === 'RepoNotFound' || status === 404) {
    const what = file === undefined ? '' : ` or no ${file} in it`;
    return hasToken
      ? `there is no such model${what}, or the token may not read it`
      : `there is no such model${what}; if it is private, give a token (option token; in Node HF_TOKEN)`;
  }
  if (status === 401 && hasToken) return `the token is not valid; ${endpoint}/settings/tokens makes another`;
  if (status === 401) {
    return 'there is no such model, or it is private: check the id, or give a token (option token; in Node HF_TOKEN)';
  }
  if (status === 403) return `${hasToken ? 'the token may not read it' : 'it may not be read without a token'}`;
  return 'expected the file';
}

/** Milliseconds to wait, by `Retry-After` (seconds or a date) or by the `RateLimit` that the hub sends. */
function waitOf(headers: Headers): number | undefined {
  const after = headers.get('retry-after');
  if (after !== null) {
    const milliseconds = /^\d+$/.test(after.trim()) ? Number(after) * 1000 : Date.parse(after) - Date.now();
    if (Number.isFinite(milliseconds)) return Math.max(0, milliseconds);
  }
  const [, seconds] = /;\s*r=0\s*;\s*t=(\d+)/.exec(headers.get('ratelimit') ?? '') ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

function originOf(url: string, endpoint: string): string {
  return new URL(url || endpoint).origin;
}
