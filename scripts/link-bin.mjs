// Lets `npx ekstwin` work inside a clone: npm links a package's bin only where it is installed.
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';

if (existsSync('node_modules') && existsSync('dist/cli/main.js')) {
  chmodSync('dist/cli/main.js', 0o755);
  mkdirSync('node_modules/.bin', { recursive: true });
  rmSync('node_modules/.bin/ekstwin', { force: true });
  symlinkSync('../../dist/cli/main.js', 'node_modules/.bin/ekstwin');
}
