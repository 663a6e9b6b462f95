import { beforeAll, expect, test } from 'vitest';
import { shop } from '../analysis/trace/trace.fixture.ts';
import { InputError } from '../model/input-error.ts';
import { seeded } from '../sim/random.ts';
import type { Twin } from '../twin/twin.ts';
import { imageAnswer, parseImageAnswers } from './http/image-answers.ts';
import { parseUrl } from './http/message.ts';
import { PROGRAMS } from './programs.ts';
import { parseScript } from './script/parse-script.ts';
import { ScriptError } from './script/syntax.ts';
import { podOf, say, worldOf } from './shell.fixture.ts';

let twin: Twin;
beforeAll(async () => {
  twin = await shop();
}, 60_000);

const PIECES = (
  "echo a b $HOME ${X:-y} ${#X} ${A%%*} ${A//a/b} $(echo x) `pwd` $((1+2)) $((1/0)) \"q $X\" 's' $'\\t' " +
  'if then else fi for i in do done while until case esac ;; ; & && || | ! ( ) { } < > >> 2>&1 /tmp/f ' +
  '<<EOF EOF # \\ * ? [a-z] [ ] test -f -eq 1 0 -1 99999999999 cat grep -E -o .* ( sed s/a/b/g awk ' +
  '{print $1} cut -d: -f1- tr a-z sort uniq wc head -n tail seq 5 printf %s\\n %d xargs timeout 1 sleep 1 ' +
  'curl -s -v -m 1 http://api http://[::1] http://x:99999 -w %{http_code} -H A:b -d @/etc/hosts --resolve ' +
  'nc -zv api 80 ping -c 1 dig +short @10.0.0.1 -x nslookup host getent hosts ip addr ss -tln wget -qO- ' +
  'export A=1 set -e -u cd / ls read x exit 3 return break continue shift eval . source unset trap é 😀 \ud800'
).split(' ');

test('no script makes the shell throw', async () => {
  const random = seeded(7);
  const pod = podOf(twin, 'shop', 'web');
  let ran = 0;
  for (let i = 0; i < 1_500; i++) {
    const words = Array.from(
      { length: 1 + random.int(12) },
      () => PIECES[random.int(PIECES.length)]!,
    );
    const script = words.join(random.int(4) === 0 ? '' : ' ');
    const { status } = await say(worldOf(twin), pod, ['sh', '-c', script]);
    expect(Number.isInteger(status), script).toBe(true);
    ran++;
  }
  expect(ran).toBe(1_500);
}, 120_000);

test('no words make a program throw', async () => {
  const random = seeded(11);
  const pod = podOf(twin, 'shop', 'web');
  for (const name of PROGRAMS.keys()) {
    for (let i = 0; i < 12; i++) {
      const words = Array.from({ length: random.int(6) }, () => PIECES[random.int(PIECES.length)]!);
      const input = random.int(2) === 0 ? '' : 'a b\nc:d\n\n';
      const said = await say(worldOf(twin), pod, ['timeout', '20', name, ...words], { input });
      expect(Number.isInteger(said.status), `${name} ${words.join(' ')}`).toBe(true);
    }
  }
}, 120_000);

test('any text is a script or a ScriptError, any URL one or none, any answers file one or an InputError', () => {
  const random = seeded(13);
  const signs = '$(){}[]"\'`\\|&;<>#!*?=:/@%+-. \n\tabc01';
  for (let i = 0; i < 20_000; i++) {
    const text = random.text(1 + random.int(24), signs);
    try {
      parseScript(text);
    } catch (failure) {
      expect(failure, text).toBeInstanceOf(ScriptError);
    }
    parseUrl(text);
  }
  expect(() => parseScript('('.repeat(10_000))).toThrow(ScriptError);
  for (const part of ['$(', '${a:-', 'a()', '"$(', 'if ', '{ ', '! '])
    expect(() => parseScript(part.repeat(10_000)), part).toThrow(ScriptError);
  for (let i = 0; i < 2_000; i++) {
    const text = `- image: ${random.text(4, 'ab*:[]{')}\n  paths: ${random.text(9, '[]{}path:/, "1')}\n`;
    try {
      parseImageAnswers(text, 'answers.yaml');
    } catch (failure) {
      expect(failure, text).toBeInstanceOf(InputError);
    }
  }
});

test('a mistake in an answers file is told with its place', () => {
  const text = '- image: shop/*\n  paths:\n    - {path: /health, status: 700}\n';
  expect(() => parseImageAnswers(text, 'answers.yaml')).toThrow(
    'answers.yaml:3:23: status is not between 100 and 599',
  );
  const sound = parseImageAnswers(text.replace('700', '201'), 'answers.yaml');
  const url = parseUrl('http://x/health');
  if (typeof url === 'string') throw new Error(url);
  expect(imageAnswer(sound, 'shop/web:1', 80, { method: 'HEAD', url })?.status).toBe(201);
  expect(imageAnswer(sound, 'other/web', 80, { method: 'GET', url })).toBeUndefined();
});

test.each([
  ['eval', `x='eval "$x"'; eval "$x"`],
  ['functions', 'f() { f; }; f'],
  ['a script that runs itself', "echo 'sh /tmp/a' > /tmp/a; sh /tmp/a"],
  ['output', 'while :; do seq 90000; done > /dev/null'],
  ['a variable', 'a=x; while :; do a=$a$a; done'],
])(
  '%s without end is ended',
  async (_, script) => {
    const { status } = await say(worldOf(twin), podOf(twin, 'shop', 'web'), ['sh', '-c', script]);
    expect(status).toBe(137);
  },
  60_000,
);
