import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';

/** Gives Node the `gc()` that it has when it is started with `--expose-gc`. */
export function exposeGc(): void {
  setFlagsFromString('--expose-gc');
  globalThis.gc = runInNewContext('gc');
}
