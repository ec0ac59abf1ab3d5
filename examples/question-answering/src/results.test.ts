import {readdirSync, readFileSync} from 'node:fs';
import {dataSets, loadSplit} from '@subset-tuning/tasks';
import {describe, expect, it} from 'vitest';
import {textData} from '../../../test/text-data.js';
import {type Answers, type Scores, scoresOf} from './answers.js';
import {splitByParagraph} from './split-by-paragraph.js';

const data = textData();
const results = new URL('../results/', import.meta.url);

describe.each(readdirSync(results))('the committed run of %s', (method) => {
  const read = (name: string) => JSON.parse(readFileSync(new URL(`${method}/${name}`, results), 'utf8'));

  it('proves what it claims', () => {
    const {proofs, scores} = read('report.json');
    expect(proofs).toMatchObject({reloadBitExact: true, revertBitExact: true});
    expect(scores.after.f1).toBeGreaterThan(5 * scores.chance.f1);
  });

  it.runIf(data)('has answers of its scores, to the questions that its split holds out', async () => {
    const {seed, scores, questions}: {seed: number; scores: {after: Scores}; questions: object} = read('report.json');
    const answers: Answers = read('answers.json');
    const rows = await loadSplit(dataSets.xquad, `${data}/xquad`, 'en');
    const {training, heldOut} = splitByParagraph(rows, 0.2, seed);
    expect(questions).toEqual({training: training.length, heldOut: heldOut.length});
    expect(Object.keys(answers).sort()).toEqual(heldOut.map(({id}) => id).sort());
    expect(scoresOf(answers, heldOut)).toEqual(scores.after);
  });
});
