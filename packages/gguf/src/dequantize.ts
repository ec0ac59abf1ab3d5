import {halves} from '@subset-tuning/safetensors';
import {DTYPES, type Dtype} from './dtype.js';

/**
 * How blocks of each quantized type become floats, as `dequantize_row_*` of ggml's `ggml-quants.c` do it, for the files
 * that its quantizers write. Every product of a scale and a quant is exact in float32 or rounded once, as there, so the
 * floats are ggml's bit for bit (those of its portable routines; its kernels for a CPU may round otherwise).
 */
type Dequantize = (data: Uint8Array, floats: Float32Array) => void;

export type Quantized = Exclude<Dtype, 'F32' | 'F16' | 'BF16'>;

export const DEQUANTIZE: Readonly<Record<Quantized, Dequantize>> = {
  // 32 elements: scale, then the low halves of bytes are elements 0 to 15 and the high ones 16 to 31.
  Q4_0: (data, floats) => {
    const half = halves();
    for (let at = 0, to = 0; at < data.length; at += DTYPES.Q4_0.blockBytes, to += 32) {
      const scale = half[data[at] | (data[at + 1] << 8)];
      for (let i = 0; i < 16; i++) {
        const quants = data[at + 2 + i];
        floats[to + i] = scale * ((quants & 15) - 8);
        floats[to + 16 + i] = scale * ((quants >> 4) - 8);
      }
    }
  },
  // The same with a minimum after the scale.
  Q4_1: (data, floats) => {
    const half = halves();
    for (let at = 0, to = 0; at < data.length; at += DTYPES.Q4_1.blockBytes, to += 32) {
      const scale = half[data[at] | (data[at + 1] << 8)];
      const least = half[data[at + 2] | (data[at + 3] << 8)];
      for (let i = 0; i < 16; i++) {
        const quants = data[at + 4 + i];
        floats[to + i] = scale * (quants & 15) + least;
        floats[to + 16 + i] = scale * (quants >> 4) + least;
      }
    }
  },
  // Scale, the fifth bits of all elements, the other four as above.
  Q5_0: (data, floats) => {
    const half = halves();
    for (let at = 0, to = 0; at < data.length; at += DTYPES.Q5_0.blockBytes, to += 32) {
      const scale = half[data[at] | (data[at + 1] << 8)];
      const fifths = data[at + 2] | (data[at + 3] << 8) | (data[at + 4] << 16) | (data[at + 5] << 24);
      for (let i = 0; i < 16; i++) {
        const quants = data[at + 6 + i];
        floats[to + i] = scale * (((quants & 15) | (((fifths >> i) & 1) << 4)) - 16);
        floats[to + 16 + i] = scale * (((quants >> 4) | (((fifths >> (16 + i)) & 1) << 4)) - 16);
      }
    }
  },
  Q5_1: (data, floats) => {
    const half = halves();
    for (let at = 0, to = 0; at < data.length; at += DTYPES.Q5_1.blockBytes, to += 32) {
      const scale = half[data[at] | (data[at + 1] << 8)];
      const least = half[data[at + 2] | (data[at + 3] << 8)];
      const fifths = data[at + 4] | (data[at + 5] << 8) | (data[at + 6] << 16) | (data[at + 7] << 24);
      for (let i = 0; i < 16; i++) {
        const quants = data[at + 8 + i];
        floats[to + i] = scale * ((quants & 15) | (((fifths >> i) & 1) << 4)) + least;
        floats[to + 16 + i] = scale * ((quants >> 4) | (((fifths >> (16 + i)) & 1) << 4)) + least;
      }
    }
  },
  // Scale, 32 signed bytes.
  Q8_0: (data, floats) => {
    const half = halves();
    for (let at = 0, to = 0; at < data.length; at += DTYPES.Q8_0.blockBytes, to += 32) {
      const scale = half[data[at] | (data[at + 1] << 8)];
      for (let i = 0; i < 32; i++) floats[to + i] = scale * ((data[at + 2 + i] << 24) >> 24);
    }
  },
  // 256 elements in eight groups: scale of the scales and of the minima, eight of both in six bits each, then for each
  // two groups the low and the high halves of 32 bytes.
  Q4_K: (data, floats) => {
    for (let at = 0, to = 0; at < data.length; at += DTYPES.Q4_K.blockBytes, to += 256) {
      for (let group = 0; group < 8; group++) {
        const {scale, least} = scalesOf(data, at, group);
        const quants = at + 16 + 32 * (group >> 1);
        const shift = 4 * (group & 1);
        for (let i = 0; i < 32; i++) floats[to + 32 * group + i] = scale * ((data[quants + i] >> shift) & 15) - least;
      }
    }
  },
  // The same, and before the quants 32 bytes with a fifth bit for each group.
  Q5_K: (data, floats) => {
    for (let at = 0, to = 0; at < data.length; at += DTYPES.Q5_K.blockBytes, to += 256) {
      for (let group = 0; group < 8; group++) {
        const {scale, least} = scalesOf(data, at, group);
        const quants = at + 48 + 32 * (group >> 1);
        const shift = 4 * (group & 1);
        for (let i = 0; i < 32; i++) {
          const fifth = ((data[at + 16 + i] >> group) & 1) << 4;
          floats[to + 32 * group + i] = scale * (((data[quants + i] >> shift) & 15) | fifth) - least;
        }
      }
    }
  },
  // 256 elements in two halves: 128 bytes of low four bits, 64 of high two bits, 16 signed scales, scale of the scales.
  Q6_K: (data, floats) => {
    const half = halves();
    for (let at = 0, to = 0; at < data.length; at += DTYPES.Q6_K.blockBytes, to += 256) {
      const scale = half[data[at + 208] | (data[at + 209] << 8)];
      for (let group = 0; group < 8; group++) {
        const low = at + 64 * (group >> 2) + 32 * (group & 1);
        const lowShift = 4 * ((group >> 1) & 1);
        const high = at + 128 + 32 * (group >> 2);
        const highShift = 2 * (group & 3);
        for (let i = 0; i < 32; i++) {
          const quant = ((data[low + i] >> lowShift) & 15) | (((data[high + i] >> highShift) & 3) << 4);
          const groupScale = scale * ((data[at + 192 + 2 * group + (i >> 4)] << 24) >> 24);
          floats[to + 32 * group + i] = groupScale * (quant - 32);
        }
      }
    }
  },
};

/** Scale and minimum of a group of 32 in a block of `Q4_K` or `Q5_K`: the six bits of both are packed in twelve bytes. */
function scalesOf(data: Uint8Array, at: number, group: number): {scale: number; least: number} {
  const half = halves();
  const packed = at + 4 + (group & 3);
  const [first, second, third] = [data[packed], data[packed + 4], data[packed + 8]];
  const scale = group < 4 ? first & 63 : (third & 15) | ((first >> 6) << 4);
  const least = group < 4 ? second & 63 : (third >> 4) | ((second >> 6) << 4);
  return {
    scale: half[data[at] | (data[at + 1] << 8)] * scale,
    least: half[data[at + 2] | (data[at + 3] << 8)] * least,
  };
}
