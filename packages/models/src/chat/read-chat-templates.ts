import {check, isObject, optional, show, text} from '@subset-tuning/checks';
import {parseJson} from '../parse-json.js';
import {isMissing, type ReadFile} from '../read-folder.js';
import type {ChatTemplates} from './chat-template.js';

const MAX_CONFIG_BYTES = 2 ** 24;
const MAX_TEMPLATE_BYTES = 2 ** 18;
const MAX_TEMPLATES = 64;
const TOKENS = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];
const CONFIG = 'tokenizer_config.json';

/**
 * The chat templates of a folder: `chat_template.jinja`, or those of `tokenizer_config.json`, a text or a list of named
 * ones. None where neither is there.
 *
 * @throws where one is there that is too large or not what it should be.
 */
export async function readChatTemplates(read: ReadFile): Promise<ChatTemplates> {
  const optionally = async (name: string, limit: number) => {
    const bytes = await read(name, limit).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (bytes && bytes.length > limit) throw new Error(`${name} has ${bytes.length} bytes, expected at most ${limit}`);
    return bytes;
  };
  const bytes = await optionally(CONFIG, MAX_CONFIG_BYTES);
  const config = bytes ? parseJson(CONFIG, bytes) : {};
  if (!isObject(config)) throw new Error(`${CONFIG} is not a JSON object`);
  const texts = textsOf(config.chat_template);
  const own = await optionally('chat_template.jinja', MAX_TEMPLATE_BYTES);
  if (own) texts.set('default', new TextDecoder().decode(own));
  return {texts, tokens: tokensOf(config)};
}

function textsOf(value: unknown): Map<string, string> {
  const texts = new Map<string, string>();
  if (value === undefined || value === null) return texts;
  const what = `${CONFIG}: chat_template`;
  if (text.is(value)) return texts.set('default', String(value));
  if (!Array.isArray(value) || value.length > MAX_TEMPLATES) {
    throw new Error(`${what} is ${show(value)}, expected a string or up to ${MAX_TEMPLATES} of {name, template}`);
  }
  for (const entry of value) {
    if (!isObject(entry) || typeof entry.name !== 'string' || typeof entry.template !== 'string') {
      throw new Error(`${what} has ${show(entry)}, expected {name, template}, both strings`);
    }
    texts.set(entry.name, entry.template);
  }
  return texts;
}

/** The special tokens, each a text or an object with one. */
function tokensOf(config: Record<string, unknown>): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const name of TOKENS) {
    const value = config[name] ?? undefined;
    const content = isObject(value) ? value.content : value;
    check(`${CONFIG}: ${name}`, content, optional(text));
    if (typeof content === 'string') tokens[name] = content;
  }
  return tokens;
}
