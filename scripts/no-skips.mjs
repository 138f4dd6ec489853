// Fails when a test was skipped: CI has everything, so a skip there would be a check that did not run. The differences
// between backends are asserted, not skipped (test/support/differences.ts).
// usage: no-skips.mjs RESULTS.json (vitest's json reporter)
import { readFileSync } from 'node:fs';

const results = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const tests = results.testResults.flatMap((file) => file.assertionResults);
if (tests.length === 0) throw new Error('no test ran');
const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed');
for (const test of skipped) console.error(`skipped: ${test.fullName}`);
console.log(`${tests.length} tests, ${skipped.length} skipped`);
process.exit(skipped.length === 0 ? 0 : 1);
