// `node .ci/check-demo-report.mjs FILE`: fails where a run of the demo did not prove what it must.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';

const {methods, proofs} = JSON.parse(readFileSync(process.argv[2] ?? 'demo-report/report.json', 'utf8'));

assert.deepEqual(proofs, {reloadBitExact: true, revertBitExact: true});
const seed = methods.find(({method}) => method === 'seed');
const subsets = methods.filter(({method}) => ['paper', 'weighted', 'shrinking'].includes(method));
assert.ok(seed, 'the report has no row of the seed');
assert.ok(subsets.length > 0, 'the report has no row of subset tuning');
for (const {density, changedParameters, totalParameters} of subsets) {
  const budget = Math.round(density * totalParameters);
  assert.ok(changedParameters > 0 && changedParameters <= budget, `${changedParameters} weights changed of ${budget}`);
}
assert.ok(
  subsets.some(({formal}) => formal > seed.formal),
  'no subset made more translations formal',
);
console.log(`${methods.length} methods; deltas reload and revert bit for bit`);
