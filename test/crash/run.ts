/** test/crash/run — `npm run crash -- [--points N] [--seed N]`. */
import { parseArgs } from 'node:util';
import { EKSTWIN, ensureBuilt } from '../ekstwin-command.ts';
import { crash } from './crash.ts';

const { values } = parseArgs({
  options: { points: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } },
});
ensureBuilt();
const { points, acknowledged, slowestMs, wrong } = await crash(
  EKSTWIN,
  Number(values.points),
  Number(values.seed),
  (line) => console.log(line),
);
for (const sentence of wrong) console.error(sentence);
console.log(
  `${points} crashes, ${acknowledged} writes acknowledged, ${wrong.length} problems; slowest ` +
    `recovery ${slowestMs} ms (seed ${values.seed})`,
);
process.exit(wrong.length === 0 && acknowledged > points ? 0 : 1);
