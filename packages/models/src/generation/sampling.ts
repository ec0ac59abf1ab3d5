/** How far a drawn token may be from the likeliest. What is left out changes nothing. */
export interface Sampling {
  /** What logits are divided by: above 1 the unlikely gets likelier, below 1 the likely does. */
  temperature?: number | undefined;
  /** Only so many of the likeliest tokens are drawn from, and those that are as likely as the last of them. */
  topK?: number | undefined;
  /** Only the fewest of the likeliest tokens that together are at least so likely are drawn from. */
  topP?: number | undefined;
}

/**
 * Logits as they are drawn from: first divided by the temperature, then the `topK`, then the `topP`, and −∞ for what is
 * left out. The order and the rules are those of transformers' logits warpers.
 *
 * @returns The same, or a copy.
 */
export function warpLogits(logits: Float32Array, {temperature = 1, topK, topP}: Sampling): Float32Array {
  const warped = temperature === 1 ? logits.slice() : logits.map((logit) => logit / temperature);
  if (topK !== undefined && topK < warped.length) keepLikeliest(warped, topK);
  if (topP !== undefined && topP < 1) keepTogether(warped, topP);
  return warped;
}

/** Leaves out what is less likely than the `count`th. */
function keepLikeliest(logits: Float32Array, count: number): void {
  const least = logits.slice().sort()[logits.length - count];
  for (const [id, logit] of logits.entries()) if (logit < least) logits[id] = -Infinity;
}

/** Leaves out, from the least likely on, what together is at most 1 − `share` likely; the likeliest stays. */
function keepTogether(logits: Float32Array, share: number): void {
  const sorted = logits.slice().sort();
  const likeliest = sorted[sorted.length - 1];
  const likelihoods = Float64Array.from(sorted, (logit) => Math.exp(logit - likeliest));
  const rest = (1 - share) * likelihoods.reduce((sum, likelihood) => sum + likelihood, 0);
  let left = 0;
  for (let sum = likelihoods[0]; sum <= rest && left < sorted.length - 1; sum += likelihoods[left]) left++;
  const least = sorted[left];
  // Of equally likely ones on the border, the first are left out.
  let ties = left - sorted.indexOf(least);
  for (const [id, logit] of logits.entries()) {
    if (logit < least || (logit === least && ties-- > 0)) logits[id] = -Infinity;
  }
}

/**
 * The token that a number draws.
 *
 * @param logits Of each token.
 * @param random From 0 up to and without 1.
 * @throws where no logit is a number.
 */
export function pickToken(logits: Float32Array, random: number): number {
  const likeliest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const likelihoods = Float64Array.from(logits, (logit) => Math.exp(logit - likeliest));
  let left = random * likelihoods.reduce((sum, likelihood) => sum + likelihood, 0);
  if (!Number.isFinite(left)) {
    throw new Error(`generate: the model gives a token a logit of ${likeliest}, expected finite numbers`);
  }
  let last = 0;
  for (const [id, likelihood] of likelihoods.entries()) {
    if (likelihood === 0) continue;
    last = id;
    left -= likelihood;
    if (left < 0) break;
  }
  return last;
}
