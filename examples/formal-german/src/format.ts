/** 15731 → `15,731`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** 0.0001 → `0.01 %`. */
export function formatDensity(density: number): string {
  return `${Number((100 * density).toPrecision(3))} %`;
}

/** 1234 → `1.2 kB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** 0.536 → `54 %`. */
export function formatShare(share: number): string {
  return `${Math.round(100 * share)} %`;
}
