// Writes GGUF files of a few bytes, right or wrong, for tests.

const TYPES = {uint8: 0, uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9, uint64: 10};

export const u8 = (value: number): number[] => [value];
export const u32 = (value: number): number[] => [...new Uint8Array(Uint32Array.of(value).buffer)];
export const u64 = (value: number | bigint): number[] => [...new Uint8Array(BigUint64Array.of(BigInt(value)).buffer)];
export const f32 = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)];
export const string = (value: string): number[] => {
  const bytes = new TextEncoder().encode(value);
  return [...u64(bytes.length), ...bytes];
};

/** A key with its value. */
export const entry = (key: string, type: keyof typeof TYPES | number, ...value: number[][]): number[] => [
  ...string(key),
  ...u32(typeof type === 'number' ? type : TYPES[type]),
  ...value.flat(),
];

/** An array's value: type, length, elements. */
export const array = (type: keyof typeof TYPES | number, length: number | bigint, ...elements: number[][]): number[] => [
  ...u32(typeof type === 'number' ? type : TYPES[type]),
  ...u64(length),
  ...elements.flat(),
];

/** A tensor's entry; sizes as in a file, the fastest-running first. */
export const tensor = (name: string, sizes: readonly (number | bigint)[], type: number, offset: number | bigint): number[] => [
  ...string(name),
  ...u32(sizes.length),
  ...sizes.flatMap(u64),
  ...u32(type),
  ...u64(offset),
];

export interface Parts {
  magic?: string;
  version?: number;
  tensors?: number[][];
  tensorCount?: number | bigint;
  entries?: number[][];
  entryCount?: number | bigint;
  alignment?: number;
  data?: number;
}

/** A file of these parts, with `data` bytes of data. */
export function ggufBytes({magic = 'GGUF', version = 3, tensors = [], entries = [], alignment = 32, ...rest}: Parts = {}) {
  const header = [
    ...new TextEncoder().encode(magic),
    ...u32(version),
    ...u64(rest.tensorCount ?? tensors.length),
    ...u64(rest.entryCount ?? entries.length),
    ...entries.flat(),
    ...tensors.flat(),
  ];
  const file = new Uint8Array(Math.ceil(header.length / alignment) * alignment + (rest.data ?? 0));
  file.set(header);
  return file;
}
