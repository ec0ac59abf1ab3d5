// Counts what a piece of code allocates, in bytes.
import {readFileSync, writeFileSync} from 'node:fs';

const BUFFERS = [
  ...['ArrayBuffer', 'Uint8Array', 'Uint8ClampedArray', 'Int8Array', 'Uint16Array', 'Int16Array', 'Uint32Array'],
  ...['Int32Array', 'Float32Array', 'Float64Array', 'BigUint64Array', 'BigInt64Array'],
];

let requested = 0;

/** Makes every array that owns its memory count from now on, also what of it is never touched. */
export function countBuffers() {
  for (const name of BUFFERS) {
    const original = globalThis[name];
    globalThis[name] = new Proxy(original, {
      construct(target, args, newTarget) {
        const made = Reflect.construct(target, args, newTarget);
        const isView = ['ArrayBuffer', 'SharedArrayBuffer'].includes(args[0]?.constructor?.name);
        if (!isView) requested += made.byteLength;
        return made;
      },
    });
  }
}

/** A line of what Linux says of this process, in bytes; nothing elsewhere. */
function status(line) {
  try {
    return (
      1024 * Number(new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
    );
  } catch {
    return Number.NaN;
  }
}

/** Forgets the process's highest memory so far. */
function forgetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs something and tells how many bytes it took: the arrays that it asked for, all together, or by how much the
 * process's memory rose at its highest (where the system tells), whichever is more.
 */
export async function bytesOf(run) {
  globalThis.gc?.();
  const hasPeak = forgetPeak();
  const before = status('VmRSS');
  requested = 0;
  try {
    await run();
  } finally {
    const asked = requested;
    const risen = hasPeak ? status('VmHWM') - before : 0;
    bytesOf.last = Math.max(asked, Number.isNaN(risen) ? 0 : risen);
  }
}
bytesOf.last = 0;
