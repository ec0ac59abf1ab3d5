import type {Method} from '../worker/protocol.js';

/**
 * Of each method the density and the learning rate that did best there on the validation rows of the example
 * formal-german, whose `results/grid.json` has all that was tried. The fewer weights, the larger the rate.
 */
export const BEST_RATES: Record<Method, readonly (readonly [density: number, rate: number])[]> = {
  subset: [
    [0.0001, 0.2],
    [0.001, 0.05],
    [0.01, 0.01],
    [1, 0.001],
  ],
  shrinking: [
    [0.0001, 0.2],
    [0.001, 0.02],
    [0.01, 0.005],
    [1, 0.001],
  ],
  gradient: [
    [0.0001, 0.1],
    [0.001, 0.02],
    [0.01, 0.01],
    [1, 0.001],
  ],
  random: [
    [0.0001, 0.5],
    [0.001, 0.2],
    [0.01, 0.05],
    [1, 0.001],
  ],
  full: [[1, 0.001]],
};

/** The learning rate for a budget: on a straight line between the best ones, both axes logarithmic, to two digits. */
export function learningRateFor(method: Method, density: number): number {
  const points = BEST_RATES[method];
  const above = points.findIndex(([at]) => at >= density);
  const [right, rightRate] = points[above === -1 ? points.length - 1 : above];
  const [left, leftRate] = points[Math.max(0, above === -1 ? points.length - 1 : above - 1)];
  if (left === right || density <= left) return density <= left ? leftRate : rightRate;
  const share = Math.log(density / left) / Math.log(right / left);
  return Number((leftRate * (rightRate / leftRate) ** share).toPrecision(2));
}
