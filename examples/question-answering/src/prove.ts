import {applyDelta, readDelta} from '@subset-tuning/deltas';
import type {loadSpanExtractor, SpanExtractor} from '@subset-tuning/models';
import type {SquadRow} from '@subset-tuning/tasks';

/** What held, bit for bit. */
export interface Proofs {
  /** The seed, loaded anew, with the delta: every weight, and the answers and their scores, are those of the tuned model. */
  reloadBitExact: boolean;
  /** With the delta taken back: every weight is the seed's. */
  revertBitExact: boolean;
}

/** What a model is and says: its weights' bits, and its best answers with their scores, where a difference would show. */
export interface Fingerprint {
  weights: Float32Array[];
  said: string;
}

export async function fingerprintOf(model: SpanExtractor, rows: readonly SquadRow[]): Promise<Fingerprint> {
  const said: string[] = [];
  for (const {question, context} of rows) said.push(JSON.stringify(await model.predict(question, context)));
  return {weights: await bitsOf(model), said: said.join('\n')};
}

/** Loads the seed anew by `load`, applies a delta, compares, takes it back, and compares. */
export async function prove(
  load: () => ReturnType<typeof loadSpanExtractor>,
  rows: readonly SquadRow[],
  delta: Uint8Array,
  tuned: Fingerprint,
): Promise<Proofs> {
  const model = await load();
  try {
    const seed = await bitsOf(model);
    const revert = await applyDelta(model, readDelta(delta), {verify: 'all'});
    const now = await fingerprintOf(model, rows);
    await revert();
    return {
      reloadBitExact: now.said === tuned.said && sameBits(now.weights, tuned.weights),
      revertBitExact: sameBits(await bitsOf(model), seed),
    };
  } finally {
    model.dispose();
  }
}

function bitsOf({weights}: SpanExtractor): Promise<Float32Array[]> {
  return Promise.all(Array.from(weights.values(), async (weight) => Float32Array.from(await weight.data<'float32'>())));
}

function sameBits(a: readonly Float32Array[], b: readonly Float32Array[]): boolean {
  return a.length === b.length && a.every((values, i) => bytesOf(values).equals(bytesOf(b[i])));
}

function bytesOf({buffer, byteOffset, byteLength}: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
