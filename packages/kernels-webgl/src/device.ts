import type {Shader} from './shaders/shader.js';
import {BYTES, type Format, type Texture} from './texture.js';

/** One triangle that covers the target. tfjs culls back faces. */
const VERTEX = `
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4(4.0 * corner - 1.0, 0.0, 1.0);
}`;

/** A compiled shader. */
export interface Program {
  program: WebGLProgram;
  uniforms: Map<string, {location: WebGLUniformLocation; type: number}>;
}

/** What is kept for a context from one kernel to the next: compiled shaders and scratch textures. */
export class Device {
  static #devices = new WeakMap<WebGL2RenderingContext, Device>();

  static of(gl: WebGL2RenderingContext): Device {
    const device = Device.#devices.get(gl) ?? new Device(gl);
    Device.#devices.set(gl, device);
    return device;
  }

  /** No attributes, so that none of tfjs's is touched. */
  readonly vertexArray: WebGLVertexArrayObject;
  readonly longest: number;
  readonly #gl: WebGL2RenderingContext;
  readonly #vertexShader: WebGLShader;
  readonly #programs = new Map<string, Program>();
  /** By how many textures are attached. */
  readonly #framebuffers: WebGLFramebuffer[] = [];
  #free: Texture[] = [];
  #freeBytes = 0;
  /** The most scratch memory that one kernel has used: as much is kept. */
  #mostBytes = 0;

  private constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.longest = gl.getParameter(gl.MAX_TEXTURE_SIZE);
    this.vertexArray = gl.createVertexArray();
    this.#vertexShader = this.#compile(gl.VERTEX_SHADER, VERTEX, 'vertex');
  }

  framebuffer(attachments: number): WebGLFramebuffer {
    this.#framebuffers[attachments] ??= this.#gl.createFramebuffer();
    return this.#framebuffers[attachments];
  }

  /** A texture of undefined contents, to be given to {@link release}. */
  acquire(format: Format, width: number, height: number): Texture {
    const i = this.#free.findIndex((one) => one.format === format && one.width === width && one.height === height);
    if (i >= 0) {
      const [texture] = this.#free.splice(i, 1);
      this.#freeBytes -= bytesOf(texture);
      return texture;
    }
    const gl = this.#gl;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl[format], width, height);
    gl.bindTexture(gl.TEXTURE_2D, null);
    return {texture, format, width, height, offset: 0};
  }

  /** Takes back all textures of a kernel. Those that were not wanted for longest are deleted. */
  release(textures: readonly Texture[]): void {
    const bytes = textures.reduce((sum, texture) => sum + bytesOf(texture), 0);
    this.#mostBytes = Math.max(this.#mostBytes, bytes);
    this.#free.push(...textures);
    this.#freeBytes += bytes;
    while (this.#freeBytes > this.#mostBytes) {
      const [oldest] = this.#free.splice(0, 1);
      this.#freeBytes -= bytesOf(oldest);
      this.#gl.deleteTexture(oldest.texture);
    }
  }

  /** @param defines names that the preprocessor shall know */
  program({name, code}: Shader, defines: readonly string[]): Program {
    const key = [name, ...defines].join();
    const known = this.#programs.get(key);
    if (known) return known;
    const gl = this.#gl;
    const program = gl.createProgram();
    gl.attachShader(program, this.#vertexShader);
    gl.attachShader(program, this.#compile(gl.FRAGMENT_SHADER, code, name, defines));
    gl.linkProgram(program);
    if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true && !gl.isContextLost()) {
      throw new Error(`shader '${name}' does not link: ${gl.getProgramInfoLog(program)}`);
    }
    const uniforms: Program['uniforms'] = new Map();
    for (let i = 0; i < gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS); i++) {
      const info = gl.getActiveUniform(program, i);
      const location = info && gl.getUniformLocation(program, info.name);
      if (location) uniforms.set(info.name, {location, type: info.type});
    }
    this.#programs.set(key, {program, uniforms});
    return {program, uniforms};
  }

  #compile(type: number, code: string, name: string, defines: readonly string[] = []): WebGLShader {
    const gl = this.#gl;
    const shader = gl.createShader(type);
    if (shader === null) throw new Error(`the device makes no shader for '${name}'`);
    const version = ['#version 300 es', ...defines.map((define) => `#define ${define}`), ''].join('\n');
    gl.shaderSource(shader, version + code);
    gl.compileShader(shader);
    if (gl.getShaderParameter(shader, gl.COMPILE_STATUS) !== true && !gl.isContextLost()) {
      throw new Error(`shader '${name}' does not compile: ${gl.getShaderInfoLog(shader)}`);
    }
    return shader;
  }
}

function bytesOf({format, width, height}: Texture): number {
  return BYTES[format] * width * height;
}
