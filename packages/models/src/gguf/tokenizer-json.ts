import {flag, oneOf, optional, show, typedArray} from '@subset-tuning/checks';
import {COUNT, type Fields, field, TEXTS, whatOf} from './field.js';
import {mergesOfScores} from './merges-of-scores.js';
import {BYTE_LEVEL, PRE_TOKENIZERS} from './pre-tokenizers.js';

/** Types of tokens, as llama.cpp numbers them. */
const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;

/**
 * The `tokenizer.json` of the vocabulary that a GGUF file has: of the kind `gpt2` (byte-level merges) or `llama`
 * (SentencePiece).
 *
 * @throws where it is of another kind, splits texts in a way that is not known here, or is none.
 */
export function tokenizerJson(fields: Fields): object {
  const kind = field<string>(fields, 'tokenizer.ggml.model', oneOf(['gpt2', 'llama']));
  const tokens = field<string[]>(fields, 'tokenizer.ggml.tokens', TEXTS);
  const vocab = new Map<string, number>();
  for (const [id, token] of tokens.entries()) {
    if (vocab.has(token)) {
      throw new Error(`${whatOf(fields.name, 'tokenizer.ggml.tokens')} has ${show(token)} twice, expected it once`);
    }
    vocab.set(token, id);
  }
  const rest = kind === 'gpt2' ? byteLevel(fields, vocab) : sentencePiece(fields, tokens, vocab);
  return {
    ...{version: '1.0', truncation: null, padding: null, added_tokens: addedTokens(fields, tokens)},
    ...{
      post_processor: postProcessor(fields, tokens, kind === 'llama' || preTokenizer(fields).begins === true),
      ...rest,
    },
  };
}

/** What the file's name for it stands for. */
function preTokenizer(fields: Fields) {
  return PRE_TOKENIZERS[field<string>(fields, 'tokenizer.ggml.pre', oneOf(Object.keys(PRE_TOKENIZERS)))];
}

const BPE = {type: 'BPE', dropout: null, continuing_subword_prefix: null, end_of_word_suffix: null};

function byteLevel(fields: Fields, vocab: ReadonlyMap<string, number>) {
  const {normalizer = null, pre_tokenizer, keepsTokens = false} = preTokenizer(fields);
  return {
    normalizer,
    pre_tokenizer,
    decoder: {...BYTE_LEVEL, add_prefix_space: true},
    model: {
      ...{...BPE, unk_token: null, fuse_unk: false, byte_fallback: false, ignore_merges: keepsTokens},
      ...{vocab: Object.fromEntries(vocab), merges: field<string[]>(fields, 'tokenizer.ggml.merges', TEXTS)},
    },
  };
}

function sentencePiece(fields: Fields, tokens: readonly string[], vocab: ReadonlyMap<string, number>) {
  const unknown = optionalToken(fields, 'unknown', tokens);
  const hasPrefix = field<boolean>(fields, 'tokenizer.ggml.add_space_prefix', flag, true);
  const scores = field<Float32Array>(fields, 'tokenizer.ggml.scores', typedArray('Float32Array'));
  const merges = mergesOfScores(whatOf(fields.name, 'tokenizer.ggml.scores'), tokens, scores, vocab);
  const strip = hasPrefix ? [{type: 'Strip', content: ' ', start: 1, stop: 0}] : [];
  const spaces = {type: 'Replace', pattern: {String: '▁'}, content: ' '};
  return {
    normalizer: null,
    pre_tokenizer: {
      ...{type: 'Metaspace', replacement: '▁', prepend_scheme: hasPrefix ? 'first' : 'never', split: false},
    },
    decoder: {type: 'Sequence', decoders: [spaces, {type: 'ByteFallback'}, {type: 'Fuse'}, ...strip]},
    model: {
      ...{...BPE, unk_token: unknown?.token ?? null, fuse_unk: true, byte_fallback: true, ignore_merges: false},
      ...{vocab: Object.fromEntries(vocab), merges},
    },
  };
}

/** What is found in a text before it is split, by the types of the tokens. */
function addedTokens(fields: Fields, tokens: readonly string[]): object[] {
  const key = 'tokenizer.ggml.token_type';
  const types = field<Int32Array | undefined>(fields, key, optional(typedArray('Int32Array'))) ?? new Int32Array();
  if (types.length > 0 && types.length !== tokens.length) {
    throw new Error(`${whatOf(fields.name, key)} has ${types.length} types, expected ${tokens.length}`);
  }
  const added: object[] = [];
  for (const [id, type] of types.entries()) {
    if (type !== UNKNOWN && type !== CONTROL && type !== USER_DEFINED) continue;
    const special = type !== USER_DEFINED;
    added.push({
      ...{id, content: tokens[id], special, single_word: false, lstrip: false, rstrip: false, normalized: false},
    });
  }
  return added;
}

/**
 * The tokens around every text.
 *
 * @param begins Whether llama.cpp puts one before it where the file does not say.
 */
function postProcessor(fields: Fields, tokens: readonly string[], begins: boolean): object | null {
  const before = field<boolean>(fields, 'tokenizer.ggml.add_bos_token', flag, begins);
  const after = field<boolean>(fields, 'tokenizer.ggml.add_eos_token', flag, false);
  const around = [...(before ? ['bos'] : []), ...(after ? ['eos'] : [])].map((name) => {
    const found = optionalToken(fields, name, tokens);
    if (found) return found;
    throw new Error(`${fields.name}: there is no ${keyOf(name)}, expected one, for it stands beside every text`);
  });
  if (around.length === 0) return null;
  const template = (text: string, type_id: number) => {
    const place = ({token}: {token: string}) => ({SpecialToken: {id: token, type_id}});
    return [
      ...(before ? [place(around[0])] : []),
      {Sequence: {id: text, type_id}},
      ...(after ? [place(around[around.length - 1])] : []),
    ];
  };
  const single = template('A', 0);
  const pair = [...single, ...template('B', 1)]; // as transformers has it of Llama
  const entries = around.map(({token, id}) => [token, {id: token, ids: [id], tokens: [token]}] as const);
  return {type: 'TemplateProcessing', single, pair, special_tokens: Object.fromEntries(entries)};
}

const keyOf = (name: string) => `tokenizer.ggml.${name}_token_id`;

/** A token that the file names by its id, if it does. */
function optionalToken(
  fields: Fields,
  name: string,
  tokens: readonly string[],
): {token: string; id: number} | undefined {
  const given = field<number | bigint | undefined>(fields, keyOf(name), optional(COUNT));
  if (given === undefined) return undefined;
  const id = Number(given);
  if (id < tokens.length) return {token: tokens[id], id};
  throw new Error(`${whatOf(fields.name, keyOf(name))} is ${given}, expected an id below ${tokens.length}`);
}
