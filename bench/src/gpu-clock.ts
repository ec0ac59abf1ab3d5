import {commandEncoder, type WebGpuBackend, webgpuBackend} from './webgpu-backend.js';

/** The GPU's own clock, by timestamps between the commands that it works through. */
export class GpuClock {
  readonly #webgpu: WebGpuBackend;
  readonly #marks: GPUQuerySet;
  #marked = 0;

  /** Undefined where the active backend has no such clock. */
  static ofActiveBackend(marks: number): GpuClock | undefined {
    const webgpu = webgpuBackend();
    return webgpu?.device.features.has('timestamp-query') ? new GpuClock(webgpu, marks) : undefined;
  }

  private constructor(webgpu: WebGpuBackend, count: number) {
    this.#webgpu = webgpu;
    this.#marks = webgpu.device.createQuerySet({type: 'timestamp', count});
  }

  /** Marks when all is done that was asked for so far. Every second mark sends that off. */
  mark(): void {
    // The start of a pass may be marked while what comes before it still runs; its end may not.
    const timestampWrites = {querySet: this.#marks, endOfPassWriteIndex: this.#marked++};
    commandEncoder(this.#webgpu).beginComputePass({timestampWrites}).end();
    if (this.#marked % 2 === 0) this.#webgpu.submitQueue();
  }

  /** The mean time from each first mark to its second, in milliseconds. Reads once: then the clock is gone. */
  async read(): Promise<number> {
    const {device} = this.#webgpu;
    const size = 8 * this.#marked;
    const nanoseconds = device.createBuffer({size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC});
    const read = device.createBuffer({size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST});
    const encoder = device.createCommandEncoder();
    encoder.resolveQuerySet(this.#marks, 0, this.#marked, nanoseconds, 0);
    encoder.copyBufferToBuffer(nanoseconds, 0, read, 0, size);
    device.queue.submit([encoder.finish()]);
    await read.mapAsync(GPUMapMode.READ);
    const marks = new BigInt64Array(read.getMappedRange().slice(0));
    for (const one of [nanoseconds, read, this.#marks]) one.destroy();
    let sum = 0n;
    for (let i = 0; i < marks.length; i += 2) sum += marks[i + 1] - marks[i];
    return Number(sum) / 1e6 / (marks.length / 2);
  }
}
