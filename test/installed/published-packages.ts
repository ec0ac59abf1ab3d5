import {readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface PublishedPackage {
  readonly name: string;
  /** Where it lies in the repository. */
  readonly folder: string;
  /** What it can be imported by, `NAME` and `NAME/PART`. */
  readonly entries: readonly string[];
  /** What is in its `package.json`. */
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** The packages of the repository that are for others. */
export const publishedPackages: readonly PublishedPackage[] = readdirSync(`${root}/packages`)
  .map((name) => {
    const folder = `packages/${name}`;
    const manifest = JSON.parse(readFileSync(`${root}/${folder}/package.json`, 'utf8'));
    const entries = Object.keys(manifest.exports ?? {}).map((entry) => entry.replace(/^\./, manifest.name));
    return {name: manifest.name, folder, entries, manifest};
  })
  .filter(({manifest}) => !manifest.private);

/** What writes to a terminal or starts Dawn has an entry of its own, which no page imports. */
const forNode = ['@subset-tuning/trainer/progress-bars', '@subset-tuning/kernels-webgpu/node'];

/** What a page can import. */
export const entriesForPages = publishedPackages
  .flatMap(({entries}) => entries)
  .filter((entry) => !forNode.includes(entry));
