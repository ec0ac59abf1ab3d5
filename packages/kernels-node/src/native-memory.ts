import type {DataId, TensorInfo} from '@tensorflow/tfjs-core';
import type {Eager} from './eager.js';
import type {NativeAddon} from './native-addon.js';
import type {Handle, NodeBackend} from './node-backend.js';

/** The keys of memory that is ours. Its data goes with the tensors' own. */
const keys = new WeakMap<DataId, number>();

/** What a step by our own op writes where it lies, if nothing else shares its memory: slots, and parameters that it may overwrite. */
export class NativeMemory {
  /** The key of each tensor's memory, or −1 where that is shared or not ours: such a tensor is among `others`. */
  readonly sources: number[] = [];
  readonly others: {id: number}[] = [];
  /** Keys for new memory, one a tensor. */
  readonly keys: number[];
  readonly #infos: readonly TensorInfo[];
  readonly #backend: NodeBackend;
  readonly #eager: Eager;

  /**
   * @param infos What is written.
   * @param read What the step reads besides.
   */
  constructor(
    eager: Eager,
    backend: NodeBackend,
    addon: NativeAddon,
    infos: readonly TensorInfo[],
    read: readonly TensorInfo[],
  ) {
    this.#eager = eager;
    this.#backend = backend;
    this.#infos = infos;
    const first = addon.reserveKeys(infos.length);
    this.keys = infos.map((_, i) => first + i);
    // What is still to be uploaded is, before anything is taken.
    backend.getInputTensorIds([...infos]);
    const times = new Map<DataId, number>();
    for (const {dataId} of [...infos, ...read]) times.set(dataId, (times.get(dataId) ?? 0) + 1);
    try {
      for (const info of infos) this.#open(addon, info, times.get(info.dataId) === 1);
    } catch (error) {
      this.giveBack();
      throw error;
    }
  }

  /** @param isOnce whether the step is given this data once. */
  #open(addon: NativeAddon, info: TensorInfo, isOnce: boolean): void {
    const data = this.#backend.tensorMap.get(info.dataId);
    const key = keys.get(info.dataId);
    if (key !== undefined && isOnce && data.refCount === 1 && data.id !== -1 && addon.hold(key)) {
      this.#backend.binding.deleteTensor(data.id);
      data.id = -1;
      if (addon.isFree(key)) {
        this.sources.push(key);
        return;
      }
      data.id = this.#tensorOver(key, info);
    }
    const [id] = this.#backend.getInputTensorIds([info]);
    this.sources.push(-1);
    this.others.push({id});
  }

  #tensorOver(key: number, {shape}: TensorInfo): number {
    const [{id}] = this.#eager.runOwn('SubsetTuningHeld', [this.#eager.ints([key]), this.#eager.ints(shape)], [], 1);
    return id;
  }

  /** The i-th of `infos`, written, as a tensor. What was given holds nothing any more, where its memory was ours. */
  toOutput(handle: Handle, i: number): TensorInfo {
    const output = this.#backend.createOutputTensor(handle);
    keys.set(output.dataId, this.sources[i] >= 0 ? this.sources[i] : this.keys[i]);
    return output;
  }

  /** Gives the tensors back what was taken of them, after an error. */
  giveBack(): void {
    this.sources.forEach((key, i) => {
      if (key >= 0) this.#backend.tensorMap.get(this.#infos[i].dataId).id = this.#tensorOver(key, this.#infos[i]);
    });
  }
}
