import {check, checkOptions, type Kind, type Kinds, optional, text} from '@subset-tuning/checks';
import type {OpenData} from './open-data.js';
import {NoFileError, openUrl} from './open-url.js';

/** What {@link hubData} can be told. */
export interface HubDataOptions {
  /** Branch, tag or commit. Default `main`. */
  revision?: string;
  /** For data sets that not everybody may read, such as `hf_…`. */
  token?: string;
  /** A mirror of the hub. Default `https://huggingface.co`. */
  endpoint?: string;
}

const ID: Kind = {
  expected: 'datasets/owner/name',
  is: (id) => typeof id === 'string' && /^datasets\/\w[\w.-]*\/\w[\w.-]*$/.test(id),
};
const OPTIONS: Kinds<HubDataOptions> = {revision: optional(text), token: optional(text), endpoint: optional(text)};

/**
 * The files of a data set on the Hugging Face hub.
 *
 * @param id `datasets/owner/name`.
 *
 * @example
 * ```ts no-run
 * import {dataSets, hubData, loadSplit} from '@subset-tuning/tasks';
 * const place = hubData('datasets/owner/name', {revision: 'v1'});
 * const rows = await loadSplit(dataSets.xquad, place, 'en');
 * ```
 */
export function hubData(id: string, options: HubDataOptions = {}): OpenData {
  check('hubData: id', id, ID);
  checkOptions('hubData', options, OPTIONS);
  const {revision = 'main', token, endpoint = 'https://huggingface.co'} = options;
  const folder = new URL(`${endpoint}/${id}/resolve/${encodeURIComponent(revision)}/`);
  const open = openUrl(folder, token === undefined ? {} : {authorization: `Bearer ${token}`});
  return (file, limit) =>
    open(file, limit).catch((cause: Error) => {
      const isMissing = cause instanceof NoFileError && cause.status === 404;
      const why = isMissing ? 'there is no such file on the hub' : cause.message;
      throw new Error(`${id}, ${file}: ${why}`, {cause});
    });
}
