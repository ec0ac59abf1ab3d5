import {readGguf} from '@subset-tuning/gguf';
import type {Architecture} from '../architecture.js';
import type {ChatTemplates} from '../chat/chat-template.js';
import {fileName} from '../file-name.js';
import {readArchitecture} from '../read-architecture.js';
import type {ReadFile} from '../read-folder.js';
import {createTokenizer, type Tokenizer} from '../tokenizer.js';
import type {Weight} from '../weight.js';
import {readGgufChatTemplates} from './chat-templates.js';
import {configJson} from './config-json.js';
import {openGguf} from './open-gguf.js';
import {readGgufWeights} from './read-gguf-weights.js';
import {ROTARY_FACTORS, readRotaryFactors} from './rotary-json.js';
import {tokenizerJson} from './tokenizer-json.js';

/** What a GGUF file has of a model. The file is open until `close`, and each weight is read at its time. */
interface GgufModel {
  architecture: Architecture;
  tokenizer: Tokenizer;
  chatTemplates: ChatTemplates;
  weights: Map<string, Weight>;
  close(): Promise<void>;
}

/** Reads what a GGUF file says of its model, and checks all of it but the weights' elements. */
export async function readGgufModel(place: string | URL, read?: ReadFile): Promise<GgufModel> {
  const name = fileName(place);
  const {source, close} = await openGguf(place, read);
  try {
    const file = await readGguf(source, name);
    const fields = {name, metadata: file.metadata};
    const factors = await readRotaryFactors(file);
    const json = configJson(fields, file.tensors, factors);
    const architecture = readArchitecture(json, name);
    const others = factors && json.model_type === 'llama' ? [ROTARY_FACTORS] : [];
    const opened = source instanceof Uint8Array ? undefined : source;
    const weights = readGgufWeights(name, file, architecture.shapes, json, others, opened);
    const tokenizer = createTokenizer(tokenizerJson(fields), architecture.config.vocabularySize, name);
    const chatTemplates = readGgufChatTemplates(fields);
    return {architecture, tokenizer, chatTemplates, weights, close};
  } catch (error) {
    await close();
    throw error;
  }
}
