const warned = new Set<string>();

/** Warns on the console, unless the same has been said before. */
export function warnOnce(message: string): void {
  if (warned.has(message)) return;
  warned.add(message);
  console.warn(message);
}
