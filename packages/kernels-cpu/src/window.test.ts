import {createState, type FusedRule, Info, Path, type SubsetState, subsetStep} from '@subset-tuning/kernels';
import '@tensorflow/tfjs-backend-cpu';
import {dispose, setBackend, type Tensor, tensor1d, zeros} from '@tensorflow/tfjs-core';
import {beforeAll, describe, expect, it} from 'vitest';
import {register} from './register.js';

beforeAll(async () => {
  await setBackend('cpu');
  register();
});

const N = 20_000;

/** Steps AdamW and returns the path of each step and the last info. */
function train(
  gradientAt: (t: number) => Float32Array,
  budgets: readonly number[],
  meddle: (info: Int32Array, t: number) => void = () => {},
): {paths: number[]; info: Int32Array} {
  let parameters: Tensor[] = [tensor1d(noise(0))];
  let slots: Tensor[][] = [[zeros([N])], [zeros([N])]];
  let state: SubsetState<Tensor> = createState([N]);
  const paths = budgets.map((k, i) => {
    const gradients = [tensor1d(gradientAt(i + 1))];
    meddle(state[2].dataSync<'int32'>(), i + 1);
    const step = subsetStep({parameters, gradients, slots, state, k, numbers: adamAt(i + 1)});
    dispose([parameters, gradients]);
    ({parameters, slots, state} = step);
    return state[2].dataSync()[Info.path];
  });
  const info = state[2].dataSync<'int32'>().slice();
  dispose([parameters, slots, state]);
  return {paths, info};
}

describe('the predicted window', () => {
  const drifting = (t: number) => noise(t).map((x, i) => 0.5 * x + direction[i]);

  it.each([5, 200, 2000, 10_000])('hits in 95 % of the steps after the tenth, k = %d', (k) => {
    const {paths, info} = train(drifting, new Array(50).fill(k));
    expect(paths[0]).toBe(Path.miss);
    expect(paths.slice(10).filter((path) => path === Path.hit).length).toBeGreaterThanOrEqual(0.95 * 40);
    expect(info[Info.hits] + info[Info.misses]).toBe(50);
    expect(info[Info.hits]).toBe(paths.filter((path) => path === Path.hit).length);
  });

  it('misses where the budget jumps, and hits again', () => {
    const {paths} = train(drifting, [...new Array(20).fill(200), ...new Array(10).fill(8000)]);
    expect(paths[19]).toBe(Path.hit);
    expect(paths[20]).toBe(Path.miss);
    expect(paths.slice(25)).toEqual(new Array(5).fill(Path.hit));
  });

  it('hits while the budget shrinks', () => {
    const budgets = Array.from({length: 40}, (_, i) => Math.round(N * 0.001 ** (i / 40)));
    const {paths} = train(drifting, budgets);
    expect(paths.slice(10).filter((path) => path === Path.hit).length).toBeGreaterThanOrEqual(0.8 * 30);
  });

  it('misses once after its memory was lost', () => {
    const forget = (info: Int32Array, t: number) => {
      if (t === 20) info.fill(0, Info.own);
    };
    const {paths} = train(drifting, new Array(25).fill(200), forget);
    expect(paths.slice(18)).toEqual([Path.hit, Path.miss, ...new Array(5).fill(Path.hit)]);
  });

  it('chooses the same, hit or miss', () => {
    const forget = (info: Int32Array) => {
      info.fill(0, Info.own);
    };
    const budgets = [300, 300, 300, 310, 320, 330, 9000, 9000, 9000, 1, 0, 300, 300];
    const hits = train(drifting, budgets);
    const misses = train(drifting, budgets, forget);
    expect(hits.paths).toContain(Path.hit);
    expect(misses.paths.filter((path, i) => path === Path.hit && budgets[i] > 0)).toEqual([]);
    expect(hits.info.slice(0, Info.path)).toEqual(misses.info.slice(0, Info.path));
  });

  it('bears a gradient that never changes, where all that is not chosen lies a learning rate away', () => {
    const {paths} = train(() => direction, new Array(40).fill(2000));
    expect(paths.slice(10).filter((path) => path === Path.hit).length).toBeGreaterThan(15);
  });
});

const direction = noise(1000);

function adamAt(t: number): FusedRule {
  return {
    rule: 'adam',
    learningRate: 0.01,
    weightDecay: 0,
    decayTowards: 'zero',
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    correction1: 1 - 0.9 ** t,
    correction2: 1 - 0.999 ** t,
  };
}

/** Numbers between −1 and 1 from Lehmer's generator (the numbers of Park and Miller). */
function noise(seed: number): Float32Array {
  let state = (seed + 1) * 7919;
  return Float32Array.from({length: N}, () => {
    state = (state * 48271) % 0x7fffffff;
    return (2 * state) / 0x7fffffff - 1;
  });
}
