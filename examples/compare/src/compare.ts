import {type Cell, type CellResult, cellHash} from './cell.js';
import type {CellStore} from './cell-store.js';
import type {Comparison, Group, LeftOut} from './comparison.js';
import {nextGridStep, type TriedRate} from './grid.js';

/** Of the batches on which learning rates are chosen: not one of the seeds that results are reported for. */
const GRID_SEED = 1000;

/** A group that was run to its end. */
export interface GroupResult extends Group {
  learningRate: number;
  /** All that were tried, in the order of their rates. */
  tried: TriedRate[];
  /** Of the seeds 1, 2, … */
  results: CellResult[];
}

/** What came of a comparison. */
export interface ComparisonResult {
  /** The model as it was. */
  seed: CellResult;
  groups: GroupResult[];
  leftOut: LeftOut[];
}

/** Where cells are run, and who is told. */
export interface Running {
  store: CellStore;
  run: (cell: Cell) => Promise<CellResult>;
  /** Called for each cell that was run, and not found in the store. `left` are those that are known to be wanted still. */
  onCell?: (cell: Cell, result: CellResult, progress: {done: number; left: number}) => void;
}

/** Runs whatever cells of a comparison the store does not have, all at once: `run` decides how many at a time. */
export async function compare(
  comparison: Comparison,
  groups: readonly Group[],
  running: Running,
): Promise<ComparisonResult> {
  const {model, task, seeds, steps, tokensPerStep, backend} = comparison;
  const runOnce = onlyOnce(running, groups.length * seeds + 1);
  const cellOf = (
    {method, choice}: Pick<Group, 'method' | 'choice'>,
    part: Pick<Cell, 'learningRate' | 'seed' | 'split'>,
  ) => ({version: 1, model, task, method, choice, ...part, steps, tokensPerStep, backend}) satisfies Cell;

  const runGroup = async (group: Group): Promise<GroupResult | LeftOut> => {
    const tried: TriedRate[] = [];
    const attempt = async (learningRate: number) => {
      const {loss} = await runOnce(cellOf(group, {learningRate, seed: GRID_SEED, split: 'validation'}), 'more');
      tried.push({learningRate, loss: loss ?? Number.NaN});
      tried.sort((a, b) => a.learningRate - b.learningRate);
    };
    try {
      let step = nextGridStep(tried);
      while ('attempt' in step) {
        await Promise.all(step.attempt.map(attempt));
        step = nextGridStep(tried);
      }
      const learningRate = step.best;
      const results = await Promise.all(
        Array.from({length: seeds}, (_, i) => runOnce(cellOf(group, {learningRate, seed: i + 1, split: 'test'}))),
      );
      return {...group, learningRate, tried, results};
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return {method: group.method, budget: group.budget, reason: error.message};
    }
  };

  const untuned = cellOf({method: 'seed', choice: {parameters: 0}}, {learningRate: 0, seed: 0, split: 'test'});
  const [seed, ...ended] = await Promise.all([
    runOnce({...untuned, steps: 0, tokensPerStep: 0}),
    ...groups.map(runGroup),
  ]);
  return {
    seed,
    groups: ended.filter((group) => 'results' in group),
    leftOut: ended.filter((group) => 'reason' in group),
  };
}

/** A {@link Running.run} where nothing is to be run: a group is left out whose runs are not all there. */
export async function notRun(): Promise<never> {
  throw new RangeError('not run to its end yet');
}

/** Runs a cell, unless the store has it or it is being run; keeps what comes of it. */
function onlyOnce({store, run, onCell}: Running, planned: number) {
  const begun = new Map<string, Promise<CellResult>>();
  let [done, left] = [0, planned];
  const runNew = async (cell: Cell) => {
    const found = store.read(cell);
    if (found) {
      left--;
      return found;
    }
    const result = await run(cell);
    store.write(cell, result);
    onCell?.(cell, result, {done: ++done, left: --left});
    return result;
  };
  /** @param kind `planned`, among those that were counted at first, or `more`. */
  return (cell: Cell, kind: 'planned' | 'more' = 'planned'): Promise<CellResult> => {
    const hash = cellHash(cell);
    const before = begun.get(hash);
    if (before !== undefined) {
      if (kind === 'planned') left--;
      return before;
    }
    if (kind === 'more') left++;
    const result = runNew(cell);
    begun.set(hash, result);
    return result;
  };
}
