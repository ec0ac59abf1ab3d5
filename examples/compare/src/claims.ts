import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {count, signed, spread, tableOf} from './format.js';
import {type ClaimedPair, RIVAL_CLAIMS} from './rival-claims.js';
import type {Verdict} from './verdicts.js';

/** What a comparison came to: the content of `verdicts.json` in its folder. */
export interface Findings {
  model: string;
  task: string;
  metric: string;
  verdicts: Verdict[];
  /** What rivals' claims are about. Files of a time when there were none lack it. */
  pairs?: ClaimedPair[];
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

/** The claims of the paper, ours and those of the rivals beside all that comparisons came to, as Markdown. */
export function claims(findings: readonly Findings[]): string {
  return [...ourClaims(findings), '', ...rivalClaims(findings), ''].join('\n');
}

/** A row for each task and budget. */
function ourClaims(findings: readonly Findings[]): string[] {
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
  ];
}

/** A row for each claim, task and budget. */
function rivalClaims(findings: readonly Findings[]): string[] {
  const rows = RIVAL_CLAIMS.flatMap(({by, says, method, other}) =>
    findings.flatMap(({model, task, metric, pairs = []}) =>
      pairs
        .filter((pair) => pair.method === method && pair.other === other)
        .map(({budget, byMetric, byLoss}) => {
          const [inMetric, inLoss] = [byMetric, byLoss].map(
            ({verdict, better}) => `${verdict}: ${spread(better, signed)}`,
          );
          return [by, says, `\`${method}\` beside \`${other}\``, model, task, count(budget), metric, inMetric, inLoss];
        }),
    ),
  );
  const head = ['who', 'says', 'held here', 'model', 'task', 'budget', 'metric', 'better by', 'by the test loss'];
  // A claim is told once.
  const told = rows.map(([by, says, ...found], i) => {
    const isAgain = i > 0 && rows[i - 1][0] === by && rows[i - 1][1] === says;
    return [...(isAgain ? ['', ''] : [by, says]), ...found];
  });
  return ['What others say of their methods:', '', ...tableOf([head, ...told])];
}
