import {existsSync, mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';

/** The value of a file of results; undefined where there is none. */
export function readJson<Value>(path: string): Value | undefined {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** Writes a value under another name first, so that no run that is ended leaves half of it. */
export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), {recursive: true});
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 1)}\n`);
  renameSync(`${path}.new`, path);
}

/**
 * The results that a file has so far, or none.
 *
 * @throws where they are of other settings: of two kinds no comparison could be made.
 */
export function resume<Row, Settings extends object>(path: string, settings: Settings): Settings & {rows: Row[]} {
  const found = readJson<Settings & {rows: Row[]}>(path);
  if (!found) return {...settings, rows: []};
  for (const key of Object.keys(settings) as (keyof Settings & string)[]) {
    if (found[key] === settings[key]) continue;
    const begin = `expected ${settings[key]} as now; move the file away to begin anew`;
    throw new Error(`${path}: ${key} is ${found[key]}, ${begin}`);
  }
  return found;
}
