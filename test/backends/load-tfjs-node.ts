import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';

/** Whether it is built here, or must be. */
export function hasTfjsNode(): boolean {
  const built = new URL('../../.tfjs-node/node_modules', import.meta.url);
  return existsSync(built) || /tensorflow/.test(process.env.REQUIRE_BACKENDS ?? '');
}

/**
 * Loads the backend named tensorflow: what `packages/kernels-node/scripts/build-addon.mjs` made, or else what npm
 * installed. Its package is optional, so that no import may name it.
 */
export function loadTfjsNode(): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  createRequire(new URL('../../.tfjs-node/', import.meta.url))('@tensorflow/tfjs-node');
}
