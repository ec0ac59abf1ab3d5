import {fileURLToPath} from 'node:url';

/** A folder, seen from the example's own, wherever the command was started. */
const here = (path: string): string => fileURLToPath(new URL(`../${path}/`, import.meta.url));

/** The committed slice of Tatoeba. */
export const dataFolder = here('data');
/** The seed's checkpoint. */
export const seedFolder = here('../../packages/tiny-translator/checkpoint');
/** Committed results of `--grid` and `--seeds`. */
export const resultsFolder = here('results');
/** The README's pictures of the page. */
export const picturesFolder = here('pictures');
