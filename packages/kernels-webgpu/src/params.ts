/** The uniforms of all shaders, in the order of the WGSL struct; true where a float. */
const FIELDS = {
  /** Elements of the piece of a tensor that a dispatch works on. */
  size: false,
  /** The first mask word of that piece. */
  word: false,
  /** Words of the silo's mask. */
  words: false,
  /** Where the parts of the scratch memory lie. */
  reaching: false,
  above: false,
  ties: false,
  ranks: false,
  sums: false,
  list: false,
  /** How many candidates the list has room for. */
  capacity: false,
  k: false,
  /** How many ranks the next window should reach to each side. */
  reach: false,
  eta: true,
  /** Which bits of a distance a histogram counts: those from `low` up to `high`. */
  low: false,
  high: false,
  keep: true,
  pull: true,
  rate: true,
  momentum: true,
  fresh1: true,
  beta2: true,
  fresh2: true,
  root2: true,
  epsilon: true,
} as const;

/** What shaders are compiled for, so that no thread has to ask. */
export const CHOICES = [
  /** 0 absolute, 1 relative, 2 weighted. */
  'metric',
  /** 0 not weighed, 1 by an importance, 2 by the root of Adam's second moment. */
  'weighed',
  /** 1 where the subset is kept. */
  'kept',
  /** 1 where proposals are made again because the prediction missed. */
  'again',
  /** 1 where gradients are multiplied by a scale. */
  'scaled',
  /** 0 no decay, 1 towards zero, 2 towards the seed. */
  'decay',
  'nesterov',
] as const;
export type Choice = (typeof CHOICES)[number];

/** Values of the uniforms and choices; what is left out is 0. */
export type Params = {[Field in keyof typeof FIELDS | Choice]?: number};

const FIELD_LIST = Object.entries(FIELDS);

/** The WGSL struct. */
export const PARAMS_WGSL = `struct Params {
${FIELD_LIST.map(([name, isFloat]) => `  ${name}: ${isFloat ? 'f32' : 'u32'},`).join('\n')}
}`;

/** Bytes of the struct. */
export const PARAMS_BYTES = 4 * FIELD_LIST.length;

/** Writes the struct. */
export function writeParams(view: DataView, offset: number, params: Params): void {
  FIELD_LIST.forEach(([name, isFloat], i) => {
    const value = params[name as keyof Params] ?? 0;
    if (isFloat) view.setFloat32(offset + 4 * i, value, true);
    else view.setUint32(offset + 4 * i, value, true);
  });
}
