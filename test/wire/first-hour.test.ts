/**
 * examples/first-hour as its reader types it: `ekstwin up`, then every console block of the page in
 * one bash with the real kubectl and aws; what is printed is what the page shows, but for what
 * differs from run to run. After a wanted change: UPDATE_EXAMPLES=1, and read the diff.
 */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consoleBlocks, withPrinted } from '../console-page.ts';
import { EKSTWIN, ensureBuilt } from '../ekstwin-command.ts';
import { ServedTwin } from '../served-twin.ts';
import { missingFrom } from '../workshop/expectation.ts';
import { PageShell } from '../workshop/page-shell.ts';
import { awsClis, kubectls } from './tools.ts';

const STORY = 'examples/first-hour';
const PAGE = join(STORY, 'README.md');
const TIMEOUT_MS = 60_000;
const tools = kubectls();
const areThere = tools.length > 0 && awsClis().length > 0;

describe.skipIf(!areThere)('examples/first-hour (needs kubectl and aws)', () => {
  let served: ServedTwin;
  beforeAll(async () => {
    ensureBuilt();
    served = new ServedTwin(EKSTWIN);
    await served.start(['-f', STORY, '--data', 'memory', '--speed', '10x']);
  }, 240_000);
  afterAll(() => served?.dispose());

  test.each(tools)(
    'prints what the page shows, with $label',
    async ({ path, version }) => {
      const programs = join(served.folder, version);
      mkdirSync(programs);
      symlinkSync(path, join(programs, 'kubectl'));
      symlinkSync(EKSTWIN, join(programs, 'ekstwin'));
      const preamble = `eval "$(ekstwin env)"\nexport AWS_PAGER=\n`;
      const env = {
        ...served.env,
        PATH: `${programs}:${dirname(process.execPath)}:${process.env.PATH}`,
      };
      const shell = new PageShell(env, preamble);
      const page = readFileSync(PAGE, 'utf8');
      const printed: string[] = [];
      for (const { commands } of consoleBlocks(page)) {
        const { output } = await shell.run(commands.join('\n'), TIMEOUT_MS);
        printed.push(output);
      }
      // The mistake is put back for the next one.
      await shell.run(`kubectl apply -f '${join(process.cwd(), STORY, 'app.yaml')}'`, TIMEOUT_MS);
      shell.dispose();
      if (process.env.UPDATE_EXAMPLES === '1') writeFileSync(PAGE, withPrinted(page, printed));
      const wrong = consoleBlocks(page).flatMap(({ commands, shown }, i) => {
        const missing = [...missingFrom(printed[i]!, shown), ...missingFrom(shown, printed[i]!)];
        return missing.map((line) => `${commands.at(-1)}: ${line}`);
      });
      expect(wrong).toEqual([]);
    },
    240_000,
  );
});
