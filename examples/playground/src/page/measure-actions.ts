import {keep} from '../store.js';
import {BACKENDS, type BackendName} from '../worker/protocol.js';
import {Client} from './client.js';
import {formatSeconds} from './format.js';
import {currentSource, load} from './load.js';
import {backend, measured, measuring, missing, phase} from './state.js';

/** A backend that is not done by then is too slow to be the best: seconds to start, load and take three small steps. */
const PATIENCE = 8;

/** Measures a step on each backend that the browser has, each in a worker of its own, and moves to the fastest. */
export async function measureAll(): Promise<void> {
  const times: typeof measured.value = {};
  for (const name of BACKENDS) {
    if (missing.value[name] !== undefined) continue;
    // A training that has begun meanwhile is not disturbed, and would falsify the times.
    if (phase.value !== 'idle') break;
    measuring.value = name;
    times[name] = await measureStep(name);
    measured.value = {...times};
  }
  measuring.value = undefined;
  await keep('measured', measured.value).catch(() => undefined);
  const best = fastest(measured.value);
  if (best !== undefined && best !== backend.value && phase.value === 'idle') await load(best);
}

/** The backend with the shortest step, of those that were measured. */
export function fastest(times: typeof measured.value): BackendName | undefined {
  const known = BACKENDS.flatMap((name) => {
    const time = times[name];
    return typeof time === 'number' ? [{name, time}] : [];
  });
  return known.toSorted((a, b) => a.time - b.time)[0]?.name;
}

async function measureStep(name: BackendName): Promise<number | string> {
  const client = new Client();
  const late = new Promise<string>((resolve) => {
    setTimeout(resolve, 1000 * PATIENCE, `a step takes long: not done in ${formatSeconds(PATIENCE)}`);
  });
  const measure = async () => {
    await client.start(name);
    await client.call((session) => session.load(currentSource(), undefined));
    return client.call((session) => session.measure());
  };
  try {
    return await Promise.race([measure(), late]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    client.close();
  }
}
