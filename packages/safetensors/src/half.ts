let floats: Float32Array | undefined;

/** The float32 of every IEEE 754 half, by its bits; a NaN keeps its own. Made at first use, 256 KiB. */
export function halves(): Float32Array {
  floats ??= new Float32Array(Int32Array.from({length: 2 ** 16}, (_, half) => halfBits(half)).buffer);
  return floats;
}

const scratch = new Float32Array(1);
const scratchBits = new Int32Array(scratch.buffer);

/** The bits of the float32 that equals this half. */
function halfBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  scratch[0] = fraction * 2 ** -24; // subnormal, or zero
  return sign | scratchBits[0];
}
