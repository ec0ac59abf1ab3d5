import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import {afterEach, beforeAll, describe, expect, it} from 'vitest';
import {type ConformanceOptions, conformanceCases} from './conformance.js';
import {
  CONTRACT_KERNELS,
  type ContractKernel,
  Info,
  SLOT_COUNT,
  SubsetProject,
  type SubsetProjectAttrs,
  SubsetStep,
  type SubsetStepAttrs,
  TopKMask,
  type TopKMaskAttrs,
} from './contract.js';
import {type ProjectArrays, referenceSubsetProject} from './reference/subset-project.js';
import {referenceSubsetStep} from './reference/subset-step.js';
import {referenceTopKMask} from './reference/top-k-mask.js';
import {packSubset, readSubset, type SubsetStateArrays} from './subset-state.js';

/** What one kernel call saw and gave, for a fault to spoil. */
interface Call {
  kernel: string;
  inputs: Float32Array[];
  outputs: Float32Array[];
  state?: SubsetStateArrays;
  mask?: Uint8Array;
  attrs: {k: number; reselect?: boolean};
}
type Fault = (call: Call) => void;

const floats = (tensor: tf.Tensor) => tensor.dataSync<'float32'>();
const ints = (tensor: tf.Tensor) => tensor.dataSync<'int32'>();
const stateOf = ([mask, seeds, info]: tf.Tensor[]): SubsetStateArrays => [ints(mask), floats(seeds), ints(info)];
const stateTensors = ([mask, seeds, info]: SubsetStateArrays) => [
  tf.tensor1d(mask, 'int32'),
  tf.tensor1d(seeds),
  tf.tensor1d(info, 'int32'),
];
const shaped = (arrays: Float32Array[], like: tf.Tensor[]) => arrays.map((array, i) => tf.tensor(array, like[i].shape));

/** A silo's state with its tensors in the opposite order. */
function backwards(state: SubsetStateArrays, sizes: readonly number[]): SubsetStateArrays {
  const [mask, seeds] = packSubset(readSubset(state, sizes).reverse(), sizes.toReversed(), state[1].length);
  return [mask, seeds, state[2]];
}

/** `SubsetProject` with its tensors taken in the opposite order, so that ties across tensors go to the later one. */
function projectBackwards({proposals, current, importance, state}: ProjectArrays, attrs: SubsetProjectAttrs) {
  const sizes = attrs.sizes.toReversed();
  const arrays = {
    proposals: proposals.toReversed(),
    current: current.toReversed(),
    importance: importance?.toReversed(),
    state: backwards(state, attrs.sizes),
  };
  const result = referenceSubsetProject(arrays, {...attrs, sizes});
  return {parameters: result.parameters.reverse(), state: backwards(result.state, sizes)};
}

/** Registers the reference routines as kernels of the cpu backend, with a fault in them. */
function register(fault: Fault = () => {}, order: 'registration' | 'backwards' = 'registration'): void {
  const kernels: Record<string, (inputs: tf.Tensor[], attrs: never) => tf.Tensor[]> = {
    [TopKMask]: ([x, y, importance], attrs: TopKMaskAttrs) => {
      const mask = referenceTopKMask(floats(x), y && floats(y), attrs, importance && floats(importance));
      fault({kernel: TopKMask, inputs: [floats(x)], outputs: [], mask, attrs});
      return [tf.tensor(mask, x.shape, 'bool')];
    },
    [SubsetProject]: (inputs, attrs: SubsetProjectAttrs) => {
      const count = attrs.sizes.length;
      const [proposals, current] = [inputs.slice(0, count), inputs.slice(count, 2 * count)];
      const importance = attrs.important ? inputs.slice(2 * count, 3 * count).map(floats) : undefined;
      const before = stateOf(inputs.slice(-3));
      const arrays = {proposals: proposals.map(floats), current: current.map(floats), importance, state: before};
      const {parameters, state} =
        order === 'registration' ? referenceSubsetProject(arrays, attrs) : projectBackwards(arrays, attrs);
      fault({kernel: SubsetProject, inputs: arrays.proposals, outputs: parameters, state, attrs});
      return [...shaped(parameters, current), ...stateTensors(state)];
    },
    [SubsetStep]: (inputs, attrs: SubsetStepAttrs) => {
      const count = attrs.sizes.length;
      const slotCount = SLOT_COUNT[attrs.numbers.rule];
      const group = (j: number) => inputs.slice(j * count, (j + 1) * count);
      const [mask, seeds, info, scale] = inputs.slice((2 + slotCount) * count);
      const arrays = {
        parameters: group(0).map(floats),
        gradients: group(1).map(floats),
        slots: Array.from({length: slotCount}, (_, j) => group(2 + j).map(floats)),
        state: stateOf([mask, seeds, info]),
        scale: attrs.scaled ? floats(scale)[0] : 1,
      };
      const {parameters, slots, state} = referenceSubsetStep(arrays, attrs);
      fault({kernel: SubsetStep, inputs: arrays.gradients, outputs: [...parameters, ...slots.flat()], state, attrs});
      const like = group(0);
      return [...shaped(parameters, like), ...slots.flatMap((slot) => shaped(slot, like)), ...stateTensors(state)];
    },
  };
  for (const kernelName of CONTRACT_KERNELS) {
    tf.registerKernel({
      kernelName,
      backendName: 'cpu',
      // The engine hands over the very array of tensors that the op gave it.
      kernelFunc: ({inputs, attrs}) => kernels[kernelName](inputs as unknown as tf.Tensor[], attrs as never),
    });
  }
}

/** The names of the cases that reject, up to the first few. */
async function failures(options: Partial<ConformanceOptions>, pattern = /./): Promise<string[]> {
  const failed: string[] = [];
  for (const {name, run} of conformanceCases({path: 'fused', random: 40, ...options})) {
    if (!pattern.test(name) || failed.length > 2) continue;
    tf.engine().startScope();
    try {
      await run();
    } catch {
      failed.push(name);
    } finally {
      tf.engine().endScope();
    }
  }
  return failed;
}

beforeAll(() => tf.setBackend('cpu'));
afterEach(() => {
  for (const kernel of CONTRACT_KERNELS) {
    if (tf.getKernel(kernel, 'cpu')) tf.unregisterKernel(kernel, 'cpu');
  }
});

describe('the conformance suite passes', () => {
  it.each(['exact', 'close'] as const)(
    'the reference routines as kernels, rounding %s',
    async (rounding) => {
      register();
      expect(await failures({rounding}, /^(?!.*(65,537|300,388))/)).toEqual([]);
    },
    60_000,
  );

  it('only the close form where a step rounds otherwise', async () => {
    register(({kernel, outputs, state}) => {
      if (kernel !== SubsetStep || !state) return;
      // One unit in the last place, and only of what was chosen.
      for (const array of outputs.slice(-1)) {
        const bits = new Uint32Array(array.buffer);
        for (let i = 0; i < bits.length; i++) if ((bits[i] & 0x7fffffff) > 0x00800000) bits[i] ^= 1;
      }
    });
    expect(await failures({rounding: 'exact', kernels: [SubsetStep]}, /adam, decay/)).not.toEqual([]);
    expect(await failures({rounding: 'close', kernels: [SubsetStep]}, /adam, decay/)).toEqual([]);
  }, 60_000);
});

describe('the conformance suite fails', () => {
  it('where the path is the other', async () => {
    register();
    expect(await failures({path: 'fallback'}, /path/)).not.toEqual([]);
  });

  // The close form asks for less, so that what it finds the exact one finds too.
  const fails = async (kernel: ContractKernel, fault: Fault) => {
    register((call) => {
      if (call.kernel === kernel) fault(call);
    });
    const options = {rounding: 'close', kernels: [kernel], random: 0} as const;
    expect(await failures(options, /^(?!.*(65,537|300,388))/)).not.toEqual([]);
  };

  it.each(CONTRACT_KERNELS)('a %s that writes into an input', async (kernel) => {
    await fails(kernel, ({inputs}) => {
      inputs[0][0] += 1;
    });
  });

  it.each(CONTRACT_KERNELS)('a %s that leaks a tensor', async (kernel) => {
    await fails(kernel, () => {
      tf.keep(tf.scalar(1));
    });
  });

  const maskFaults: Record<string, (mask: Uint8Array, x: Float32Array) => void> = {
    'chooses ties by highest index': (mask, x) => {
      if (new Set(x.map(Math.abs)).size === 1) mask.reverse();
    },
    'chooses zeros': (mask, x) => {
      if (x.every((value) => value === 0)) mask[0] = 1;
    },
    'takes infinity for a number': (mask, x) => {
      const i = x.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
      if (i >= 0) mask[i] = 1;
    },
    'chooses a subnormal': (mask, x) => {
      const i = x.findIndex((value) => value !== 0 && Math.abs(value) < 2 ** -126);
      if (i >= 0) mask[i] = 1;
    },
  };
  it.each(Object.entries(maskFaults))(`a ${TopKMask} that %s`, async (_, fault) => {
    await fails(TopKMask, ({mask, inputs}) => {
      if (mask) fault(mask, inputs[0]);
    });
  });

  const stateFaults: Record<string, (state: SubsetStateArrays, outputs: Float32Array[]) => void> = {
    'holds one entry too many': ([mask]) => {
      const free = mask.indexOf(0);
      if (free >= 0) mask[free] = 1;
    },
    'sets a bit past the end of a tensor': ([mask]) => {
      mask[mask.length - 1] |= 1 << 31;
    },
    'is off by one bit outside the subset': ([mask], [first]) => {
      if ((mask[0] & 1) === 0) new Uint32Array(first.buffer)[0] ^= 1;
    },
    'flushes subnormal seeds': ([, seeds]) => {
      seeds.forEach((seed, i) => {
        if (Math.abs(seed) < 2 ** -126) seeds[i] = 0;
      });
    },
    'keeps seeds in another order': ([, seeds, info]) => {
      seeds.subarray(0, info[Info.size]).reverse();
    },
    'leaves old seeds behind the new': ([, seeds, info]) => {
      if (info[Info.size] < seeds.length) seeds[info[Info.size]] = 1;
    },
    'gives NaN for what is huge or infinite': (_, outputs) => {
      for (const array of outputs) {
        array.forEach((value, i) => {
          if (Math.abs(value) > 3e38) array[i] = Number.NaN;
        });
      }
    },
    'counts nothing that entered': ([, , info]) => {
      info[Info.entered] = 0;
    },
    'counts nothing that left': ([, , info]) => {
      info[Info.left] = 0;
    },
    'reports no threshold': ([, , info]) => {
      info[Info.threshold] = 0;
    },
    'does not count what is not finite': ([, , info]) => {
      info.fill(0, Info.nonFiniteGradients, Info.nonFiniteProposals + 1);
    },
    'is a hit and a miss at once': ([, , info]) => {
      info[Info.hits]++;
    },
  };
  it(`a ${SubsetProject} that gives ties to the later tensor`, async () => {
    register(undefined, 'backwards');
    expect(await failures({kernels: [SubsetProject], random: 0}, /straddle/)).not.toEqual([]);
    expect(await failures({kernels: [SubsetProject], random: 0}, /subnormal seeds/)).toEqual([]);
  });

  describe.each([SubsetProject, SubsetStep] as const)('a %s that', (kernel) => {
    it.each(Object.entries(stateFaults))('%s', async (_, fault) => {
      await fails(kernel, ({state, outputs}) => {
        if (state) fault(state, outputs);
      });
    });
  });
});
