import {check, checkOptions, type Kind, type Kinds, optional, text} from '@subset-tuning/checks';
import type {OpenData} from './open-data.js';

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
  const {revision, token, endpoint} = options;
  const repo = {type: 'dataset' as const, name: id.slice('datasets/'.length)};
  const given = {
    ...(revision === undefined ? {} : {revision}),
    ...(token === undefined ? {} : {accessToken: token}),
    ...(endpoint === undefined ? {} : {hubUrl: endpoint}),
  };
  return async (file, limit) => {
    // Not before it is wanted: who reads no data from the hub loads nothing of it.
    const {downloadFile} = await import('@huggingface/hub');
    const content = await downloadFile({repo, path: file, ...given}).catch((cause: Error) => {
      throw new Error(`${id}, ${file}: ${cause.message}`, {cause});
    });
    if (!content) throw new Error(`${id}, ${file}: there is no such file on the hub`);
    if (content.size > limit) throw new Error(`${id}, ${file} has ${content.size} bytes, expected at most ${limit}`);
    return content.stream();
  };
}
