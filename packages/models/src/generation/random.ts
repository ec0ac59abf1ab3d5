/**
 * Numbers from 0 up to and without 1 that look random and are the same for the same seed and stream, on every machine:
 * PCG's output function over a counter of 32 bits.
 */
export function randomNumbers(seed: number, stream: number): () => number {
  let state = hash(hash(seed >>> 0) ^ hash(Math.floor(seed / 2 ** 32) ^ 0x9e3779b9) ^ hash(stream + 0x85ebca6b));
  return () => {
    state = (Math.imul(state, 747796405) + 2891336453) >>> 0;
    return output(state) / 2 ** 32;
  };
}

function hash(value: number): number {
  return output((Math.imul(value, 747796405) + 2891336453) >>> 0);
}

function output(state: number): number {
  const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}
