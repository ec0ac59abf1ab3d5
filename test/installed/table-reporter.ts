import type {SerializedError} from 'vitest';
import type {Reporter, TestModule} from 'vitest/node';

/**
 * Closes a run with a table of what was tried, a line a `describe` with the names of its tests, and with the plain line
 * `N passed, N failed`.
 */
export class TableReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    const rows = new Map<string, string[]>();
    for (const module of modules) {
      const before = failed;
      for (const test of module.children.allTests()) {
        const {state} = test.result();
        if (state === 'passed') passed++;
        if (state === 'failed') failed++;
        const row = test.parent.type === 'suite' ? test.parent.name : module.relativeModuleId;
        rows.set(row, [
          ...(rows.get(row) ?? []),
          state === 'passed' ? test.name : `${test.name} ${state.toUpperCase()}`,
        ]);
      }
      // A module can fail outside its tests, say at an import.
      if (failed === before && module.state() === 'failed') failed++;
    }
    const width = Math.max(0, ...[...rows.keys()].map((row) => row.length));
    for (const [row, cells] of rows) console.log(`${row.padEnd(width)}  ${cells.join(', ')}`);
    console.log(`\n${passed} passed, ${failed} failed`);
    if (failed > 0) process.exitCode = 1;
  }
}
