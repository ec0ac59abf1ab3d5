import type {ComparisonResult, GroupResult} from './compare.js';
import type {Comparison} from './comparison.js';
import {type Interval, interval} from './interval.js';
import {METHODS} from './methods.js';
import {figureOf, lossOf} from './summary.js';
import type {ComparedTask} from './tasks/compared-task.js';
import {TASKS} from './tasks/tasks.js';

/** How one method stands beside another. */
export interface Standing {
  /** By how much it is better in a metric, over pairs of runs of one seed. */
  better: Interval;
  /** `ties` where the interval has zero in it. */
  verdict: 'wins' | 'ties' | 'loses';
}

/** A form of subset tuning beside a rival. */
export interface Verdict extends Standing {
  /**
   * `paper`: the paper's form beside one of the paper's rivals; `best`: the best form beside the best rival; `tenfold`: the
   * best form beside LoRA at ten times the budget.
   */
  kind: 'paper' | 'best' | 'tenfold';
  ours: Pick<GroupResult, 'method' | 'budget'>;
  rival: Pick<GroupResult, 'method' | 'budget'>;
}

/** What the paper holds subset tuning against. */
const RIVALS_OF_THE_PAPER = ['prompt', 'lora'];

/** The loss of test rows as a metric. */
export const LOSS: ComparedTask['metric'] = {name: 'loss', higherIsBetter: false};

/** How a group's runs stand beside another's, seed by seed. */
export function besideOther(one: GroupResult, other: GroupResult, {name, higherIsBetter}: typeof LOSS): Standing {
  const sign = higherIsBetter ? 1 : -1;
  const figures = ({results}: GroupResult) =>
    results.map((result) => sign * (name === 'loss' ? lossOf(result) : figureOf(result, name)));
  const theirs = figures(other);
  const better = interval(figures(one).map((figure, seed) => figure - theirs[seed]));
  return {better, verdict: better.low > 0 ? 'wins' : better.high < 0 ? 'loses' : 'ties'};
}

/**
 * What comes of subset tuning beside its rivals, budget by budget: the paper's form beside the paper's rivals; the best form
 * beside the best rival, both the best on validation rows; and beside LoRA at ten times the budget. Of one seed, nothing.
 */
export function verdicts({task, seeds}: Comparison, {groups}: ComparisonResult): Verdict[] {
  if (seeds < 2) return [];
  const {metric} = TASKS[task];
  const compared = (kind: Verdict['kind'], ours: GroupResult, rival: GroupResult): Verdict => {
    return {kind, ours: nameOf(ours), rival: nameOf(rival), ...besideOther(ours, rival, metric)};
  };
  return [...new Set(groups.map(({budget}) => budget))].flatMap((budget) => {
    const here = groups.filter((group) => group.budget === budget);
    const ours = bestOnValidation(here.filter(({method}) => METHODS[method].isOurs));
    if (!ours) return [];
    const paper = here.find(({method}) => method === 'subset');
    const papers = here.filter(({method}) => RIVALS_OF_THE_PAPER.includes(method));
    const rival = bestOnValidation(here.filter(({method}) => !METHODS[method].isOurs && method !== 'full'));
    const larger = groups.find((group) => group.method === 'lora' && group.budget === 10 * budget);
    return [
      ...(paper ? papers.map((one) => compared('paper', paper, one)) : []),
      ...(rival ? [compared('best', ours, rival)] : []),
      ...(larger ? [compared('tenfold', ours, larger)] : []),
    ];
  });
}

function nameOf({method, budget}: GroupResult): Verdict['ours'] {
  return {method, budget};
}

function bestOnValidation(groups: readonly GroupResult[]): GroupResult | undefined {
  const validationLoss = ({tried, learningRate}: GroupResult) =>
    tried.find((one) => one.learningRate === learningRate)?.loss ?? Number.POSITIVE_INFINITY;
  return [...groups].sort((a, b) => validationLoss(a) - validationLoss(b))[0];
}
