/**
 * How a shader sees a texture that it reads, each by its name:
 * - `tensor`: a tensor's float32 elements; `NAME_at(i)` is the bits of element i, and `NAME_here(i)` the same where i is
 *   the element that is being written, of a tensor of the same size;
 * - `lanes`: one word an element of a tensor, in the places that the tensor's own texture has; see `walk`;
 * - `grid`: words of scratch memory; `NAME_at(i)` is a texel, of up to four words.
 */
export type Read = 'tensor' | 'lanes' | 'grid';

/** What a shader writes to each texel. A float is written as a tensor's element. */
export type Write = 'float' | 'uint' | 'uvec2' | 'uvec4';

/** A fragment shader that makes elements of one or more textures of one size, each element for itself. */
export interface Shader {
  /** Tells it apart from all others. */
  name: string;
  reads: Readonly<Record<string, Read>>;
  /** By name, in the order of the attachments. */
  writes: Readonly<Record<string, Write>>;
  /** Without the line that says its version. */
  code: string;
}

const READ: Record<Read, (name: string) => string> = {
  tensor: (name) => `
uniform highp sampler2D ${name};
uniform ivec2 ${name}_form; // texels of a row; texels before the first element
uint ${name}_at(int i) {
  int place = i + ${name}_form.y;
  int row = place / ${name}_form.x;
  return floatBitsToUint(texelFetch(${name}, ivec2(place - row * ${name}_form.x, row), 0).r);
}
uint ${name}_here(int i) {
#ifdef APART_${name}
  return ${name}_at(i);
#else
  return floatBitsToUint(texelFetch(${name}, ivec2(gl_FragCoord.xy), 0).r);
#endif
}`,
  lanes: (name) => `
uniform highp usampler2D ${name};
uniform ivec2 ${name}_form;`,
  grid: (name) => `
uniform highp usampler2D ${name};
uniform int ${name}_shift; // a row has 2^shift texels
uvec4 ${name}_at(int i) {
  return texelFetch(${name}, ivec2(i & ((1 << ${name}_shift) - 1), i >> ${name}_shift), 0);
}`,
};

/** GLSL that visits elements `begin` to `end` − 1 of lanes, each as `lane`. */
export function walk(lanes: string, begin: string, end: string, visit: string): string {
  return `
  int row = ${begin} / ${lanes}_form.x;
  ivec2 place = ivec2(${begin} - row * ${lanes}_form.x, row);
  for (int j = ${begin}; j < ${end}; j++) {
    uint lane = texelFetch(${lanes}, place, 0).r;
    place.x++;
    if (place.x == ${lanes}_form.x) {
      place = ivec2(0, place.y + 1);
    }
${visit}
  }`;
}

/**
 * GLSL that runs only where a rare condition holds. A loop, because a software renderer executes both sides of a branch
 * but leaves a loop once no pixel of a group has a turn left.
 */
export function rarely(condition: string, then: string): string {
  return `
  for (int turn = ${condition} ? 1 : 0; turn > 0; turn--) {
${then}
  }`;
}

/**
 * Puts a shader together. Its body makes element `i`, counted from the first of those that are drawn. Who compiles it
 * defines `APART_NAME` for a tensor whose elements do not lie as those of the target, and `PART` where other elements of
 * the target are to stay.
 */
export function shader(
  name: string,
  {reads, writes}: Pick<Shader, 'reads' | 'writes'>,
  parts: readonly string[],
  body: string,
): Shader {
  const outputs = Object.entries(writes).map(([output, type], i) => `layout(location = ${i}) out ${type} ${output};`);
  const code = `precision highp float;
precision highp int;
uniform int width; // of a row of the target
uniform int from; // the first element that is drawn
uniform int count; // and how many are
${outputs.join('\n')}
${Object.entries(reads)
  .map(([read, kind]) => READ[kind](read))
  .join('\n')}

const uint MAGNITUDE = 0x7fffffffu;
const uint SMALLEST = 0x00800000u; // the smallest normal float
const uint INFINITE = 0x7f800000u;

uint popcount(uint x) {
  x -= (x >> 1) & 0x55555555u;
  x = (x & 0x33333333u) + ((x >> 2) & 0x33333333u);
  x = (x + (x >> 4)) & 0x0f0f0f0fu;
  return (x * 0x01010101u) >> 24;
}

bool is_finite(uint bits) {
  return (bits & MAGNITUDE) < INFINITE;
}
${parts.join('\n')}
void main() {
  ivec2 texel = ivec2(gl_FragCoord.xy);
  int i = texel.y * width + texel.x - from;
#ifdef PART
  if (i < 0 || i >= count) {
    discard;
  }
#endif
${body}
}`;
  return {name, reads, writes, code};
}
