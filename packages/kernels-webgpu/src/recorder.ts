import {type DataType, env, type TensorInfo, util} from '@tensorflow/tfjs-core';
import {assertAlive} from './lost-device.js';
import {PARAMS_BYTES, type Params, writeParams} from './params.js';
import type {Access, Shader} from './shaders/shader.js';
import type {WebGpuBackend} from './webgpu-backend.js';

/** A piece of a buffer, in 32-bit words; all of it by default. */
export interface Span {
  start: number;
  length: number;
}

/** A buffer for a binding, with the length in words that is used of it. */
export interface Words {
  buffer: GPUBuffer;
  length: number;
}

/** What is made once for a device. */
interface Made {
  /** By the types of their bindings. */
  layouts: Map<string, GPUBindGroupLayout>;
  /** Of each shader by its choices. */
  pipelines: Map<Shader, Map<string, GPUComputePipeline>>;
  /** The last ones used, the latest first: a step takes the buffers that one before it has given back. */
  bindGroups: KnownBindGroup[];
}
const made = new WeakMap<GPUDevice, Made>();

interface KnownBindGroup {
  layout: GPUBindGroupLayout;
  bindings: readonly Required<GPUBufferBinding>[];
  bindGroup: GPUBindGroup;
}

/** How many bind groups are kept: those of some steps of some tens of silos. */
const MOST_BIND_GROUPS = 256;

/** Dispatches that were recorded but have no uniforms yet. */
interface Dispatch {
  shader: Shader;
  bindings: Required<GPUBufferBinding>[];
  params: Params;
  groups: number;
}

/**
 * Records the dispatches of one kernel call into the backend's own command encoder, in order with its other kernels.
 * Nothing is read back, and nothing is recorded before all is known: what throws has changed nothing.
 */
export class Recorder {
  readonly #backend: WebGpuBackend;
  readonly #kernel: string;
  readonly #dispatches: Dispatch[] = [];
  readonly #copies: ((encoder: GPUCommandEncoder) => void)[] = [];
  readonly #used = new Set<object>();
  /** Handles to give back: on scratch memory always, on outputs where the call fails. */
  readonly #temporary: TensorInfo[] = [];
  readonly #outputs: TensorInfo[] = [];
  /** The longest piece of a buffer that a dispatch can bind, in words. */
  readonly longestPiece: number;

  /**
   * Runs one kernel call: `build` adds its dispatches, which are recorded once all are known.
   *
   * @throws where the device is lost, or allows no binding as long as one is needed
   */
  static run<T>(backend: WebGpuBackend, kernel: string, build: (recorder: Recorder) => T): T {
    const recorder = new Recorder(backend, kernel);
    try {
      const outputs = build(recorder);
      recorder.#end();
      return outputs;
    } catch (error) {
      for (const {dataId} of recorder.#outputs) backend.disposeData(dataId);
      throw error;
    } finally {
      for (const {dataId} of recorder.#temporary) backend.disposeData(dataId);
    }
  }

  private constructor(backend: WebGpuBackend, kernel: string) {
    assertAlive(backend.device, kernel);
    this.#backend = backend;
    this.#kernel = kernel;
    const {maxStorageBufferBindingSize, maxBufferSize} = backend.device.limits;
    this.longestPiece = Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / 4);
  }

  /** A tensor's buffer. It is not to be written, unless it is this call's own. */
  words({dataId, shape}: TensorInfo): Words {
    this.#backend.uploadToGPU(dataId);
    this.#used.add(dataId);
    const {resource} = this.#backend.tensorMap.get(dataId);
    if (!resource) throw new Error(`${this.#kernel} on webgpu: a tensor of shape [${shape}] has no buffer`);
    return {buffer: resource, length: util.sizeFromShape(shape)};
  }

  /** A new tensor, uninitialised: recycled buffers keep their contents. */
  output(shape: number[], dtype: DataType): TensorInfo {
    const info = this.#backend.makeTensorInfo(shape, dtype);
    this.#outputs.push(info);
    return info;
  }

  /** Memory for this call alone, uninitialised. */
  scratch(length: number): Words {
    const info = this.#backend.makeTensorInfo([length], 'int32');
    this.#temporary.push(info);
    return this.words(info);
  }

  /** The same data as an output. */
  share({dataId, shape, dtype}: TensorInfo): TensorInfo {
    this.#backend.incRef(dataId);
    const info = {dataId, shape, dtype};
    this.#outputs.push(info);
    return info;
  }

  /** A slot or a state to write in place: its own data, or a copy where another tensor shares it. */
  own(info: TensorInfo): TensorInfo {
    const source = this.words(info);
    if (this.#backend.refCount(info.dataId) > 1) {
      const copy = this.output(info.shape, info.dtype);
      this.copy(source, this.words(copy), 0);
      return copy;
    }
    // Or `data()` would give what was read before.
    this.#backend.tensorMap.get(info.dataId).values = null;
    return this.share(info);
  }

  /** Copies words before the dispatches run. */
  copy(from: Words, to: Words, place: number): void {
    this.#copies.push((encoder) => encoder.copyBufferToBuffer(from.buffer, 0, to.buffer, 4 * place, 4 * from.length));
  }

  /** Makes the words from `start` up to `end` zero before the dispatches run. */
  clear({buffer}: Words, start: number, end: number): void {
    this.#copies.unshift((encoder) => encoder.clearBuffer(buffer, 4 * start, 4 * (end - start)));
  }

  /** Adds a dispatch of so many workgroups. `span` is the piece that it sees of the buffers that `pieces` names. */
  dispatch(
    shader: Shader,
    groups: number,
    params: Params,
    words: Record<string, Words>,
    pieces: Record<string, Words> = {},
    span?: Span,
  ): void {
    const bindings = shader.buffers.map(([name]) => {
      const whole = words[name];
      if (whole) return {buffer: whole.buffer, offset: 0, size: 4 * whole.length};
      const {buffer, length} = pieces[name];
      return {buffer, offset: 4 * (span?.start ?? 0), size: 4 * (span?.length ?? length)};
    });
    for (const {size} of bindings) this.#checkBinding(size / 4);
    this.#dispatches.push({shader, bindings, params, groups});
  }

  /** Hands everything to the backend. */
  #end(): void {
    const backend = this.#backend;
    const {device} = backend;
    const {minUniformBufferOffsetAlignment: alignment, maxComputeWorkgroupsPerDimension: most} = device.limits;
    const stride = Math.ceil(PARAMS_BYTES / alignment) * alignment;
    const bytes = new DataView(new ArrayBuffer(stride * this.#dispatches.length));
    this.#dispatches.forEach(({params}, i) => {
      writeParams(bytes, i * stride, params);
    });
    const uniforms = backend.bufferManager.acquireBuffer(
      bytes.byteLength,
      GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM,
    );
    backend.queue.writeBuffer(uniforms, 0, bytes.buffer);
    backend.uniformPendingDisposal.push(uniforms);

    for (const dataId of this.#used) backend.commandQueueOwnedIds.add(dataId);
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    const encoder = backend.commandEncoder;
    if (!encoder) throw new Error(`${this.#kernel} on webgpu: the backend has no command encoder`);
    for (const copy of this.#copies) copy(encoder);
    const pass = encoder.beginComputePass();
    backend.computePassEncoder = pass;
    const known = madeFor(device);
    const uniformBinding = {buffer: uniforms, offset: 0, size: PARAMS_BYTES};
    this.#dispatches.forEach(({shader, bindings, params, groups}, i) => {
      pass.setPipeline(pipelineOf(known, device, shader, params));
      pass.setBindGroup(0, bindGroupOf(known, device, shader, [uniformBinding, ...bindings]), [i * stride]);
      pass.dispatchWorkgroups(...fold(groups, most));
    });
    backend.dispatchCountInPass += this.#dispatches.length;
    if (backend.dispatchCountInPass >= env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) {
      backend.endComputePassEncoder();
      backend.submitQueue();
    }
  }

  #checkBinding(length: number): void {
    if (length <= this.longestPiece) return;
    throw new Error(
      `${this.#kernel} on webgpu: ${4 * length} bytes are needed in one binding; the device allows ` +
        `${4 * this.longestPiece}; make the silo or its budget smaller`,
    );
  }
}

/** More workgroups than one dimension takes are folded into two; shaders check their bounds. */
export function fold(groups: number, most: number): [x: number, y: number] {
  if (groups <= most) return [groups, 1];
  const rows = Math.ceil(groups / most);
  if (rows > most) throw new Error(`${groups} workgroups are needed; the device allows ${most * most}`);
  return [Math.ceil(groups / rows), rows];
}

/** The bind group of these bindings, an old one where there is one: to make one takes longer than all else. */
function bindGroupOf(
  known: Made,
  device: GPUDevice,
  shader: Shader,
  bindings: readonly Required<GPUBufferBinding>[],
): GPUBindGroup {
  const {bindGroups} = known;
  const layout = layoutOf(known, device, shader);
  const at = bindGroups.findIndex((one) => one.layout === layout && bindings.every(isSame, one.bindings));
  if (at === 0) return bindGroups[0].bindGroup;
  const found = at > 0 ? bindGroups.splice(at, 1)[0] : undefined;
  const entries = bindings.map((resource, binding) => ({binding, resource}));
  const used = found ?? {layout, bindings, bindGroup: device.createBindGroup({layout, entries})};
  bindGroups.unshift(used);
  if (bindGroups.length > MOST_BIND_GROUPS) bindGroups.pop();
  return used.bindGroup;
}

/** Whether a binding is that of `this` at the same place. */
function isSame(
  this: readonly Required<GPUBufferBinding>[],
  {buffer, offset, size}: Required<GPUBufferBinding>,
  i: number,
): boolean {
  return buffer === this[i].buffer && offset === this[i].offset && size === this[i].size;
}

function madeFor(device: GPUDevice): Made {
  const known = made.get(device) ?? {layouts: new Map(), pipelines: new Map(), bindGroups: []};
  made.set(device, known);
  return known;
}

const BINDING_TYPES: Record<Access, GPUBufferBindingType> = {
  read: 'read-only-storage',
  write: 'storage',
  'read each': 'read-only-storage',
  'write each': 'storage',
  atomic: 'storage',
};

/** The layout of a shader's bindings, one object for all shaders for which it is the same. */
function layoutOf({layouts}: Made, device: GPUDevice, {buffers}: Shader): GPUBindGroupLayout {
  const types = buffers.map(([, access]) => BINDING_TYPES[access]);
  const key = types.join();
  const known = layouts.get(key);
  if (known) return known;
  const kinds: GPUBufferBindingLayout[] = [{type: 'uniform', hasDynamicOffset: true}, ...types.map((type) => ({type}))];
  const layout = device.createBindGroupLayout({
    entries: kinds.map((buffer, binding) => ({binding, visibility: GPUShaderStage.COMPUTE, buffer})),
  });
  layouts.set(key, layout);
  return layout;
}

function pipelineOf(made: Made, device: GPUDevice, shader: Shader, params: Params): GPUComputePipeline {
  const ofShader = made.pipelines.get(shader) ?? new Map<string, GPUComputePipeline>();
  made.pipelines.set(shader, ofShader);
  const chosen = shader.choices.map((choice) => params[choice] ?? 0);
  const key = chosen.join();
  const known = ofShader.get(key);
  if (known) return known;
  const pipeline = device.createComputePipeline({
    label: shader.name,
    layout: device.createPipelineLayout({bindGroupLayouts: [layoutOf(made, device, shader)]}),
    compute: {
      module: device.createShaderModule({label: shader.name, code: shader.code(device.features.has('subgroups'))}),
      entryPoint: 'main',
      constants: Object.fromEntries(shader.choices.map((choice, i) => [choice, chosen[i]])),
    },
  });
  ofShader.set(key, pipeline);
  return pipeline;
}
