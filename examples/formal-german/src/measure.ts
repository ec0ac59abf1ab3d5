import {type CausalModel, collate} from '@subset-tuning/models';
import {addressesNobody, chrf, encodePair, formalShare, type SentencePair, score} from '@subset-tuning/tasks';
import type {HeldOut} from './load-data.js';
import type {Measures} from './report.js';
import {FORMAT, translate} from './translate.js';

/** Translates held-out sentences and scores what comes out. */
export async function measure(model: CausalModel, heldOut: HeldOut): Promise<Measures & {translations: string[]}> {
  const {formal, formalPairs, nobody} = heldOut;
  const groups = [...formal, ...nobody];
  const made = await translate(
    model,
    groups.map(({source}) => source),
  );
  const translations = made.slice(0, formal.length);
  const others = made.slice(formal.length);
  const references = groups.map((group) => group.references);
  return {
    loss: await meanLoss(model, formalPairs),
    formal: formalShare(translations),
    chrF: score(chrf(), translations, references.slice(0, formal.length)).value,
    chrFOther: score(chrf(), others, references.slice(formal.length)).value,
    addressAdded: others.filter((german, i) => !addressesNobody(nobody[i].source, german)).length / others.length,
    translations,
  };
}

/** The loss of one batch of all pairs: the mean over their German tokens. */
async function meanLoss(model: CausalModel, pairs: readonly SentencePair[]): Promise<number> {
  const loss = model.loss(collate(pairs.map((pair) => encodePair(pair, model.tokenizer, FORMAT))));
  try {
    return (await loss.data())[0];
  } finally {
    loss.dispose();
  }
}
