import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {count, signed, spread, tableOf} from './format.js';
import {type Pair, RIVAL_CLAIMS} from './rival-claims.js';
import type {Verdict} from './verdicts.js';

/** What a comparison came to: the content of `verdicts.json` in its folder. */
export interface Findings {
  model: string;
  task: string;
  metric: string;
  verdicts: Verdict[];
  /** What rivals' claims are about. */
  pairs: Pair[];
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

/** A row for each claim and task. */
function rivalClaims(findings: readonly Findings[]): string[] {
  const rows = RIVAL_CLAIMS.flatMap(({by, says, method, other}) =>
    findings.flatMap(({model, task, metric, pairs}) => {
      const here = pairs.filter((pair) => pair.method === method && pair.other === other);
      if (here.length === 0) return [];
      const said = here.map(({budget, verdict, better}) => `${count(budget)} ${verdict}: ${spread(better, signed)}`);
      return [[by, says, `\`${method}\` beside \`${other}\``, model, task, metric, said.join('<br>')]];
    }),
  );
  const head = ['who', 'says', 'held here', 'model', 'task', 'better by, in', 'at each budget'];
  return ['What others say of their methods:', '', ...tableOf([head, ...rows])];
}
