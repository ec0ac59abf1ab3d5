/** For threads: without both a page has no memory that threads can share. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** What the page is served with. */
export const pageHeaders = {
  ...isolation,
  'Content-Security-Policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:",
};

/**
 * What the worker's script is served with. `blob:` for the threads of tfjs's wasm backend, and for
 * the address that stops a step where a browser does not isolate the page; the hub's two hosts for models
 * that the reader asks for by their ids, which are read and never written to.
 */
export const workerHeaders = {
  ...isolation,
  'Content-Security-Policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:; " +
    "connect-src 'self' blob: https://huggingface.co https://*.hf.co",
};
