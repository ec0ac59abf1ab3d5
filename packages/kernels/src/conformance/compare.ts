/** Throws with the place of the first float that differs. The sign of zero counts; any NaN equals any NaN, nothing else does. */
export function assertSameFloats(what: string, got: Float32Array, want: Float32Array): void {
  assertSameLength(what, got, want);
  for (let i = 0; i < want.length; i++) {
    if (!Object.is(got[i], want[i])) fail(`${what}[${i}]`, show(got[i]), show(want[i]));
  }
}

/** As {@link assertSameFloats}, but a finite value may be off by its tolerance. */
export function assertCloseFloats(what: string, got: Float32Array, want: Float32Array, tolerance: Float64Array): void {
  assertSameLength(what, got, want);
  for (let i = 0; i < want.length; i++) {
    const close = Number.isFinite(want[i]) ? Math.abs(got[i] - want[i]) <= tolerance[i] : Object.is(got[i], want[i]);
    if (!close) fail(`${what}[${i}]`, show(got[i]), `${show(want[i])} within ${tolerance[i]}`);
  }
}

export function assertSameInts(what: string, got: ArrayLike<number>, want: ArrayLike<number>): void {
  assertSameLength(what, got, want);
  for (let i = 0; i < want.length; i++) {
    if (got[i] !== want[i]) fail(`${what}[${i}]`, got[i], want[i]);
  }
}

export function assertEqual<T extends string | number | boolean>(what: string, got: T, want: T): void {
  if (!Object.is(got, want)) fail(what, got, want);
}

export function assertTrue(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

function assertSameLength(what: string, got: ArrayLike<number>, want: ArrayLike<number>): void {
  if (got.length !== want.length) fail(`length of ${what}`, got.length, want.length);
}

function fail(what: string, got: unknown, want: unknown): never {
  throw new Error(`${what} is ${got}; expected ${want}`);
}

function show(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
