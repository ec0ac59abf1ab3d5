import {util} from '@tensorflow/tfjs-core';

/** A seed of its own for each tensor and each pass, 1 or more as tfjs wants them: by tfjs's own hash of what it is for. */
export function seedOf(seed: number, name: string, pass: number): number {
  const bytes = new TextEncoder().encode(`${seed}/${pass}/${name}`);
  return (util.fingerPrint64(bytes).getLowBitsUnsigned() >>> 1) + 1;
}
