import {type SquadRow, shuffleRows} from '@subset-tuning/tasks';
import type {Answers} from './answers.js';

/** Answers of chance: words of the text from any on, as many as an answer that is drawn from the training rows has. */
export function randomSpans(rows: readonly SquadRow[], training: readonly SquadRow[], seed: number): Answers {
  const lengths = training.map(({answers}) => answers[0].text.split(' ').length);
  const [drawn] = [shuffleRows(lengths, seed)];
  return Object.fromEntries(
    rows.map(({id, context}, i) => {
      const words = context.split(' ');
      const length = Math.min(drawn[i % drawn.length], words.length);
      const places = Array.from({length: words.length - length + 1}, (_, at) => at);
      const [from] = shuffleRows(places, seed + i);
      return [id, words.slice(from, from + length).join(' ')];
    }),
  );
}
