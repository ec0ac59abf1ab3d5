/** Places of the slider, from one weight to all. */
export const SLIDER_STEPS = 600;

/** The budget at a place of the slider: each place multiplies it by the same factor. */
export function budgetAt(place: number, parameters: number): number {
  return Math.max(1, Math.min(parameters, Math.round(parameters ** (place / SLIDER_STEPS))));
}

/** The place of a budget on the slider. */
export function placeOf(budget: number, parameters: number): number {
  return Math.round((SLIDER_STEPS * Math.log(budget)) / Math.log(parameters));
}

/** Of each changed tensor a file has its name, shape and hash. */
const BYTES_A_TENSOR = 330;
const FIXED_BYTES = 400;

/**
 * About how large the file of a delta is: four bytes a value, and one byte for every seven bits of the gap from one
 * position to the next.
 */
export function deltaBytes(budget: number, parameters: number, tensors: number): number {
  if (budget >= parameters) return 4 * parameters + BYTES_A_TENSOR * tensors + FIXED_BYTES;
  const gap = Math.max(1, Math.ceil(Math.log2(parameters / budget + 1) / 7));
  return budget * (4 + gap) + BYTES_A_TENSOR * Math.min(tensors, budget) + FIXED_BYTES;
}
