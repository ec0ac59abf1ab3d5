/**
 * The sum of the squares of x's finite elements, in float64: no float32 has a square that is out of its range. One pass
 * over x, in four sums, none of which waits for the others: the result does not depend on the machine.
 */
export function finiteSumOfSquares(x: usize, count: u32): f64 {
  const end = x + ((<usize>count) << 2);
  const vectors = x + ((<usize>(count & ~7)) << 2);
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  for (; x < vectors; x += 32) {
    const first = finite(v128.load(x));
    const second = finite(v128.load(x, 16));
    a = f64x2.add(a, squares(first));
    b = f64x2.add(b, squares(high(first)));
    c = f64x2.add(c, squares(second));
    d = f64x2.add(d, squares(high(second)));
  }
  const all = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  let sum = f64x2.extract_lane(all, 0) + f64x2.extract_lane(all, 1);
  for (; x < end; x += 4) {
    const value = load<f32>(x);
    if (value - value === 0) sum += <f64>value * <f64>value;
  }
  return sum;
}

/** With zeros for what is not finite: only that differs from itself by something else than zero. */
@inline
function finite(v: v128): v128 {
  return v128.and(v, f32x4.eq(f32x4.sub(v, v), f32x4.splat(0)));
}

@inline
function high(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 2, 3, 2, 3);
}

/** Of the two low elements. */
@inline
function squares(v: v128): v128 {
  const wide = f64x2.promote_low_f32x4(v);
  return f64x2.mul(wide, wide);
}
