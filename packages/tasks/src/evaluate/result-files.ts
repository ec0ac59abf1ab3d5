import {show} from '@subset-tuning/checks';

/** Appends a text to the file of a name, which it makes where there is none. */
export type WriteFile = (file: string, text: string) => Promise<void> | void;

// What is used of Node's files, since a page's TypeScript knows no types of Node.
interface Files {
  mkdir(path: string, options: {recursive: true}): Promise<unknown>;
  appendFile(path: string, text: string): Promise<void>;
}

/**
 * What writes into a folder, in Node, Deno and Bun, which it makes where there is none.
 *
 * @throws where there is no disk, as in a page.
 */
export function writeInto(folder: string): WriteFile {
  const {process} = globalThis as {process?: {getBuiltinModule?: (name: string) => Files}};
  const files = process?.getBuiltinModule?.('node:fs/promises');
  if (!files) {
    throw new Error(`evaluate: output is ${show(folder)}, which a page cannot write to, expected a function`);
  }
  return async (file, text) => {
    const path = `${folder}/${file}`;
    await files.mkdir(path.slice(0, path.lastIndexOf('/')), {recursive: true});
    await files.appendFile(path, text);
  };
}

/** The names of an evaluation's files, as lm-evaluation-harness 0.4.13 gives them. */
export function fileNames(model: string, task: string, time: Date): {results: string; samples: string} {
  const folder = sanitized(model);
  const date = isoFormat(time);
  return {results: `${folder}/results_${date}.json`, samples: `${folder}/samples_${sanitized(task)}_${date}.jsonl`};
}

/** A name that may be that of a file. */
export function sanitized(name: string): string {
  const safe = name.replace(/["<>:/|\\?*[\]]+/g, '__');
  // What is only dots would be another folder.
  return /^\.*$/.test(safe) ? `_${safe}` : safe;
}

/** The local time as Python's `isoformat` has it, with - in the place of : */
function isoFormat(time: Date): string {
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return `${local.toISOString().slice(0, -1)}000`.replaceAll(':', '-');
}
