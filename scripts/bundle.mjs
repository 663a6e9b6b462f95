// Makes the command out of the sources: one file a command and what they share, instead of a
// thousand modules that Node would find and compile one by one at every start. The library beside it
// stays what the compiler wrote.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const COMMAND = 'dist/cli';
const NEW = 'dist/.cli-new';
const OLD = 'dist/.cli-old';

rmSync(NEW, { recursive: true, force: true });
await build({
  entryPoints: ['src/cli/main.ts'],
  outdir: NEW,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
});
// Swapped whole: somebody may be running the command just now.
rmSync(OLD, { recursive: true, force: true });
if (existsSync(COMMAND)) renameSync(COMMAND, OLD);
renameSync(NEW, COMMAND);
rmSync(OLD, { recursive: true, force: true });
