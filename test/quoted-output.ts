/**
 * test/quoted-output — blocks in Markdown that show what a command prints, kept by machine.
 *
 *     <!-- shows: until ^SUBNET; section ^NODE -->
 *     ```console
 *     $ ekstwin capacity -f .
 *     …
 *     ```
 *
 * Selectors, joined by semicolons: `all` (also without a comment), `until RE` (lines before the
 * first match), `section RE` (from the first match to the next empty line), `grep RE`, `lines A-B`,
 * `stderr` (notes and errors, too). A line of … stands for lines left out.
 *
 * A command with a variable of the shell in it is not ours: see test/console-page.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Outcome } from './ekstwin-command.ts';

const BLOCK = /(?:^<!-- shows: (.+) -->\n)?^```console\n\$ (ekstwin [^\n$]*)\n([\s\S]*?)^```$/gm;

/** Line numbers that one selector takes. */
function selected(selector: string, lines: readonly string[]): number[] {
  const [verb = '', ...rest] = selector.split(' ');
  const argument = rest.join(' ');
  const all = lines.map((_, i) => i);
  const first = (): number => {
    const at = lines.findIndex((line) => new RegExp(argument).test(line));
    if (at < 0) throw new Error(`no line matches ${argument}`);
    return at;
  };
  switch (verb) {
    case 'all':
      return all;
    case 'until':
      return all.slice(0, first());
    case 'section': {
      const start = first();
      const end = lines.indexOf('', start);
      return all.slice(start, end < 0 ? lines.length : end);
    }
    case 'grep':
      first();
      return all.filter((i) => new RegExp(argument).test(lines[i]!));
    case 'lines': {
      const [from = '1', to = from] = argument.split('-');
      return all.slice(Number(from) - 1, Number(to));
    }
    default:
      throw new Error(`no selector "${selector}"`);
  }
}

/** What a block shows of an outcome. */
function quote(outcome: Outcome, selectors: readonly string[]): string {
  const [stdout = '', stderr = ''] = outcome.text.split('[stderr]\n');
  const withErrors = stdout === '' || selectors.includes('stderr');
  const text = withErrors ? stdout + stderr : stdout;
  const lines = text.replace(/\n+$/, '').split('\n');
  const chosen = selectors.filter((it) => it !== 'stderr');
  const wanted = new Set((chosen.length > 0 ? chosen : ['all']).flatMap((s) => selected(s, lines)));
  const shown: string[] = [];
  lines.forEach((line, i) => {
    if (!wanted.has(i)) {
      if (shown.length > 0 && shown.at(-1) !== '…') shown.push('…');
    } else if (line !== '' || wanted.has(i + 1)) shown.push(line);
  });
  return shown.map((line) => `${line.trimEnd()}\n`).join('');
}

/** The page as it should be. `outcomeOf` runs a command line where the page says it runs. */
export const withQuotes = (page: string, outcomeOf: (command: string) => Outcome): string =>
  page.replace(BLOCK, (_, shows: string | undefined, command: string) => {
    const selectors = (shows ?? 'all').split(';').map((it) => it.trim());
    const comment = shows === undefined ? '' : `<!-- shows: ${shows} -->\n`;
    let body: string;
    try {
      body = quote(outcomeOf(command), selectors);
    } catch (problem) {
      throw new Error(`$ ${command}: ${(problem as Error).message}`);
    }
    return `${comment}\`\`\`console\n$ ${command}\n${body}\`\`\``;
  });

/** Reads a page, brings its quotes up to date when asked to, and returns it as it is and should be. */
export function checkedPage(
  path: string,
  outcomeOf: (command: string) => Outcome,
): { readonly is: string; readonly should: string } {
  const is = readFileSync(path, 'utf8');
  const should = withQuotes(is, outcomeOf);
  if (process.env.UPDATE_EXAMPLES !== '1') return { is, should };
  writeFileSync(path, should);
  return { is: should, should };
}
