import {optional, text} from '@subset-tuning/checks';
import type {ChatTemplates} from '../chat/chat-template.js';
import {COUNT, type Fields, field, TEXTS} from './field.js';

const TOKENS = {bos: 'bos_token', eos: 'eos_token', unknown: 'unk_token', seperator: 'sep_token', padding: 'pad_token'};

/** The chat template that a GGUF file has, if it does, and the special tokens that it may name. */
export function readGgufChatTemplates(fields: Fields): ChatTemplates {
  const own = field<string | undefined>(fields, 'tokenizer.chat_template', optional(text));
  const vocabulary = field<string[]>(fields, 'tokenizer.ggml.tokens', TEXTS);
  const tokens: Record<string, string> = {};
  for (const [key, name] of Object.entries(TOKENS)) {
    const id = field<number | bigint | undefined>(fields, `tokenizer.ggml.${key}_token_id`, optional(COUNT));
    const token = id === undefined ? undefined : vocabulary[Number(id)];
    if (token !== undefined) tokens[name] = token;
  }
  return {texts: new Map(own === undefined ? [] : [['default', own]]), tokens};
}
