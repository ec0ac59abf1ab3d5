/**
 * Parts of a list of at most so many entries, each beginning with the last `stride` of the one before it; one empty part of
 * an empty list.
 */
export function windowsOf<T>(list: readonly T[], size: number, stride: number): (readonly T[])[] {
  const windows: (readonly T[])[] = [];
  for (let start = 0; ; start += size - stride) {
    windows.push(list.slice(start, start + size));
    if (start + size >= list.length) return windows;
  }
}
