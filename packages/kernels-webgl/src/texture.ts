/** Formats of textures, with the bytes of a texel. A tensor's is float; scratch memory is in words, which are exact. */
export const BYTES = {R32F: 4, R32UI: 4, RG32UI: 8, RGBA32UI: 16} as const;
export type Format = keyof typeof BYTES;

/** A texture and how elements lie in it: row by row. */
export interface Texture {
  texture: WebGLTexture;
  format: Format;
  width: number;
  height: number;
  /** Texels before the first element: a slice shares its tensor's texture. */
  offset: number;
}

/** Width and height of scratch memory for so many texels: about a square, the width a power of two. */
export function gridShape(texels: number, longest: number): [width: number, height: number] {
  const width = Math.min(2 ** Math.ceil(Math.log2(Math.sqrt(texels))), 2 ** Math.floor(Math.log2(longest)));
  const height = Math.ceil(texels / width);
  if (height > longest) {
    throw new Error(`${texels} texels are needed in one texture; the device allows ${width} × ${longest}`);
  }
  return [width, height];
}
