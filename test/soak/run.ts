/**
 * test/soak/run — `npm run soak -- --seeds N [--from SEED]`: N lives, one line at the end; a
 * failure prints its seed, its steps and what broke. `--seed S` replays one, step by step.
 */
import { execSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
});

const commit = (): string => {
  try {
    return execSync('git rev-parse --short HEAD', { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
};

const from = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
if (!Number.isInteger(from) || !Number.isInteger(count) || count < 1) {
  console.error(
    'soak: --seeds, --from and --seed take whole numbers, e.g. npm run soak -- --seeds 1000',
  );
  process.exit(2);
}

let failed = 0;
let steps = 0;
for (let seed = from; seed < from + count; seed++) {
  const outcome = await soak(seed);
  steps += outcome.steps.length;
  if (values.seed !== undefined) for (const step of outcome.steps) console.log(step);
  if (outcome.broken.length === 0) continue;
  failed++;
  console.log(`FAIL seed=${seed} commit=${commit()}  (npm run soak -- --seed ${seed})`);
  for (const step of outcome.steps) console.log(`  ${step}`);
  for (const sentence of outcome.broken.slice(0, 10)) console.log(`  BROKEN ${sentence}`);
}
console.log(`soak: ${count} seeds, ${steps} steps, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
