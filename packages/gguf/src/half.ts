/** The float of every IEEE 754 half, by its bits. Made at first use. */
let floats: Float32Array | undefined;

export function halves(): Float32Array {
  floats ??= Float32Array.from({length: 2 ** 16}, (_, bits) => toFloat(bits));
  return floats;
}

function toFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
