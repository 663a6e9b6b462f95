/** Checks what the code must look like rather than what it must do; STYLE.md has the reasons. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Lowest first. A file imports its own room and rooms to its left. Order: ARCHITECTURE.md. */
const ROOMS = ['net', 'sim', 'model', 'cloud', 'cluster', 'controllers', 'datapath', 'formats'];
const UPPER_ROOMS = ['twin', 'analysis', 'shell', 'api', 'up', 'lab', 'fleet', 'cli', 'web'];
const LAYERS = [...ROOMS, ...UPPER_ROOMS];
const CORE = new Set([...ROOMS, 'twin', 'analysis', 'shell']);
/** Each with what to write instead. */
const BANNED_IN_CORE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b/, 'take time from the Clock'],
  [/\bnew Date\(\)/, 'take time from the Clock'],
  [/\bMath\.random\b/, 'draw from Random'],
  [/from 'node:/, 'the core runs in a browser'],
];
const BANNED_NAMES =
  /(^|[-/])(utils?|helpers?|common|misc|managers?|handle[a-z]*|data|info|process[a-z]*)\.tsx?$/;
const LINES_MAX = 400;
const COLUMNS_MAX = 100;
const FUNCTION_LINES_MAX = 70;

const room = (file: string): string => file.split('/')[0]!;
/** controllers/vpc-cni and controllers/kubelet are strangers: they meet only in the store. */
const cell = (file: string): string => file.split('/').slice(0, 2).join('/');

/** First lines of functions longer than allowed; a test's describe block is not a function here. */
function longFunctions(lines: readonly string[]): number[] {
  const long: number[] = [];
  lines.forEach((line, start) => {
    const opens =
      /^(\s*)(?:export )?(?:async )?(?:function\*? \w|(?:static |async |#|get |set |\*)*[#\w]+\(.*\{$|const \w+ = .*=> \{$)/;
    const indent = opens.exec(line)?.[1];
    if (indent === undefined || /^\s*(if|for|while|switch|return|else|describe|test)\b/.test(line))
      return;
    const end = lines.findIndex((other, i) => i > start && other.startsWith(`${indent}}`));
    if (end - start + 1 > FUNCTION_LINES_MAX) long.push(start + 1);
  });
  return long;
}

/** What is untidy about a file of src/, one sentence each. */
function untidy(file: string, source: string): string[] {
  const wrong: string[] = [];
  const lines = source.split('\n');
  const isTest = file.includes('.test.') || file.includes('.fixture.');
  const isTable = file.endsWith('.data.ts');
  if (BANNED_NAMES.test(file)) wrong.push(`${file}: a name that says nothing`);
  if (!/^[a-z0-9/.-]+$/.test(file)) wrong.push(`${file}: file names are kebab-case`);
  if (!LAYERS.includes(room(file)))
    wrong.push(`${file}: ${room(file)} is no room of ARCHITECTURE.md`);
  if (!isTest && !isTable && lines.length > LINES_MAX) {
    wrong.push(`${file}: ${lines.length} lines, ${LINES_MAX} allowed`);
  }
  if (!isTest && !/^(#!.*\n)?\/\*\*/.test(source)) {
    wrong.push(`${file}: does not open by saying what it is`);
  }
  if (!isTest && !isTable) {
    for (const at of longFunctions(lines)) {
      wrong.push(`${file}:${at}: a function of more than ${FUNCTION_LINES_MAX} lines`);
    }
  }
  lines.forEach((line, i) => {
    const at = `${file}:${i + 1}`;
    if (!isTable && !isTest && line.length > COLUMNS_MAX && !/https?:|`|'/.test(line)) {
      wrong.push(`${at}: ${line.length} columns, ${COLUMNS_MAX} allowed`);
    }
    if (CORE.has(room(file)) && !isTest) {
      for (const [banned, instead] of BANNED_IN_CORE) {
        if (banned.test(line)) wrong.push(`${at}: ${banned.source} in the core; ${instead}`);
      }
    }
    const target = /(?:from|import\() ?'(\.[^']+)'/.exec(line)?.[1];
    if (target === undefined) return;
    const to = normalize(join(dirname(file), target));
    // Tests may look up: a controller is tested in a whole world.
    if (!isTest && LAYERS.indexOf(room(to)) > LAYERS.indexOf(room(file))) {
      wrong.push(`${at}: ${room(file)} may not import ${room(to)}`);
    }
    if (isTest || room(file) !== 'controllers' || room(to) !== 'controllers') return;
    if (cell(file) !== cell(to)) wrong.push(`${at}: controllers meet only in the store`);
  });
  return wrong;
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /\.tsx?$/.test(file));

describe('tidy', () => {
  test('sees the tree', () => expect(files.length).toBeGreaterThan(100));

  test('every file of src/ keeps the house style', () => {
    const wrong = files.flatMap((file) => untidy(file, readFileSync(join('src', file), 'utf8')));
    expect(wrong).toEqual([]);
  });

  test('every example says what it is and is tested', () => {
    const examples = readdirSync('examples', { withFileTypes: true }).filter((e) =>
      e.isDirectory(),
    );
    expect(examples.length).toBeGreaterThan(0);
    for (const { name } of examples) {
      expect(existsSync(`examples/${name}/README.md`), `${name}/README.md`).toBe(true);
    }
  });

  test('catches an upward import, strangers meeting, a wall clock and a long function', () => {
    const long = `function f() {\n${'  x();\n'.repeat(80)}}\n`;
    expect(
      untidy(
        'controllers/a/b.ts',
        `/** x */\nimport { b } from '../../twin/b.ts';\nimport { c } from '../c/d.ts';\nDate.now();\n${long}`,
      ),
    ).toEqual([
      'controllers/a/b.ts:5: a function of more than 70 lines',
      'controllers/a/b.ts:2: controllers may not import twin',
      'controllers/a/b.ts:3: controllers meet only in the store',
      'controllers/a/b.ts:4: \\bDate\\.now\\b in the core; take time from the Clock',
    ]);
  });
});
