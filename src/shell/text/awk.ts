/**
 * shell/text/awk — awk as far as it picks fields: `{print $1, $NF}` with an expression or a line
 * number before it. Anything else is named as not built in.
 */
import { parseOptions } from '../options.ts';
import type { Run } from '../run.ts';
import { linesOf, textsOf } from './lines.ts';
import { literal, regularExpression } from './regular-expression.ts';

const NUMBER = /(NR\s*(?:==|>|<|>=|<=)\s*\d+)/;
const LINE = /\/((?:\\.|[^/\\])*)\//;
const PRINT = /\{\s*print\s*([^;{}]*?)\s*;?\s*\}/;
const PROGRAM = new RegExp(
  `^\\s*(?:${NUMBER.source}|${LINE.source}|(END))?\\s*(?:${PRINT.source})?\\s*$`,
);
const ITEM = /^\s*(?:\$(\d+|NF)|"((?:\\.|[^"\\])*)"|(NR|NF)|(,))/;

export async function awk(run: Run): Promise<number> {
  const options = parseOptions(run.args, { flags: '', valued: 'Fv', stopsAtWord: true });
  if (typeof options === 'string') {
    run.err(`awk: ${options}\n`);
    return 2;
  }
  const [program = '', ...files] = options.words;
  const found = PROGRAM.exec(program);
  const items = found === null || options.has('v') ? undefined : readItems(found[4] ?? '');
  const expression = regularExpression(found?.[2] ?? '', { isExtended: true });
  if (items === undefined || found === null || expression === undefined || found[3] !== undefined) {
    run.err("awk: this program is not built in: only '/EXPRESSION/ {print $1, $2}' is\n");
    return 2;
  }
  const separator = options.value('F');
  const split = (line: string): readonly string[] => {
    if (separator === undefined || separator === ' ') return line.trim().split(/\s+/);
    const by = separator.length === 1 ? new RegExp(literal(separator)) : undefined;
    return line.split(by ?? regularExpression(separator, { isExtended: true }) ?? separator);
  };
  const { texts, isWhole } = await textsOf(run, files);
  let number = 0;
  for (const line of texts.flatMap(({ text }) => linesOf(text))) {
    number++;
    if (found[1] !== undefined && !isNumber(found[1], number)) continue;
    if (found[2] !== undefined && !expression.test(line)) continue;
    const fields = line.trim() === '' ? [] : split(line);
    run.out(
      `${items.length === 0 ? line : items.map((item) => item(line, fields, number)).join('')}\n`,
    );
  }
  return isWhole ? 0 : 2;
}

type Item = (line: string, fields: readonly string[], number: number) => string;

function readItems(text: string): readonly Item[] | undefined {
  const items: Item[] = [];
  let left = text;
  while (left.trim() !== '') {
    const found = ITEM.exec(left);
    if (found === null) return undefined;
    const [all, field, quoted, variable, comma] = found;
    left = left.slice(all.length);
    if (comma !== undefined) items.push(() => ' ');
    else if (quoted !== undefined) {
      const said = quoted.replaceAll('\\n', '\n').replaceAll('\\t', '\t').replaceAll('\\"', '"');
      items.push(() => said);
    } else if (variable !== undefined)
      items.push((_line, fields, number) => String(variable === 'NR' ? number : fields.length));
    else
      items.push((line, fields) => {
        if (field === 'NF') return fields.at(-1) ?? '';
        return field === '0' ? line : (fields[Number(field) - 1] ?? '');
      });
  }
  return items;
}

function isNumber(condition: string, number: number): boolean {
  const [, operator, wanted] = /(==|>=|<=|>|<)\s*(\d+)/.exec(condition) ?? [];
  const than = Number(wanted);
  if (operator === '==') return number === than;
  if (operator === '>') return number > than;
  if (operator === '<') return number < than;
  return operator === '>=' ? number >= than : number <= than;
}
