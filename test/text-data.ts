/** The environment's name for a folder of data sets: gsm8k, multi30k, superglue, tatoeba and xquad. */
const VARIABLE = 'SUBSET_TUNING_DATA';

/** The folder of real data sets, or nothing where none is named: its tests are skipped then, and named when all have run. */
export function textData(): string | undefined {
  return process.env[VARIABLE] || undefined;
}

/** What is skipped, with what gets it. */
export function missingData(): Map<string, string> {
  return new Map(textData() ? [] : [['data sets', `${VARIABLE}=FOLDER names them`]]);
}
