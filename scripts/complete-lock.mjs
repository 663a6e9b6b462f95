// Completes package-lock.json after `npm install` on a registry that lacks packages of other
// platforms: npm leaves out an optional dependency it cannot find, and `npm ci` then refuses the
// lock file as out of step. Their versions are exact in the packages that name them; what platform
// each is for is in its name.
import { readFileSync, writeFileSync } from 'node:fs';

const PATH = 'package-lock.json';
const OSES = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const CPUS = [
  'arm64',
  'arm',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

/** `@biomejs/cli-linux-x64-musl` → os linux, cpu x64, libc musl. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = OSES.find((it) => words.includes(it));
  const cpu = CPUS.find((it) => words.includes(it));
  const libc = words.find((it) => it === 'musl' || it === 'gnu');
  return {
    ...(libc && os === 'linux' ? { libc: [libc === 'gnu' ? 'glibc' : 'musl'] } : {}),
    cpu: [cpu ?? (words.includes('wasm32') ? 'wasm32' : 'none')],
    ...(os ? { os: [os] } : {}),
  };
}

const lock = JSON.parse(readFileSync(PATH, 'utf8'));
let added = 0;
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (lock.packages[key] !== undefined) continue;
    lock.packages[key] = {
      version: version.replace(/^[\^~]/, ''),
      ...platformOf(name),
      ...(parent.dev ? { dev: true } : {}),
      optional: true,
    };
    added++;
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
writeFileSync(PATH, `${JSON.stringify(lock, undefined, 2)}\n`);
console.log(`${PATH}: ${added} optional packages of other platforms added`);
