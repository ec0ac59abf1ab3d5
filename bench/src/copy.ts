import type {Side} from './compare.js';
import type {Data} from './data.js';
import {time} from './times.js';
import {commandEncoder, webgpuBackend} from './webgpu-backend.js';

/**
 * The floor under any step of AdamW that remembers its subset: the same bytes, and nothing done with them. Parameters,
 * gradients, two slots, the mask and the seeds are read, and all but the gradients written: 28 n + n/4 + 8 k bytes.
 *
 * On the CPU as many bytes are moved by `TypedArray.set`, half of them read and half written.
 */
export function copyOnCpu({n}: Data, k: number): Side {
  const from = new Float32Array(Math.ceil((28 * n + n / 4 + 8 * k) / 8)).fill(1);
  const to = new Float32Array(from.length);
  return {
    run: () => time(() => to.set(from)),
    dispose() {},
  };
}

/**
 * On webgpu one shader, 16 bytes of each a thread: the parameters go to new memory, slots, mask and seeds are changed in
 * place.
 */
export function copyOnWebgpu({n, inARow}: Data, k: number): Side {
  const webgpu = webgpuBackend();
  if (!webgpu) throw new Error('the active backend is not webgpu');
  const {device} = webgpu;
  const ofParameters = Math.ceil(n / 4);
  const ofState = Math.ceil((Math.ceil(n / 32) + k) / 4);
  const buffers = [...new Array<number>(5).fill(ofParameters), ofState].map((vectors) =>
    device.createBuffer({size: 16 * vectors, usage: GPUBufferUsage.STORAGE}),
  );
  const module = device.createShaderModule({code: COPY});
  const pipeline = device.createComputePipeline({layout: 'auto', compute: {module}});
  const entries = buffers.map((buffer, binding) => ({binding, resource: {buffer}}));
  const bindGroup = device.createBindGroup({layout: pipeline.getBindGroupLayout(0), entries});
  const groups = Math.ceil(Math.max(ofParameters, ofState) / 256);
  const rows = Math.ceil(groups / device.limits.maxComputeWorkgroupsPerDimension);
  const copy = () => {
    const pass = commandEncoder(webgpu).beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
    pass.end();
  };
  return {
    run: () => time(...new Array<() => void>(inARow).fill(copy)),
    dispose() {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}

const COPY = /* wgsl */ `
@group(0) @binding(0) var<storage, read> parameter : array<vec4f>;
@group(0) @binding(1) var<storage, read> gradient : array<vec4f>;
@group(0) @binding(2) var<storage, read_write> slot0 : array<vec4f>;
@group(0) @binding(3) var<storage, read_write> slot1 : array<vec4f>;
@group(0) @binding(4) var<storage, read_write> next : array<vec4f>;
@group(0) @binding(5) var<storage, read_write> state : array<vec4u>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = id.y * groups.x * 256 + id.x;
  if (i < arrayLength(&next)) {
    // What is read must count, or the compiler leaves it out.
    slot0[i] = gradient[i] - slot0[i];
    slot1[i] = gradient[i] - slot1[i];
    next[i] = parameter[i];
  }
  if (i < arrayLength(&state)) { state[i] = ~state[i]; }
}
`;
