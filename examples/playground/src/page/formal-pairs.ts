import {parseSentencePairs, type SentencePair} from '@subset-tuning/tasks';

/** The pairs of the example formal-german that are learnt from: all say *Sie*. */
export async function formalPairs(): Promise<SentencePair[]> {
  const response = await fetch(new URL('formal-train.tsv', document.baseURI));
  if (!response.ok) throw new Error(`formal-train.tsv did not come (${response.status}). Reload the page.`);
  return parseSentencePairs(await response.text());
}
