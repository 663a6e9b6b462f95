/**
 * test/soak/run — `npm run soak -- --seeds N [--from SEED] [--life load-balancers]`: N lives, one
 * line at the end; a failure prints its seed, its steps and what broke. `--seed S` replays one, step
 * by step. `--life load-balancers` lives those of Ingresses and Services instead.
 */
import { execSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { soakLoadBalancers } from './load-balancers.ts';
import { soak } from './soak.ts';

const LIVES = { cluster: soak, 'load-balancers': soakLoadBalancers } as const;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    life: { type: 'string', default: 'cluster' },
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

if (!Object.hasOwn(LIVES, values.life)) {
  console.error(`soak: --life is one of ${Object.keys(LIVES).join(', ')}`);
  process.exit(2);
}
const live = LIVES[values.life as keyof typeof LIVES];

let failed = 0;
let steps = 0;
for (let seed = from; seed < from + count; seed++) {
  const outcome = await live(seed);
  steps += outcome.steps.length;
  if (values.seed !== undefined) for (const step of outcome.steps) console.log(step);
  if (outcome.broken.length === 0) continue;
  failed++;
  console.log(
    `FAIL seed=${seed} commit=${commit()}  (npm run soak -- --life ${values.life} --seed ${seed})`,
  );
  for (const step of outcome.steps) console.log(`  ${step}`);
  for (const sentence of outcome.broken.slice(0, 10)) console.log(`  BROKEN ${sentence}`);
}
console.log(`soak: ${count} seeds, ${steps} steps, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
