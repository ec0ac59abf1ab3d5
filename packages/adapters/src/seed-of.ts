/**
 * A seed of its own for each tensor and each pass, 1 or more as tfjs wants them: FNV-1a over what it is for.
 */
export function seedOf(seed: number, name: string, pass: number): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed}/${pass}/${name}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (hash >>> 1) + 1;
}
