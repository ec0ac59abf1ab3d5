import type {DataType, TensorInfo} from '@tensorflow/tfjs-core';
import {Device} from './device.js';
import type {Shader, Write} from './shaders/shader.js';
import {type Format, gridShape, type Texture} from './texture.js';
import {contextOf, type WebGlBackend} from './webgl-backend.js';

/** Values of a shader's uniforms by name. Those that a shader does not have are left out. */
export type Uniforms = Record<string, number>;

/** One draw. */
export interface Draw {
  /** What the shader writes, by name: textures of one size. */
  targets: Record<string, Texture>;
  reads: Record<string, Texture>;
  uniforms?: Uniforms;
  /** The first element of the targets that is drawn, where others are to stay. Default: nothing is to stay. */
  from?: number | undefined;
  /** How many are drawn. */
  count: number;
}

const FORMAT: Record<Exclude<Write, 'float'>, Format> = {uint: 'R32UI', uvec2: 'RG32UI', uvec4: 'RGBA32UI'};

/**
 * Draws a kernel's shaders, beside what tfjs draws on the same context. tfjs's own programs write one float32 texture
 * each; these write several at once, and scratch memory in integers, so that counts and bits are exact.
 */
export class Painter {
  readonly #scratch: Texture[] = [];
  /** Tensors that were made on the way. */
  readonly #temporary: TensorInfo[] = [];
  readonly #outputs: TensorInfo[] = [];

  private constructor(
    private readonly backend: WebGlBackend,
    private readonly gl: WebGL2RenderingContext,
    private readonly device: Device,
  ) {}

  /** Runs a kernel; whatever it needed on the way is given back, and where it fails its outputs are too. */
  static run<T>(backend: WebGlBackend, kernel: string, paint: (painter: Painter) => T): T {
    const gl = contextOf(backend, kernel);
    const device = Device.of(gl);
    const painter = new Painter(backend, gl, device);
    try {
      return paint(painter);
    } catch (error) {
      for (const {dataId} of painter.#outputs) backend.disposeData(dataId);
      throw new Error(`${kernel} on webgl: ${error instanceof Error ? error.message : error}`, {cause: error});
    } finally {
      device.release(painter.#scratch);
      for (const {dataId} of painter.#temporary) backend.disposeData(dataId);
    }
  }

  /** A tensor's texture, an element a texel. */
  tensor(info: TensorInfo): Texture {
    this.backend.uploadToGPU(info.dataId);
    if (this.backend.texData.get(info.dataId).isPacked) {
      // tfjs changes the shape of what it is given, and back.
      const unpacked = this.backend.unpackTensor({...info});
      this.#temporary.push(unpacked);
      return this.#texture(unpacked);
    }
    return this.#texture(info);
  }

  /** A new tensor, whose elements are to be drawn. */
  output(shape: number[], dtype: DataType): [TensorInfo, Texture] {
    const info = this.backend.makeTensorInfo(shape, dtype);
    this.#outputs.push(info);
    this.backend.uploadToGPU(info.dataId);
    return [info, this.#texture(info)];
  }

  /** An input's data as an output; a tensor of its own, since the input's will be disposed. */
  share({dataId, shape, dtype}: TensorInfo): TensorInfo {
    this.backend.incRef(dataId);
    return {dataId, shape, dtype};
  }

  /** Scratch memory in words: so many texels. */
  grid(type: keyof typeof FORMAT, texels: number): Texture {
    const [width, height] = gridShape(texels, this.device.longest);
    return this.#acquire(FORMAT[type], width, height);
  }

  /** Scratch memory of a word an element, which lie as those of a tensor do. */
  lanes({width, height}: Texture): Texture {
    return this.#acquire('R32UI', width, height);
  }

  draw(shader: Shader, {targets, reads, uniforms = {}, from: part, count}: Draw): void {
    const {gl, device} = this;
    const attachments = Object.keys(shader.writes).map((name) => targets[name]);
    const [{width}] = attachments;
    const apart = Object.entries(shader.reads).filter(
      ([name, kind]) => kind === 'tensor' && (reads[name].width !== width || reads[name].offset !== 0),
    );
    const defines = [...apart.map(([name]) => `APART_${name}`), ...(part === undefined ? [] : ['PART'])];
    const {program, uniforms: slots} = device.program(shader, defines);
    const from = part ?? 0;

    gl.bindFramebuffer(gl.FRAMEBUFFER, device.framebuffer(attachments.length));
    attachments.forEach(({texture}, i) => {
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, gl.TEXTURE_2D, texture, 0);
    });
    gl.drawBuffers(attachments.map((_, i) => gl.COLOR_ATTACHMENT0 + i));
    // Whole rows; the shader leaves out what is not drawn of the first and the last.
    const firstRow = Math.floor(from / width);
    const rows = Math.ceil((from + count) / width) - firstRow;
    gl.viewport(0, firstRow, width, rows);
    gl.scissor(0, firstRow, width, rows);

    gl.useProgram(program);
    gl.bindVertexArray(device.vertexArray);
    for (const [name, value] of Object.entries({...uniforms, width, from, count})) {
      const slot = slots.get(name);
      if (slot === undefined) continue;
      if (slot.type === gl.FLOAT) gl.uniform1f(slot.location, value);
      else if (slot.type === gl.UNSIGNED_INT) gl.uniform1ui(slot.location, value);
      else gl.uniform1i(slot.location, value);
    }
    Object.entries(shader.reads).forEach(([name, kind], unit) => {
      const {texture, width, offset} = reads[name];
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.uniform1i(slots.get(name)?.location ?? null, unit);
      if (kind === 'grid') gl.uniform1i(slots.get(`${name}_shift`)?.location ?? null, Math.log2(width));
      else gl.uniform2i(slots.get(`${name}_form`)?.location ?? null, width, offset);
    });
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  #acquire(format: Format, width: number, height: number): Texture {
    const texture = this.device.acquire(format, width, height);
    this.#scratch.push(texture);
    return texture;
  }

  #texture({dataId}: TensorInfo): Texture {
    const {texture, slice} = this.backend.texData.get(dataId);
    if (!texture) throw new Error('tfjs gave a tensor no texture; expected one (is ENGINE_COMPILE_ONLY set?)');
    const [height, width] = texture.texShape;
    return {texture: texture.texture, format: 'R32F', width, height, offset: slice?.flatOffset ?? 0};
  }
}
