import {type Backend, backends} from './backends.js';

/** The known backends, as this machine has them. */
export interface FoundBackends {
  /** Those that run here. */
  readonly present: readonly Backend[];
  /** Why the others do not, by name. */
  readonly missing: ReadonlyMap<string, string>;
  /** Those that must run: the environment's `REQUIRE_BACKENDS=cpu,wasm`. */
  readonly required: readonly string[];
}

/** Asks every backend whether it runs here. */
export async function findBackends(): Promise<FoundBackends> {
  const names = backends.map(({name}) => name);
  const required = (process.env.REQUIRE_BACKENDS ?? '').split(/[\s,]+/).filter((name) => name !== '');
  const unknown = required.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new Error(`REQUIRE_BACKENDS names ${unknown.join(', ')}; the tests know ${names.join(', ')}`);
  }
  const missing = new Map<string, string>();
  for (const {name, probe} of backends) {
    const reason = await probe();
    if (reason !== undefined) missing.set(name, reason);
  }
  return {present: backends.filter(({name}) => !missing.has(name)), missing, required};
}
