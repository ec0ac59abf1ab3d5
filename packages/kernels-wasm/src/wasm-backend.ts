import type {DataType, KernelBackend, TensorInfo} from '@tensorflow/tfjs-core';
import {util} from '@tensorflow/tfjs-core';

/**
 * What our kernels touch of the wasm backend (`BackendWasm` of tfjs-backend-wasm 4.22). Its heap may grow at any
 * allocation: take pointers and views after the last one.
 */
export interface WasmBackend extends KernelBackend {
  readonly wasm: {
    /** The threaded build has the memory here, */
    readonly wasmMemory?: WebAssembly.Memory;
    /** the other builds here. */
    readonly asm?: {readonly memory?: WebAssembly.Memory};
    readonly tfjs: {getThreadsCount(): number};
    _malloc(bytes: number): number;
    _free(pointer: number): void;
  };
  readonly dataIdMap: {get(dataId: object): {readonly memoryOffset: number}};
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
}

/**
 * The kernel's backend, checked to be one that our modules can share memory with.
 *
 * @throws if it lacks what {@link WasmBackend} names: another backend, or a build of it that we do not know.
 */
export function wasmBackend(backend: unknown): WasmBackend {
  const candidate = backend as Partial<WasmBackend> | null | undefined;
  if (typeof candidate?.makeOutput !== 'function' || typeof candidate.wasm?._malloc !== 'function') {
    throw new Error('kernels-wasm: expected the backend of @tensorflow/tfjs-backend-wasm 4.22, got another one');
  }
  return candidate as WasmBackend;
}

/** The backend's own heap. */
export function memoryOf(backend: WasmBackend): WebAssembly.Memory {
  const memory = backend.wasm.wasmMemory ?? backend.wasm.asm?.memory;
  if (!memory) throw new Error('kernels-wasm: this build of the wasm backend does not show its memory');
  return memory;
}

/** Whether the backend spreads its own kernels over several threads. */
export function isThreaded(backend: WasmBackend): boolean {
  return backend.wasm.tfjs.getThreadsCount() > 1;
}

/** Where a tensor's values lie in the heap. */
export function pointerTo(backend: WasmBackend, tensor: TensorInfo): number {
  return backend.dataIdMap.get(tensor.dataId).memoryOffset >>> 0;
}

/**
 * The backend's malloc takes a larger request, with what it adds, for a negative number: it can answer with less memory
 * than was asked for.
 */
const MAX_BYTES = 2 ** 31 - 2 ** 17;

/**
 * A new tensor with **uninitialised** values. Growing the heap detaches older views of it.
 *
 * @throws if the heap has no room; nothing is left behind then.
 */
export function allocate(backend: WasmBackend, shape: number[], dtype: DataType): TensorInfo {
  const bytes = util.sizeFromShape(shape) * util.bytesPerElement(dtype);
  const what = `${dtype} [${shape}]`;
  if (bytes > MAX_BYTES) throw new Error(outOfMemory(what, bytes));
  const tensor = backend.makeOutput(shape, dtype);
  if (bytes > 0 && pointerTo(backend, tensor) === 0) {
    backend.disposeData(tensor.dataId, true);
    throw new Error(outOfMemory(what, bytes));
  }
  return tensor;
}

/**
 * Runs `use` with the address of `bytes` uninitialised bytes, aligned to 16, and frees them afterwards.
 *
 * @throws if the heap has no room.
 */
export function withScratch<T>(backend: WasmBackend, bytes: number, use: (pointer: number) => T): T {
  const start = backend.wasm._malloc(bytes + 16) >>> 0;
  if (start === 0) throw new Error(outOfMemory('scratch', bytes));
  try {
    return use(((start + 15) & ~15) >>> 0);
  } finally {
    backend.wasm._free(start);
  }
}

function outOfMemory(what: string, bytes: number): string {
  return `kernels-wasm: the wasm heap (4 GiB, 2 GiB a tensor) has no room for ${what}, ${bytes} bytes`;
}
