import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import type {Row} from './rows.js';

/** What `pytorch_step.py` writes. */
type PyTorchRow = Omit<Row, 'path'> & {threads: number};

/**
 * The same step in PyTorch on one thread, in each of its exact forms, the fastest first.
 *
 * @param python the command of a Python that has PyTorch
 * @throws if that cannot be run or fails; what it says goes to the standard error
 */
export function pytorchStep(python: string, n: number, density: number): Row['other'][] {
  const script = fileURLToPath(new URL('../pytorch_step.py', import.meta.url));
  const args = [script, '--n', String(n), '--density', String(density), '--json', '-'];
  const {error, status, stdout} = spawnSync(python, args, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']});
  if (status !== 0) {
    throw new Error(`'${python} ${args.join(' ')}' failed: ${error?.message ?? `exit status ${status}`}`);
  }
  const rows: PyTorchRow[] = JSON.parse(stdout);
  return rows.map(({kernel, threads, ours}) => ({name: `pytorch, ${threads} thread: ${kernel}`, ...ours}));
}
