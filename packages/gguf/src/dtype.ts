/** How a type lies in a file. */
interface Layout {
  /** Its number in a file, of ggml's `enum ggml_type`. */
  readonly code: number;
  /** Elements that share scales; a row has a whole number of such blocks. */
  readonly blockSize: number;
  readonly blockBytes: number;
}

/** The element types that are read, with how each lies in a file: its number, elements and bytes of a block. */
export const DTYPES = {
  F32: {code: 0, blockSize: 1, blockBytes: 4},
  F16: {code: 1, blockSize: 1, blockBytes: 2},
  BF16: {code: 30, blockSize: 1, blockBytes: 2},
  Q4_0: {code: 2, blockSize: 32, blockBytes: 18},
  Q4_1: {code: 3, blockSize: 32, blockBytes: 20},
  Q5_0: {code: 6, blockSize: 32, blockBytes: 22},
  Q5_1: {code: 7, blockSize: 32, blockBytes: 24},
  Q8_0: {code: 8, blockSize: 32, blockBytes: 34},
  Q4_K: {code: 12, blockSize: 256, blockBytes: 144},
  Q5_K: {code: 13, blockSize: 256, blockBytes: 176},
  Q6_K: {code: 14, blockSize: 256, blockBytes: 210},
} as const satisfies Record<string, Layout>;

/** The name of an element type, as ggml writes it. */
export type Dtype = keyof typeof DTYPES;

export const DTYPE_NAMES = Object.keys(DTYPES) as Dtype[];

/** Types of ggml that are not read, by their numbers: an error names them. */
const OTHERS = new Map(
  Object.entries({
    ...{9: 'Q8_1', 10: 'Q2_K', 11: 'Q3_K', 15: 'Q8_K', 16: 'IQ2_XXS', 17: 'IQ2_XS', 18: 'IQ3_XXS', 19: 'IQ1_S'},
    ...{20: 'IQ4_NL', 21: 'IQ3_S', 22: 'IQ2_S', 23: 'IQ4_XS', 24: 'I8', 25: 'I16', 26: 'I32', 27: 'I64', 28: 'F64'},
    ...{29: 'IQ1_M', 34: 'TQ1_0', 35: 'TQ2_0', 39: 'MXFP4', 40: 'NVFP4', 41: 'Q1_0'},
  }),
);

/** The type of this number. */
export function dtypeOf(what: string, code: number): Dtype {
  const dtype = DTYPE_NAMES.find((name) => DTYPES[name].code === code);
  if (dtype) return dtype;
  const found = OTHERS.get(String(code)) ?? `number ${code}`;
  throw new Error(`${what}: the type is ${found}, expected one of ${DTYPE_NAMES.join(', ')}`);
}
