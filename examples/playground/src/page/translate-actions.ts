import {client} from './current.js';
import {answers, complain, model, question} from './state.js';

let isAsking = false;
let isAskedAgain = false;

/** Asks for the answers to what the reader has typed; what is typed meanwhile is asked for afterwards. */
export async function translate(): Promise<void> {
  if (isAsking) {
    isAskedAgain = true;
    return;
  }
  isAsking = true;
  do {
    isAskedAgain = false;
    await ask();
  } while (isAskedAgain);
  isAsking = false;
}

async function ask(): Promise<void> {
  const text = question.value.trim();
  if (!model.value || text === '') {
    answers.value = undefined;
    return;
  }
  try {
    const {seed, tuned} = await client().call((session) => session.answer([text]));
    answers.value = {of: text, seed: seed?.[0], tuned: tuned[0] ?? ''};
  } catch (error) {
    complain('The sentence could not be translated', error);
  }
}
