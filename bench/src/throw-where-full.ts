/** What we touch of the wasm backend. */
interface WasmBackend {
  wasm: {_malloc(bytes: number): number};
}

/**
 * Makes the wasm backend throw where its heap of 4 GiB has no room for a tensor. Left alone it takes the address 0 for
 * memory, and its stock kernels write there.
 *
 * @param backend which has allocated before: Emscripten puts its functions in place at their first calls
 */
export function throwWhereFull({wasm}: WasmBackend): void {
  const malloc = wasm._malloc;
  wasm._malloc = (bytes) => {
    const start = malloc(bytes);
    if (start === 0) throw new Error(`out of memory: the wasm heap has no room for ${bytes} bytes`);
    return start;
  };
}
