import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, it} from 'vitest';
import {claims, type Findings, readFindings} from './claims.js';
import type {ClaimedPair} from './rival-claims.js';
import type {Standing, Verdict} from './verdicts.js';

function verdict(kind: Verdict['kind'], ours: string, rival: string, mean: number, rivalBudget = 1000): Verdict {
  return {kind, ours: {method: ours, budget: 1000}, rival: {method: rival, budget: rivalBudget}, ...standing(mean)};
}

function pair(method: string, other: string, budget: number, mean: number): ClaimedPair {
  return {method, other, budget, byMetric: standing(mean), byLoss: standing(-mean)};
}

function standing(mean: number): Standing {
  const better = {mean, low: mean - 1, high: mean + 1};
  return {better, verdict: better.low > 0 ? 'wins' : better.high < 0 ? 'loses' : 'ties'};
}

it("counts what the paper's choice wins, ties and loses, a row for each budget, and has what rivals claim", () => {
  const folder = mkdtempSync(join(tmpdir(), 'claims-'));
  const keep = (name: string, findings?: Findings) => {
    mkdirSync(join(folder, name));
    if (findings) writeFileSync(join(folder, name, 'verdicts.json'), JSON.stringify(findings));
  };
  try {
    const first = [
      ...[verdict('paper', 'subset', 'prompt', 2), verdict('paper', 'subset', 'lora', 0.5)],
      ...[verdict('best', 'subset-fisher', 'random', 3), verdict('tenfold', 'subset-fisher', 'lora', -2, 10_000)],
    ];
    const pairs = [
      pair('lift', 'lora', 1000, -3),
      pair('lift', 'lora', 10_000, 0.5),
      pair('gradient', 'lora', 1000, 2),
    ];
    keep('b', {model: 'm', task: 't', metric: 'chrF', verdicts: first, pairs});
    keep('a', {model: 'n', task: 'u', metric: 'loss', verdicts: [verdict('paper', 'subset', 'lora', -4)]});
    keep('unfinished');
    const text = claims(readFindings(folder));
    expect(text).toContain('3 such comparisons here its choice, `subset`, wins 1, ties in 1 and loses 1.');
    expect(text.split('\n').slice(5, 7)).toEqual([
      '| n | u | 1,000 | loss |  | loses: −4.00 (−5.00 to −3.00) |  |  |',
      '| m | t | 1,000 | chrF | wins: +2.00 (+1.00 to +3.00) | ties: +0.50 (−0.50 to +1.50) | wins: subset-fisher beside random +3.00 (+2.00 to +4.00) | loses: subset-fisher beside lora −2.00 (−3.00 to −1.00) |',
    ]);
    const others = text.slice(text.indexOf('What others say')).trimEnd().split('\n').slice(4);
    expect(others.map((row) => row.startsWith('| LIFT'))).toEqual([true, false, false]);
    expect(others[1]).toMatch(/^\| {2}\| {2}\| `lift`/);
    expect(others.map((row) => row.split(' | ').slice(-7))).toEqual([
      [
        '`lift` beside `lora`',
        'm',
        't',
        '1,000',
        'chrF',
        'loses: −3.00 (−4.00 to −2.00)',
        'wins: +3.00 (+2.00 to +4.00) |',
      ],
      [
        '`lift` beside `lora`',
        'm',
        't',
        '10,000',
        'chrF',
        'ties: +0.50 (−0.50 to +1.50)',
        'ties: −0.50 (−1.50 to +0.50) |',
      ],
      [
        '`gradient` beside `lora`',
        'm',
        't',
        '1,000',
        'chrF',
        'wins: +2.00 (+1.00 to +3.00)',
        'loses: −2.00 (−3.00 to −1.00) |',
      ],
    ]);
    writeFileSync(join(folder, 'a', 'verdicts.json'), '{"model": ');
    expect(() => readFindings(folder)).toThrow(`${join(folder, 'a', 'verdicts.json')}: `);
  } finally {
    rmSync(folder, {recursive: true});
  }
});
