import {settle} from './settle.js';
import {webgpuBackend} from './webgpu-backend.js';

/**
 * Frees the memory that the webgpu backend holds for later, which it never does by itself: a side must not want for what
 * another has used. Says how many bytes it held in all.
 */
export async function freeBuffers(): Promise<number> {
  const manager = webgpuBackend()?.bufferManager;
  if (!manager) return 0;
  // What was disposed is given back once it is submitted. An error of what came before is no longer of interest.
  await settle().catch(() => settle());
  const held = manager.numBytesAllocated;
  for (const buffers of manager.freeBuffers.values()) {
    for (const buffer of buffers.splice(0)) {
      manager.numFreeBuffers--;
      manager.numBytesAllocated -= buffer.size;
      buffer.destroy();
    }
  }
  return held;
}
