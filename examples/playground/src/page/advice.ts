const FULL_MEMORY =
  /out of memory|allocation failed|invalid array (buffer )?length|could not allocate|has no room|memory access out of bounds|cannot enlarge/i;

/** What to do about errors that say it not themselves. */
export function adviceFor(message: string): string {
  if (FULL_MEMORY.test(message)) {
    return ' Memory ran out: take fewer tokens a step, close other tabs, or load a smaller model.';
  }
  if (/token \(option token|may not be read/.test(message)) {
    return ' This page reads public models only. Download another one’s files, and choose them under Files.';
  }
  return '';
}
