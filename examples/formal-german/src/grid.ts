import type {BackendName} from './backend-names.js';
import {formatShare} from './format.js';
import {METHODS, methodName, type Recipe} from './methods.js';
import type {Measures} from './report.js';
import type {Runner} from './runner.js';
import {FULL} from './settings.js';

/** Learning rates tried for each method, by its name. The fewer weights, the larger. */
const LEARNING_RATES: Record<string, readonly number[]> = {
  'subset 1 %': [0.005, 0.01, 0.02, 0.03],
  'subset 0.01 %': [0.05, 0.1, 0.2, 0.3],
  'random 1 %': [0.01, 0.02, 0.03],
  'random 0.01 %': [0.05, 0.1, 0.2, 0.3],
  full: [0.0003, 0.001, 0.002, 0.003],
};

/** Silos tried where the subset is chosen; a random subset lies evenly in any. */
const SILOS = ['tensor', 'layer', 'global'] as const;

/** Not one of the seeds that results are reported for. */
const GRID_SEED = 1000;

export interface GridRow extends Recipe, Omit<Measures, 'addressAdded'> {}

/** What `results/grid.json` holds. */
export interface GridResult {
  criterion: string;
  steps: number;
  tokensPerStep: number;
  seed: number;
  backend: string;
  chosen: Recipe[];
  /** All that was tried, measured on the validation sentences. */
  rows: GridRow[];
}

/** Tunes by every recipe of the grid, measures on validation, and chooses one for each method. */
export async function runGrid(runner: Runner, backend: BackendName): Promise<GridResult> {
  const {steps, tokensPerStep} = FULL;
  const all = candidates();
  let done = 0;
  const rows = await Promise.all(
    all.map(async (recipe): Promise<GridRow> => {
      const options = {steps, tokensPerStep, seed: GRID_SEED, watch: false};
      const {report} = await runner.tuneAndMeasure({backend, split: 'validation', recipe, options});
      const {loss, formal, chrF, chrFOther} = report;
      const what = `${report.name}, ${recipe.silos}, learning rate ${recipe.learningRate}`;
      console.log(
        `${++done}/${all.length} ${what}: formal ${formatShare(formal)}, chrF ${chrF.toFixed(1)}, other ${chrFOther.toFixed(1)}`,
      );
      return {...recipe, loss, formal, chrF, chrFOther};
    }),
  );
  return {
    criterion: CRITERION,
    ...{steps, tokensPerStep, seed: GRID_SEED, backend},
    chosen: choose(rows),
    rows,
  };
}

/** All recipes that are tried. */
export function candidates(): Recipe[] {
  return METHODS.flatMap(({method, density}) =>
    (method === 'subset' ? SILOS : (['tensor'] as const)).flatMap((silos) =>
      LEARNING_RATES[methodName({method, density})].map((learningRate) => ({method, density, learningRate, silos})),
    ),
  );
}

const CRITERION =
  'score: formal % + chrF on the formal validation rows. Silos: one kind for all subsets, whose best scores at each ' +
  'density add up highest. Then for each method the learning rate that scores highest.';

/** ChrF alone hardly sees one pronoun; formality alone would pay any price for it. */
function score({formal, chrF}: GridRow): number {
  return 100 * formal + chrF;
}

/** The recipe of each method, by {@link CRITERION}. */
export function choose(rows: readonly GridRow[]): Recipe[] {
  const bestOf = (method: Pick<Recipe, 'method' | 'density'>, silos?: Recipe['silos']): GridRow =>
    rows
      .filter((row) => methodName(row) === methodName(method) && (silos === undefined || row.silos === silos))
      .reduce((best, row) => (score(row) > score(best) ? row : best));
  const subsets = METHODS.filter(({method}) => method === 'subset');
  const totals = SILOS.map((silos) => subsets.reduce((sum, method) => sum + score(bestOf(method, silos)), 0));
  const silos = SILOS[totals.indexOf(Math.max(...totals))];
  return METHODS.map((method) => {
    const {learningRate, silos: of} = bestOf(method, method.method === 'subset' ? silos : undefined);
    return {...method, learningRate, silos: of};
  });
}
