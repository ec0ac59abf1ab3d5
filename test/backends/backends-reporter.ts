import type {SerializedError} from 'vitest';
import type {Reporter, TestModule, Vitest} from 'vitest/node';
import type {FoundBackends} from './find-backends.js';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Closes a run with a table of the backends, those that ran and those that could not, and with the plain line
 * `N passed, N failed`. A required backend that is missing or ran no test is a failure; where `vitest related` asks for the
 * tests of some imports alone, one that is missing.
 */
export class BackendsReporter implements Reporter {
  readonly #found: FoundBackends;
  #isOfSome = false;

  constructor(found: FoundBackends) {
    this.#found = found;
  }

  onInit({config}: Vitest): void {
    this.#isOfSome = config.related !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const {present, missing, required} = this.#found;
    const projects = new Map<string, Counts>();
    for (const module of modules) {
      const counts = projects.get(module.project.name) ?? {passed: 0, failed: 0, skipped: 0};
      projects.set(module.project.name, add(counts, countTests(module)));
    }
    const mayRest = (name: string) => this.#isOfSome && present.some((backend) => backend.name === name);
    const failures = required.filter((name) => (projects.get(name)?.passed ?? 0) === 0 && !mayRest(name));

    const rows = [['project', 'passed', 'failed', 'skipped', '']];
    for (const name of new Set(['unit', ...present.map(({name}) => name), ...projects.keys()])) {
      const {passed, failed, skipped} = projects.get(name) ?? {passed: 0, failed: 0, skipped: 0};
      rows.push([name, String(passed), String(failed), String(skipped), failures.includes(name) ? 'required' : '']);
    }
    for (const [name, reason] of missing) {
      rows.push([name, '-', '-', '-', `missing: ${reason}${failures.includes(name) ? ' (required)' : ''}`]);
    }
    const total = [...projects.values()].reduce(add, {
      passed: 0,
      failed: failures.length + unhandledErrors.length,
      skipped: 0,
    });

    console.log(`${formatTable(rows)}\n`);
    for (const name of failures) console.log(`REQUIRE_BACKENDS names ${name}, which passed no test`);
    console.log(`${total.passed} passed, ${total.failed} failed`);
    if (total.failed > 0) process.exitCode = 1;
  }
}

/** A module that failed outside its tests, say at an import, counts as one failure. */
function countTests(module: TestModule): Counts {
  const counts = {passed: 0, failed: 0, skipped: 0};
  for (const test of module.children.allTests()) {
    const {state} = test.result();
    counts[state === 'pending' ? 'skipped' : state]++;
  }
  if (counts.failed === 0 && module.state() === 'failed') counts.failed = 1;
  return counts;
}

function add(a: Counts, b: Counts): Counts {
  return {passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped};
}

/** Columns padded to their widest cell; numbers to the right. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((max, row) => row.map((cell, i) => Math.max(max[i] ?? 0, cell.length)), []);
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i > 0 && i < 4 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
