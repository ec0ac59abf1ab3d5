/** A module of `assembly/`, in base64, once for plain and once for shared memory: a file of `generated/`. */
export interface WasmBinary {
  readonly plain: string;
  readonly shared: string;
}

const instances = new WeakMap<WebAssembly.Memory, Map<WasmBinary, WebAssembly.Exports>>();

/**
 * The functions of a module, working on `memory` itself: no copies. Compiled at the first call for that memory, and at
 * once: a kernel cannot wait, and a module of a few kilobytes compiles in about a millisecond.
 *
 * @typeParam Functions - what the module exports, by name.
 * @throws if the engine lacks WebAssembly SIMD.
 */
export function loadModule<Functions>(binary: WasmBinary, memory: WebAssembly.Memory): Functions {
  let loaded = instances.get(memory);
  if (!loaded) {
    loaded = new Map();
    instances.set(memory, loaded);
  }
  let functions = loaded.get(binary);
  if (!functions) {
    functions = new WebAssembly.Instance(compile(binary, memory), {env: {memory}}).exports;
    loaded.set(binary, functions);
  }
  // WebAssembly's own types say nothing of a module's functions; generated/ is made of the source beside it.
  return functions as Functions;
}

/** A module for this memory, as {@link loadModule} takes it. */
export function compile(binary: WasmBinary, memory: WebAssembly.Memory): WebAssembly.Module {
  const shared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const bytes = Uint8Array.from(atob(shared ? binary.shared : binary.plain), (char) => char.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) {
    throw new Error('kernels-wasm: this engine has no WebAssembly SIMD, which the kernels need');
  }
  return new WebAssembly.Module(bytes);
}
