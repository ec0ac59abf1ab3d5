/** A learning rate that was tried, and the loss on validation: NaN or infinite where tuning failed. */
export interface TriedRate {
  learningRate: number;
  loss: number;
}

/** What to do next: try these rates, or take this one. */
export type GridStep = {readonly attempt: readonly number[]} | {readonly best: number};

/** Places of the rates that every grid begins with: 0.003, 0.01, 0.03. */
const FIRST = [-5, -4, -3];
/** From 1e-8 to 1000: a best rate that is not between them is none. */
const [LOWEST, HIGHEST] = [-16, 6];
/**
 * Losses that differ by no more than this share of them are equal. A model that a high rate broke gives every answer alike,
 * at a hundred times the rate as well, but for rounding: of such rates none is better than the next, and lower ones may be.
 */
const EQUAL = 1e-4;

/** The rate at a place of the series …, 0.01, 0.03, 0.1, 0.3, 1, … ; 1 is at 0. */
function rateAt(place: number): number {
  return Number(`${place % 2 === 0 ? 1 : 3}e${Math.floor(place / 2)}`);
}

/** Whether a loss is lower than another, and not equal to it. */
function isBelow(loss: number, other: number): boolean {
  return loss + EQUAL * Math.abs(loss) < other;
}

/**
 * The rule by which every method's learning rate is chosen: three rates to begin with, and one more at the end where the
 * best lies, until it lies between two others and the loss rises towards the lowest: a better one may lie below a hill.
 * Above one lie models that are broken, which can come near to the best loss by chance, saying the same to all rows. Of
 * equal losses, to a ten-thousandth, the lowest rate's counts; a loss that is not finite is worse than any other.
 *
 * @throws RangeError where the best rate lies at the end of all that is tried.
 */
export function nextGridStep(tried: readonly TriedRate[]): GridStep {
  const losses = new Map(
    tried.map(({learningRate, loss}) => [learningRate, Number.isFinite(loss) ? loss : Number.POSITIVE_INFINITY]),
  );
  const first = FIRST.map(rateAt).filter((rate) => !losses.has(rate));
  if (first.length > 0) return {attempt: first};
  const places = Array.from({length: HIGHEST - LOWEST + 1}, (_, i) => LOWEST + i).filter((place) =>
    losses.has(rateAt(place)),
  );
  const lossAt = (place: number) => losses.get(rateAt(place)) ?? Number.POSITIVE_INFINITY;
  const least = Math.min(...places.map(lossAt));
  const [best] = places.filter((place) => !isBelow(least, lossAt(place)));
  const [low, high] = [places[0], places[places.length - 1]];
  const grown: number[] = [];
  if (best === low || isBelow(lossAt(low), lossAt(low + 1))) grown.push(low - 1);
  if (best === high) grown.push(high + 1);
  const attempt = grown.filter((place) => place >= LOWEST && place <= HIGHEST).map(rateAt);
  if (attempt.length > 0) return {attempt};
  if (best !== low && best !== high) return {best: rateAt(best)};
  throw new RangeError(`the best learning rate is ${rateAt(best)}, at the end of all that are tried`);
}
