import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {randomNumbers} from './random.js';
import {pickToken, type Sampling, warpLogits} from './sampling.js';

// What transformers' warpers make of the same logits: see golden/make-sampling.py.
interface Golden {
  logits: Record<string, number[]>;
  cases: {logits: string; options: Sampling; kept: number; shares: number[]}[];
}
const {logits, cases} = JSON.parse(
  readFileSync(new URL('../../golden/sampling.json', import.meta.url), 'utf8'),
) as Golden;

/** How often each token is to be drawn. */
function sharesOf(values: Float32Array): number[] {
  const most = Math.max(...values);
  const likelihoods = Array.from(values, (value) => Math.exp(value - most));
  const sum = likelihoods.reduce((total, likelihood) => total + likelihood);
  return likelihoods.map((likelihood) => likelihood / sum);
}

describe('warpLogits', () => {
  it.each(cases)(
    'leaves the shares that transformers leaves: $logits $options',
    ({logits: name, options, kept, shares}) => {
      const given = Float32Array.from(logits[name]);
      const warped = warpLogits(given, options);
      const made = sharesOf(warped);
      expect(warped.filter((logit) => logit > -Infinity).length).toBe(kept);
      for (const [id, share] of shares.entries()) {
        expect(Math.abs(made[id] - share)).toBeLessThan(1e-6);
      }
      expect([...given]).toEqual(logits[name].map(Math.fround));
    },
  );

  it('has every option at work in the golden values', () => {
    const shapes = cases.map(({kept}) => kept);
    expect(new Set(shapes).size).toBeGreaterThan(5);
  });
});

describe('pickToken', () => {
  it('draws each token as often as its share says', () => {
    const random = randomNumbers(7, 0);
    for (const {logits: name, options, shares} of cases) {
      const warped = warpLogits(Float32Array.from(logits[name]), options);
      const draws = 4000;
      const counts = shares.map(() => 0);
      for (let draw = 0; draw < draws; draw++) counts[pickToken(warped, random())]++;
      for (const [id, share] of shares.entries()) {
        if (share === 0) expect(counts[id]).toBe(0);
        // Five standard deviations: the seed is fixed, so this does not come and go.
        expect(Math.abs(counts[id] - draws * share)).toBeLessThan(1 + 5 * Math.sqrt(draws * share * (1 - share)));
      }
    }
  });

  it('never draws what is left out, not at the ends of the range either', () => {
    const ends = Float32Array.of(-Infinity, 1, -Infinity, 1, -Infinity);
    expect([pickToken(ends, 0), pickToken(ends, 1 - 2 ** -53)]).toEqual([1, 3]);
  });

  it.each([[[Number.NaN, 1]], [[-Infinity, -Infinity]], [[Infinity, 1]]])('refuses %o', (values) => {
    expect(() => pickToken(Float32Array.from(values), 0.5)).toThrow(/logit of \S+, expected finite numbers$/);
  });
});

describe('randomNumbers', () => {
  const take = (seed: number, stream: number, count: number) =>
    Array.from({length: count}, randomNumbers(seed, stream));

  it('are spread over the range, and each stream has its own', () => {
    for (const [seed, stream] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [2 ** 32, 0],
      [2 ** 53 - 1, 2 ** 31],
    ]) {
      const counts = new Array<number>(16).fill(0);
      for (const number of take(seed, stream, 16_000)) counts[Math.floor(number * 16)]++;
      expect(Math.max(...counts.map((count) => Math.abs(count - 1000)))).toBeLessThan(160);
    }
    const firsts = [0, 1, 2, 2 ** 32, 2 ** 32 + 1].flatMap((seed) =>
      [0, 1, 2].map((stream) => take(seed, stream, 1)[0]),
    );
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('are the same for ever', () => {
    expect(take(42, 3, 3)).toEqual(take(42, 3, 3));
    expect(take(42, 3, 3)).toMatchInlineSnapshot(`
      [
        0.6191849645692855,
        0.6616365981753916,
        0.04487098101526499,
      ]
    `);
  });
});
