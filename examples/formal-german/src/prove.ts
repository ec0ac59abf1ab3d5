import {applyDelta, readDelta} from '@subset-tuning/deltas';
import {type CausalModel, collate, loadModel} from '@subset-tuning/models';
import {encodePair} from '@subset-tuning/tasks';
import type {HeldOut} from './load-data.js';
import type {Report} from './report.js';
import {FORMAT, translate} from './translate.js';

/** What a model says: the texts, and the logits of a few sentences, where a difference of one bit would show. */
export interface Outputs {
  translations: string[];
  logits: Float32Array;
}

const PROBED_PAIRS = 16;

export async function outputsOf(model: CausalModel, translations: string[], {formalPairs}: HeldOut): Promise<Outputs> {
  const pairs = formalPairs.slice(0, PROBED_PAIRS).map((pair) => encodePair(pair, model.tokenizer, FORMAT));
  const logits = model.logits(collate(pairs).inputs);
  try {
    return {translations, logits: Float32Array.from(await logits.data())};
  } finally {
    logits.dispose();
  }
}

/**
 * Reads the seed from disk anew, applies a delta, and compares what the model says with what the tuned model said;
 * takes the delta back and compares weights and outputs with the seed's. All bit for bit.
 */
export async function prove(
  folder: string,
  heldOut: HeldOut,
  {file, outputs}: {file: Uint8Array; outputs: Outputs},
): Promise<Report['proofs']> {
  const model = await loadModel(folder);
  try {
    const sources = heldOut.formal.map(({source}) => source);
    const outputsNow = async () => outputsOf(model, await translate(model, sources), heldOut);
    const seedWeights = await weightBits(model);
    const seedOutputs = await outputsNow();
    const revert = await applyDelta(model, readDelta(file));
    const reloadBitExact = sameOutputs(await outputsNow(), outputs);
    await revert();
    const weights = await weightBits(model);
    const sameWeights = weights.every((bits, i) => bits.equals(seedWeights[i]));
    return {reloadBitExact, revertBitExact: sameWeights && sameOutputs(await outputsNow(), seedOutputs)};
  } finally {
    model.dispose();
  }
}

async function weightBits({weights}: CausalModel): Promise<Buffer[]> {
  return Promise.all(Array.from(weights.values(), async (weight) => bytesOf(Float32Array.from(await weight.data()))));
}

function sameOutputs(a: Outputs, b: Outputs): boolean {
  return a.translations.join('\n') === b.translations.join('\n') && bytesOf(a.logits).equals(bytesOf(b.logits));
}

function bytesOf({buffer, byteOffset, byteLength}: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
