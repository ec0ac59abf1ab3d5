import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {count, signed, spread, tableOf} from './format.js';
import type {Verdict} from './verdicts.js';

/** What a comparison came to: the content of `verdicts.json` in its folder. */
export interface Findings {
  model: string;
  task: string;
  metric: string;
  verdicts: Verdict[];
}

/**
 * What `verdicts.json` of each of a folder's comparisons says, in the order of the comparisons' names.
 *
 * @throws where one is not JSON, with its name.
 */
export function readFindings(folder: string): Findings[] {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name, 'verdicts.json'))
    .filter((file) => existsSync(file))
    .map(readFile);
}

function readFile(file: string): Findings {
  try {
    return JSON.parse(readFileSync(file, 'utf8')); // this command's own
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : error}`, {cause: error});
  }
}

/** The paper's claim and ours beside all that comparisons came to, as Markdown: a row for each task and budget. */
export function claimsTable(findings: readonly Findings[]): string {
  const rows = findings.flatMap(({model, task, metric, verdicts}) =>
    [...new Set(verdicts.map(({ours}) => ours.budget))].map((budget) => {
      const here = verdicts.filter(({ours}) => ours.budget === budget);
      const cell = (found: Verdict | undefined, names: (found: Verdict) => string = () => '') =>
        found ? `${found.verdict}: ${names(found)}${spread(found.better, signed)}` : '';
      const paper = (method: string) => cell(here.find(({kind, rival}) => kind === 'paper' && rival.method === method));
      const best = (kind: Verdict['kind']) =>
        cell(
          here.find((one) => one.kind === kind),
          ({ours, rival}) => `${ours.method} beside ${rival.method} `,
        );
      const cells = [paper('prompt'), paper('lora'), best('best'), best('tenfold')];
      return [model, task, count(budget), metric, ...cells];
    }),
  );
  const papers = findings.flatMap(({verdicts}) => verdicts).filter(({kind}) => kind === 'paper');
  const share = (verdict: Verdict['verdict']) => papers.filter((one) => one.verdict === verdict).length;
  const rivals = [
    'prompt tuning',
    'LoRA',
    'best form beside best rival',
    'best form beside LoRA at ten times the budget',
  ];
  const head = ['model', 'task', 'budget', 'better by, in', ...rivals];
  return [
    'The paper says: "We match or outperform prompt tuning and LoRA in most cases". Of',
    `${papers.length} such comparisons here its choice, \`subset\`, wins ${share('wins')}, ties in ${share('ties')} and loses ${share('loses')}.`,
    '',
    ...tableOf([head, ...rows]),
    '',
  ].join('\n');
}
