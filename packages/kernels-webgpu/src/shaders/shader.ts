import {CHOICES, type Choice, PARAMS_WGSL} from '../params.js';
import {Head} from '../scratch-layout.js';
import type {Lanes} from './lanes.js';

/**
 * How a shader uses a buffer of 32-bit words. Floats are moved as words too: a GPU may flush a subnormal or change a
 * NaN on its way through a float.
 */
export type Access = 'read' | 'write' | 'read each' | 'write each' | 'atomic';

/** A compute shader with one entry point `main`. */
export interface Shader {
  /** Tells it apart from all others. */
  name: string;
  /** Its buffers, in the order of their bindings; the uniforms are binding 0. */
  buffers: readonly [name: string, access: Access][];
  /** Which choices it is compiled for. */
  choices: readonly Choice[];
  /** Its text, for a device with subgroups or for one without. */
  code: (subgroups: boolean) => string;
}

/** Threads of a workgroup where nothing else is said. */
export const THREADS = 256;

/** Threads of a workgroup with barriers: few, because a barrier holds up all of them. */
export const NARROW_THREADS = 64;

/** Where each is declared, and of which type. `each` is an array of as many lanes as the shader takes at once. */
const DECLARE: Record<Access, [space: string, type: (lanes: number) => string]> = {
  read: ['read', () => 'u32'],
  write: ['read_write', () => 'u32'],
  'read each': ['read', lanesType],
  'write each': ['read_write', lanesType],
  atomic: ['read_write', () => 'atomic<u32>'],
};

function lanesType(lanes: number): string {
  return lanes === 1 ? 'u32' : `vec${lanes}<u32>`;
}

function declare(buffer: string, access: Access, binding: number, lanes: number): string {
  const [space, type] = DECLARE[access];
  return `@group(0) @binding(${binding}) var<storage, ${space}> ${buffer}: array<${type(lanes)}>;`;
}

const HEAD = Object.entries(Head)
  .map(([name, place]) => `const HEAD_${name}: u32 = ${place}u;`)
  .join('\n');

/**
 * Adds a thread's count to a place of the scratch memory, which all threads of a workgroup must come to: with subgroups
 * one atomic for each of these.
 */
const ADD_UP = {
  without: `
fn add_up(place: u32, count: u32) {
  if (count > 0u) {
    atomicAdd(&scratch[place], count);
  }
}`,
  withSubgroups: `
fn add_up(place: u32, count: u32) {
  let total = subgroupAdd(count);
  if (subgroupElect() && total > 0u) {
    atomicAdd(&scratch[place], total);
  }
}`,
};

/** Puts a shader together. `thread` is the thread's place in its workgroup, `group` the workgroup's among all `groups`. */
export function shader(
  name: string,
  buffers: Record<string, Access>,
  parts: readonly string[],
  body: string,
  threads = THREADS,
  lanes: Lanes = 1,
): Shader {
  const bindings = Object.entries(buffers);
  const text = [...parts, body].join('\n');
  const choices = CHOICES.filter((choice) => new RegExp(`\\b${choice}\\b`).test(text));
  const addsUp = /\badd_up\(/.test(text);
  const code = (subgroups: boolean) => `${addsUp && subgroups ? 'enable subgroups;' : ''}
${PARAMS_WGSL}
@group(0) @binding(0) var<uniform> params: Params;
${bindings.map(([buffer, access], i) => declare(buffer, access, i + 1, lanes)).join('\n')}
${choices.map((choice) => `override ${choice}: u32;`).join('\n')}
${HEAD}
const SMALLEST: u32 = 0x00800000u; // the smallest normal float
const INFINITE: u32 = 0x7f800000u;
const MAGNITUDE: u32 = 0x7fffffffu;
const NEVER: u32 = 0xffffffffu; // above every distance
${'scratch' in buffers ? `fn head(place: u32) -> u32 { return ${buffers.scratch === 'atomic' ? 'atomicLoad(&scratch[place])' : 'scratch[place]'}; }` : ''}
${addsUp ? ADD_UP[subgroups ? 'withSubgroups' : 'without'] : ''}
${parts.join('\n')}
@compute @workgroup_size(${threads})
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
) {
  let group = id.y * count.x + id.x;
  let groups = count.x * count.y;
${body}
}`;
  return {name, buffers: bindings, choices, code};
}
