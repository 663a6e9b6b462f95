import { beforeAll, describe, expect, test } from 'vitest';
import { shop } from '../../analysis/trace/trace.fixture.ts';
import type { Twin } from '../../twin/twin.ts';
import type { Machine } from '../session.ts';
import { podOf, say, worldOf } from '../shell.fixture.ts';

let twin: Twin;
let web: Machine;
beforeAll(async () => {
  twin = await shop();
  web = podOf(twin, 'shop', 'web');
}, 60_000);

const sh = async (script: string): Promise<string> => {
  const { out, err, status } = await say(worldOf(twin), web, ['sh', '-c', script]);
  return `${out}${err}${status === 0 ? '' : `[${status}]`}`;
};

describe('the built-in shell', () => {
  test.each([
    ['lists, and, or, not', 'true && echo a || echo b; ! false; false || echo c', 'a\nc\n'],
    ['quotes', `A='x y'; echo $A "$A" '$A' \\$A $'t\\tb'`, 'x y x y $A $A t\tb\n'],
    ['defaults', 'echo ${NO:-none} ${HOME#/} ${#HOME} ${NO:+some}', 'none root 5\n'],
    ['substitution', 'echo $(echo a; echo b) `echo c`; echo "$(false)$?"', 'a b c\n1\n'],
    ['arithmetic', 'i=3; echo $((i * 2 + 1)) $((7 % 4)) $((i > 2 ? 10 : 20))', '7 3 10\n'],
    [
      'if and test',
      'if [ 1 -lt 2 ] && [ -f /etc/hosts ]; then echo yes; else echo no; fi',
      'yes\n',
    ],
    ['for', 'for i in a b "c d"; do echo "<$i>"; done', '<a>\n<b>\n<c d>\n'],
    [
      'while',
      'n=0; while [ $n -lt 3 ]; do n=$((n+1)); [ $n = 2 ] && continue; echo $n; done',
      '1\n3\n',
    ],
    ['until', 'n=0; until [ $n -ge 2 ]; do n=$((n+1)); done; echo $n', '2\n'],
    ['case', 'case web-1 in api*) echo a;; web-[0-9]|x) echo w;; *) echo o;; esac', 'w\n'],
    ['functions', 'f() { echo "$1-$#"; return 3; }; f a b; echo $?', 'a-2\n3\n'],
    ['set -e', 'set -e; false; echo never', '[1]'],
    ['set -e and a condition', 'set -e; if false; then :; fi; false || true; echo on', 'on\n'],
    ['subshells', 'A=1; (A=2; cd /tmp; echo $A; pwd); echo $A; pwd', '2\n/tmp\n1\n/\n'],
    [
      'redirection',
      'echo hi > /tmp/f; echo ho >> /tmp/f; cat < /tmp/f; ls nix 2>/dev/null; rm /tmp/f',
      'hi\nho\n',
    ],
    ['errors into a pipe', 'cat /nix 2>&1 | grep -c "No such"', '1\n'],
    ['here-documents', 'cat <<EOF\n$HOME\nEOF', '/root\n'],
    ['pipefail', 'set -o pipefail; false | true; echo $?', '1\n'],
    ['exit', 'exit 3; echo never', '[3]'],
    ['unknown program', 'foo', 'sh: foo: not found\nekstwin: the built-in shell has no foo\n[127]'],
    ['syntax', 'if true', 'sh: syntax error: unexpected end of file\n[2]'],
    ['arrays are named', 'a=(1 2)', 'sh: arrays are not built into this shell\n[2]'],
    ['grep', 'printf "a1\\nb2\\na3\\n" | grep -nE "a[0-9]+"', '1:a1\n3:a3\n'],
    [
      'grep -o',
      'echo "ip 10.0.0.1, 10.0.0.2" | grep -oE "[0-9.]{7,}" | sort -r',
      '10.0.0.2\n10.0.0.1\n',
    ],
    ['sed', 'echo "a/b/c" | sed "s/\\//-/g" | sed -n "s#b#X#p"', 'a-X-c\n'],
    ['sed -n p', 'seq 5 | sed -n "2,3p"', '2\n3\n'],
    [
      'sed names what it lacks',
      'echo a | sed y/a/b/',
      "sed: -e expression #1: the command `y' is not built into this sed (s, p, d, q are)\n[1]",
    ],
    ['awk', `echo "a b c" | awk '{print $2, $NF}'`, 'b c\n'],
    [
      'awk names what it lacks',
      `echo a | awk '{s+=$1}'`,
      "awk: this program is not built in: only '/EXPRESSION/ {print $1, $2}' is\n[2]",
    ],
    ['cut, tr, wc', 'echo a:b | cut -d: -f2 | tr a-z A-Z; echo a b | wc -w', 'B\n2\n'],
    ['sort, uniq', 'printf "b\\na\\nb\\n" | sort | uniq -c', '      1 a\n      2 b\n'],
    ['head, tail', 'seq 10 | head -3 | tail -n 1', '3\n'],
    ['xargs', 'echo a b | xargs -n1 echo =', '= a\n= b\n'],
    ['tee', 'echo x | tee /tmp/t; cat /tmp/t', 'x\nx\n'],
    ['printf', 'printf "%s=%03d\\n" a 5 b 6', 'a=005\nb=006\n'],
    ['globs', 'touch /tmp/g1 /tmp/g2; echo /tmp/g*; rm /tmp/g*', '/tmp/g1 /tmp/g2\n'],
    ['timeout', 'timeout 2 sleep 10; echo $?', '124\n'],
    ['read', 'printf "a b\\nc\\n" | while read x y; do echo "$x/$y"; done', 'a/b\nc/\n'],
    ['date', 'date -u +%Y', '2026\n'],
    ['background is said by its order', 'echo a & echo b', 'a\nb\n'],
  ])('%s', async (_, script, expected) => {
    expect(await sh(script)).toBe(expected);
  });

  test('a loop that never ends is ended, and what is written without end too', async () => {
    const { status, err } = await say(worldOf(twin), web, ['sh', '-c', 'while :; do :; done']);
    expect(status).toBe(137);
    expect(err).toContain('too many commands');
  }, 60_000);

  test('files that were written stay with the container', async () => {
    await sh('echo kept > /tmp/kept');
    expect(await sh('cat /tmp/kept')).toBe('kept\n');
    const other = podOf(twin, 'shop', 'quiet');
    expect((await say(worldOf(twin), other, ['cat', '/tmp/kept'])).status).toBe(1);
  });

  test('a person at a prompt: echo, backspace, an unfinished line, Ctrl-D', async () => {
    const input = 'echo hx\x7fi\rif true\rthen echo yes; fi\rexit 4\r';
    const { out, status } = await say(worldOf(twin), web, ['bash'], { input, isTerminal: true });
    expect(out).toContain('\nhi\n');
    expect(out).toContain('\nyes\n');
    expect(status).toBe(4);
  });
});
