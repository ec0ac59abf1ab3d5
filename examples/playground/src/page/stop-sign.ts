import type {StopSign} from '../worker/protocol.js';

/** What a run of training looks at to know whether to stop, and how the page raises it. */
export interface RaisableSign {
  readonly sign: StopSign;
  raise(): void;
}

/** Memory that page and worker share where the page is isolated; elsewhere the address of nothing, which is taken away. */
export function createStopSign(): RaisableSign {
  if (globalThis.crossOriginIsolated) {
    const sign = new SharedArrayBuffer(4);
    return {sign, raise: () => void Atomics.store(new Int32Array(sign), 0, 1)};
  }
  const sign = URL.createObjectURL(new Blob());
  return {sign, raise: () => URL.revokeObjectURL(sign)};
}
