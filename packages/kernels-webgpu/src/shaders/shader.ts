import {PARAMS_WGSL} from '../params.js';
import {Head} from '../scratch-layout.js';

/**
 * How a shader uses a buffer of 32-bit words. Floats are moved as words too: a GPU may flush a subnormal or change a
 * NaN on its way through a float.
 */
export type Access = 'read' | 'write' | 'atomic';

/** A compute shader with one entry point `main` of 256 threads. */
export interface Shader {
  /** Tells it apart from all others. */
  name: string;
  /** Its buffers, in the order of their bindings; the uniforms are binding 0. */
  buffers: readonly [name: string, access: Access][];
  code: string;
}

/** Threads of a workgroup. */
export const THREADS = 256;

const DECLARE: Record<Access, (name: string) => string> = {
  read: (name) => `var<storage, read> ${name}: array<u32>;`,
  write: (name) => `var<storage, read_write> ${name}: array<u32>;`,
  atomic: (name) => `var<storage, read_write> ${name}: array<atomic<u32>>;`,
};

const HEAD = Object.entries(Head)
  .map(([name, place]) => `const HEAD_${name}: u32 = ${place}u;`)
  .join('\n');

/** Puts a shader together. `thread` is the thread's place in its workgroup, `group` the workgroup's among all `groups`. */
export function shader(name: string, buffers: Record<string, Access>, parts: readonly string[], body: string): Shader {
  const bindings = Object.entries(buffers);
  const code = `${PARAMS_WGSL}
@group(0) @binding(0) var<uniform> params: Params;
${bindings.map(([buffer, access], i) => `@group(0) @binding(${i + 1}) ${DECLARE[access](buffer)}`).join('\n')}
${HEAD}
const SMALLEST: u32 = 0x00800000u; // the smallest normal float
const INFINITE: u32 = 0x7f800000u;
const MAGNITUDE: u32 = 0x7fffffffu;
const NEVER: u32 = 0xffffffffu; // above every distance
${'scratch' in buffers ? 'fn head(place: u32) -> u32 { return atomicLoad(&scratch[place]); }' : ''}
${parts.join('\n')}
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
) {
  let group = id.y * count.x + id.x;
  let groups = count.x * count.y;
${body}
}`;
  return {name, buffers: bindings, code};
}
