import {fileURLToPath} from 'node:url';

/** The example's folders, wherever the command was started. */
const here = (path: string): string => fileURLToPath(new URL(`../${path}/`, import.meta.url));

/** The committed slice of Tatoeba. */
export const dataFolder = here('data');
/** The embedded seed's checkpoint. */
export const seedFolder = here('seed/checkpoint');
/** Committed results of `--grid` and `--seeds`. */
export const resultsFolder = here('results');
