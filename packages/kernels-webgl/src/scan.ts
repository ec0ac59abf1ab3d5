import type {Painter, Uniforms} from './painter.js';
import {RADIX, SCAN} from './shaders/scan.js';
import type {Shader} from './shaders/shader.js';
import type {Texture} from './texture.js';

/** So many counts are added up one by one. */
const FEW = 128;

/** What a scan reads. */
export interface Counted {
  reads: Record<string, Texture>;
  /** How many words. */
  count: number;
}

/** Sums of ever more words, until there are few: a level of RADIX, one of RADIX², and so on. */
export function sums(painter: Painter, shader: Shader, {reads, count}: Counted): {sums: Texture; count: number}[] {
  const levels: {sums: Texture; count: number}[] = [];
  let total = count;
  do {
    const last = levels.at(-1);
    const next = Math.ceil(total / RADIX);
    const result = painter.grid('uvec2', next);
    painter.draw(last ? SCAN.level.sum : shader, {
      targets: {result},
      reads: last ? {sums: last.sums} : reads,
      uniforms: {total, radix: RADIX},
      count: next,
    });
    levels.push({sums: result, count: next});
    total = next;
  } while (total > FEW);
  return levels;
}

/**
 * Adds up words from the first on: a word's own shader is told what the words before it count. Up and down again,
 * RADIX words at a time; integers, so that it is exact.
 */
export function scan(painter: Painter, kind: 'mask' | 'sides', {reads, count}: Counted): Texture {
  const levels = count > FEW ? sums(painter, SCAN[kind].sum, {reads, count}) : [];
  let base: Texture | undefined;
  const prefixes = (shader: Shader, of: Counted): Texture => {
    const result = painter.grid('uvec2', of.count);
    const uniforms: Uniforms = {total: of.count, radix: base ? RADIX : of.count};
    painter.draw(shader, {
      targets: {result},
      reads: {...of.reads, base: base ?? Object.values(of.reads)[0]},
      uniforms,
      count: of.count,
    });
    return result;
  };
  for (const {sums, count} of levels.reverse()) base = prefixes(SCAN.level.prefix, {reads: {sums}, count});
  return prefixes(SCAN[kind].prefix, {reads, count});
}
