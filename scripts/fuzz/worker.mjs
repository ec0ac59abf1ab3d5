// Runs the cases that its parent asks for, one after the other, and tells of each before and after it.
import {pathToFileURL} from 'node:url';
import {bytesOf, countBuffers} from './count-memory.mjs';
import {mutate} from './mutate.mjs';

const {TARGETS} = await import(pathToFileURL(process.argv[2]).href);
const {uses, floatBytes, headerLength} = TARGETS[process.argv[3]];
const headers = await Promise.all(uses.map(({file}) => headerLength(file)));
console.warn = () => {};
for (const {file, use} of uses) await use(file); // the right files are right, and tables are made
countBuffers();

process.on('message', async ({first, cases, seed}) => {
  for (let index = first; index < cases; index++) {
    process.send({index});
    const which = index % uses.length;
    const {file, use} = uses[which];
    const bytes = mutate(file, headers[which], seed + index);
    let outcome = 'loaded';
    let why = '';
    try {
      await bytesOf(() => use(bytes));
    } catch (error) {
      // What a check refuses is an Error. What the engine throws has a class of its own: nobody foresaw it.
      const isForeseen = Object.getPrototypeOf(error) === Error.prototype && error.message.length < 2000;
      outcome = isForeseen ? 'refused' : 'crashes';
      why = String(error?.stack ?? error);
    }
    const extra = Math.max(0, Math.round(bytesOf.last - floatBytes * bytes.length));
    await new Promise((sent) => process.send({index, outcome, why, extra}, sent));
  }
  process.disconnect();
});
process.send({ready: true});
