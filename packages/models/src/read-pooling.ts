import {isObject, show} from '@subset-tuning/checks';
import {ConfigReader} from './config-reader.js';
import {parseJson} from './parse-json.js';
import type {Pooling, PoolingKind} from './pooling.js';
import {isMissing, type ReadFile} from './read-folder.js';

const MODULES = 'modules.json';
const SENTENCES = 'sentence_bert_config.json';
const MAX_BYTES = 2 ** 20;

/** What each flag of a pooling configuration says; the others are refused where they are set. */
const FLAGS: Readonly<Record<string, PoolingKind>> = {
  pooling_mode_cls_token: 'cls',
  pooling_mode_mean_tokens: 'mean',
  pooling_mode_max_tokens: 'max',
};
const OTHER_FLAGS = [
  ...['pooling_mode_mean_sqrt_len_tokens', 'pooling_mode_weightedmean_tokens', 'pooling_mode_lasttoken'],
];

/** How a folder says that texts get their embeddings. */
export interface SentenceConfig {
  pooling: Pooling;
  /** Longer texts are cut. */
  maxTokens?: number;
}

/**
 * Reads the files of Sentence Transformers that lie beside a model's: `modules.json`, the pooling configuration that it
 * names, and `sentence_bert_config.json`. Where there is none of them, the mean of all tokens, as there.
 */
export async function readPooling(read: ReadFile): Promise<SentenceConfig> {
  const modules = await readIfThere(read, MODULES);
  const sentences = await readIfThere(read, SENTENCES);
  return {pooling: await poolingOf(read, modules), ...(sentences !== undefined && sentenceConfig(sentences))};
}

async function readIfThere(read: ReadFile, name: string): Promise<unknown> {
  let bytes: Uint8Array;
  try {
    bytes = await read(name, MAX_BYTES);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  if (bytes.length > MAX_BYTES) throw new Error(`${name} has ${bytes.length} bytes, expected at most ${MAX_BYTES}`);
  return parseJson(name, bytes);
}

function sentenceConfig(json: unknown): {maxTokens?: number} {
  const reader = new ConfigReader(json, SENTENCES);
  reader.oneOf('do_lower_case', [false], false);
  if (reader.get('max_seq_length') === undefined) return {};
  return {maxTokens: reader.count('max_seq_length', 2 ** 24)};
}

/** The modules of Sentence Transformers: a transformer, a pooling, and perhaps a normalisation. */
async function poolingOf(read: ReadFile, json: unknown): Promise<Pooling> {
  if (json === undefined) return {kind: 'mean', normalise: false};
  if (!Array.isArray(json)) throw new Error(`${MODULES} is ${show(json)}, expected an array of modules`);
  const modules = json.map((module: unknown, i) => {
    const {type, path} = isObject(module) ? module : {};
    const isFolder = typeof path === 'string' && path.length <= 200 && /^(\w[\w.-]*)?$/.test(path);
    if (typeof type === 'string' && isFolder) return {type: type.split('.').at(-1), path};
    throw new Error(`${MODULES}: ${i} is ${show(module)}, expected a type and the path of a folder`);
  });
  const [transformer, pooling, normalise] = modules;
  const types = modules.map(({type}) => type);
  if (!['Transformer,Pooling', 'Transformer,Pooling,Normalize'].includes(types.join())) {
    throw new Error(`${MODULES} has ${show(types)}, expected Transformer, Pooling and perhaps Normalize`);
  }
  if (transformer.path !== '')
    throw new Error(`${MODULES}: the path of Transformer is ${show(transformer.path)}, expected none`);
  const name = `${pooling.path}/config.json`;
  const config = await readIfThere(read, name);
  return {kind: kindOf(new ConfigReader(config, name)), normalise: normalise !== undefined};
}

/** As Sentence Transformers 5 says it, by a name, or as those before do, by flags. */
function kindOf(reader: ConfigReader): PoolingKind {
  reader.ignore(['word_embedding_dimension', 'embedding_dimension', 'include_prompt']);
  const flags = [...Object.keys(FLAGS), ...OTHER_FLAGS].filter((flag) => reader.flag(flag, false));
  const name = reader.get('pooling_mode');
  reader.finish();
  const kinds = [...flags.map((flag) => FLAGS[flag] ?? flag), ...(name === undefined ? [] : [name])];
  const kind = (['cls', 'mean', 'max'] as const).find((known) => kinds.length === 1 && kinds[0] === known);
  return kind ?? reader.fail('pooling_mode', kinds, 'cls, mean or max alone');
}
