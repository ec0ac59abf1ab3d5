import {expect, it} from 'vitest';
import {dataFolder} from './folders.js';
import {loadData} from './load-data.js';
import {secondsFor, warningOfCpu, workOfCandidate, workOfMethod} from './time-on-cpu.js';

const data = loadData(dataFolder);

it('counts tokens and sentences of a method', () => {
  // 46 validation sentences before the first step and after each tenth; 82 + 200 measured; 3 × 82 proved.
  expect(workOfMethod({steps: 3, tokensPerStep: 1024}, data)).toEqual({tokens: 3072, sentences: 46 + 282 + 246});
  expect(workOfMethod({steps: 60, tokensPerStep: 1000}, data)).toEqual({tokens: 60_000, sentences: 7 * 46 + 282 + 246});
  expect(workOfCandidate({steps: 60, tokensPerStep: 1000}, data)).toEqual({tokens: 60_000, sentences: 46 + 200});
});

it('lets threads share the methods, not a method', () => {
  const [work, rates] = [
    {tokens: 100, sentences: 30},
    {tokens: 10, sentences: 1},
  ];
  expect(secondsFor(work, 1, 2, rates)).toBe(40);
  expect(secondsFor(work, 2, 2, rates)).toBe(40);
  expect(secondsFor(work, 3, 2, rates)).toBe(80);
  expect(secondsFor(work, 3, 1, rates)).toBe(120);
});

it('says minutes or hours', () => {
  const rates = {tokens: 31.4, sentences: 2.72};
  expect(warningOfCpu(20, rates)).toContain('about 1 min: the cpu backend');
  expect(warningOfCpu(655, rates)).toContain('about 11 min: the cpu backend');
  expect(warningOfCpu(9000, rates)).toContain('about 2.5 h: the cpu backend');
  expect(warningOfCpu(655, rates)).toContain('31 tokens a second in training and 2.7 translated sentences a second');
});
