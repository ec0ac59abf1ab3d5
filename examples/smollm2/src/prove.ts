import {applyDelta, readDelta} from '@subset-tuning/deltas';
import {type CausalModel, collate, loadModel} from '@subset-tuning/models';
import {encodeProblem, type Problem, promptOf} from './problems.js';

/** What a model says: its answers, and the logits of a problem, where a difference of one bit would show. */
export interface Outputs {
  answers: string[];
  logits: Float32Array;
}

/** What held, bit for bit. */
export interface Proofs {
  /** The seed, loaded anew, with the delta: the outputs are those of the tuned model. */
  reloadBitExact: boolean;
  /** With the delta taken back: every weight is the seed's. */
  revertBitExact: boolean;
}

export async function outputsOf(model: CausalModel, problems: readonly Problem[], maxTokens: number): Promise<Outputs> {
  const answers = await model.generate(problems.map(promptOf), {maxTokens});
  const logits = model.logits(collate([encodeProblem(problems[0], model)]).inputs);
  try {
    return {answers, logits: Float32Array.from(await logits.data())};
  } finally {
    logits.dispose();
  }
}

/** Loads the seed anew, applies a delta, compares, takes it back, and compares. */
export async function prove(
  folder: string,
  problems: readonly Problem[],
  maxTokens: number,
  {delta, outputs}: {delta: Uint8Array; outputs: Outputs},
): Promise<Proofs> {
  const model = await loadModel(folder);
  try {
    const seed = await weightBits(model);
    const revert = await applyDelta(model, readDelta(delta));
    const now = await outputsOf(model, problems, maxTokens);
    await revert();
    const weights = await weightBits(model);
    return {
      reloadBitExact: now.answers.join('\n') === outputs.answers.join('\n') && sameBits(now.logits, outputs.logits),
      revertBitExact: weights.every((bits, i) => sameBits(bits, seed[i])),
    };
  } finally {
    model.dispose();
  }
}

async function weightBits({weights}: CausalModel): Promise<Float32Array[]> {
  return Promise.all(Array.from(weights.values(), async (weight) => Float32Array.from(await weight.data())));
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  return bytesOf(a).equals(bytesOf(b));
}

function bytesOf({buffer, byteOffset, byteLength}: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
