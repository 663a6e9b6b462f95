/**
 * cli/render/trace — a trace for a person: the verdict first, one line a hop, rewrites visible, the
 * rule that blocks and the least to change last.
 */
import type { TraceAnswer } from '../../analysis/trace/question.ts';
import { formatProbability } from '../../datapath/chance.ts';
import type { Element, Hop, Layer, Step } from '../../datapath/trace.ts';
import type { Branch } from '../../datapath/walk/flow.ts';
import { formatPacket } from '../../net/index.ts';
import { hopsOfLayer } from './trace-json.ts';
import { nameLines } from './trace-name.ts';
import { wrap } from './wrap.ts';

/** What colour says, where there is one. */
export interface TracePaint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly faint: (text: string) => string;
}

export interface TraceView {
  readonly layer?: Layer | undefined;
  /** Every step with what it rests on. */
  readonly verbose: boolean;
  /** Every way in full, not just one of each outcome. */
  readonly allBranches: boolean;
  readonly paint: TracePaint;
  /** What a place is called for a person: with its Name tag, without its domain. */
  readonly nameOf: (place: string) => string;
}

/** `denied-by-security-group` reads `denied by security group`. */
const spoken = (disposition: string): string => disposition.replaceAll('-', ' ');

/** The whole answer, without a final newline. @param instead  what is shown in place of the ways */
export function traceText(
  answer: TraceAnswer,
  view: TraceView,
  instead?: readonly string[] | undefined,
): string {
  const isGood = answer.disposition === 'delivered';
  const head = spoken(answer.disposition).toUpperCase();
  const lines = [
    `${isGood ? view.paint.good(head) : view.paint.bad(head)}  ${answer.from} -> ${answer.to}`,
    ...verdictLines(answer, isGood),
  ];
  if (answer.name !== undefined) lines.push('', ...nameLines(answer.name, view.verbose));
  lines.push(...(instead === undefined ? waysText(answer.branches, view) : ['', ...instead]));
  const { remedy } = answer;
  if (remedy !== undefined && !isGood) {
    // What is not simulated is neither allowed nor forbidden: there is something to ask instead.
    const heading = answer.disposition === 'not-simulated' ? 'to find out: ' : 'to allow it: ';
    lines.push('', ...wrap(remedy.text, heading));
    if (remedy.command !== undefined) lines.push(`  ${remedy.command}`);
  }
  for (const note of answer.notes) lines.push('', ...wrap(note, 'note: '));
  return lines.join('\n');
}

function verdictLines({ text, code }: TraceAnswer, isGood: boolean): string[] {
  return wrap(isGood || code === undefined ? text : `${text} [${code}]`, '  ');
}

/** The ways: those shown in full, and a table of the others. */
function waysText(branches: readonly Branch[], view: TraceView): string[] {
  const shown = view.allBranches ? branches : firstOfEachOutcome(branches);
  const whole = branches.reduce((sum, { probability }) => sum + probability, 0);
  const lines = shown.flatMap((branch) => ['', ...branchLines(branch, whole, view)]);
  const rest = branches.filter((branch) => !shown.includes(branch));
  if (rest.length === 0) return lines;
  const ways = `${rest.length} more way${rest.length === 1 ? '' : 's'} (--all-backends shows them in full):`;
  return [...lines, '', ways, ...rest.map((branch) => `  ${wayLine(branch, whole)}`)];
}

function firstOfEachOutcome(branches: readonly Branch[]): readonly Branch[] {
  const seen = new Set<string>();
  return branches.filter(({ disposition, code }) => {
    const outcome = `${disposition} ${code}`;
    if (seen.has(outcome)) return false;
    seen.add(outcome);
    return true;
  });
}

const wayLine = ({ probability, choices, disposition }: Branch, whole: number): string =>
  `${formatProbability(probability / whole).padStart(6)}  ${choices.join(', ')}  ${spoken(disposition)}`;

function branchLines(branch: Branch, whole: number, view: TraceView): string[] {
  const lines: string[] = [];
  if (branch.choices.length > 0) {
    lines.push(
      `${formatProbability(branch.probability / whole)} go to ${branch.choices.join(', ')}:`,
    );
  }
  lines.push(`there  ${formatPacket(branch.sent)}`);
  lines.push(...hopLines(hopsOfLayer(branch.forward, view.layer), view));
  if (branch.return !== undefined && branch.return.length > 0) {
    lines.push('back');
    lines.push(...hopLines(hopsOfLayer(branch.return, view.layer), view));
  }
  return lines;
}

function hopLines(hops: readonly Hop[], view: TraceView): string[] {
  const names = hops.map(({ node }) => view.nameOf(node));
  const width = Math.max(0, ...names.map((name) => name.length));
  return hops.flatMap((hop, index) => {
    const place = `  ${String(index + 1).padStart(2)}  ${names[index]!.padEnd(width)}  `;
    if (view.verbose)
      return [place.trimEnd(), ...hop.steps.flatMap((step) => stepLines(step, view))];
    const isBad = hop.steps.some(({ action }) => action === 'deny' || action === 'drop');
    const lines = hopSummary(hop, place);
    return isBad ? lines.map(view.paint.bad) : lines;
  });
}

/** One line a step, rewrites of the header marked, without what the hop's name says already. */
function hopSummary({ node, steps }: Hop, place: string): string[] {
  const blank = ' '.repeat(place.length);
  const said = steps.filter((step, index) => !isSaidByNext(step, steps[index + 1]));
  const lines = said.flatMap(({ text, rewritten }, index) => {
    const first = index === 0 ? place : blank;
    return wrap(`${rewritten === undefined ? '' : '=> '}${withoutPlace(text, node)}`, first);
  });
  return lines.length === 0 ? [`${place}passes`] : lines;
}

/** The choice of an endpoint before its rewrite; arriving before what is there. */
function isSaidByNext({ action, kind, layer }: Step, next: Step | undefined): boolean {
  if (next === undefined || layer === 'load-balancer') return false;
  if (action === 'choose') return next.rewritten !== undefined;
  return action === 'deliver' && kind === 'ip-route';
}

/** `eni-0a…: no rule allows it` at the hop `eni-0a…` is `no rule allows it`. */
function withoutPlace(text: string, place: string): string {
  const name = place.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text
    .replace(new RegExp(`^${name}(:| (?=[a-z]))\\s*`), '')
    .replace(new RegExp(` (of|in) ${name}(?![\\w./-])`), '');
}

function stepLines(step: Step, view: TraceView): string[] {
  const mark = step.action === 'deny' || step.action === 'drop' ? 'x' : '-';
  const head = wrap(step.text, `      ${mark} ${step.layer.padEnd(13)} `);
  const { decisive, considered = [], code } = step.evidence;
  const why = [
    ...decisive.map((element) => `by ${elementText(element)}`),
    ...considered.map((element) => `no match: ${elementText(element)}`),
    ...(code === undefined ? [] : [`code ${code}`]),
  ];
  return [...head, ...why.flatMap((line) => wrap(line, ' '.repeat(24))).map(view.paint.faint)];
}

const elementText = ({ kind, object, rule, field }: Element): string =>
  [kind, object, rule, field && `(${field})`].filter((part) => part !== undefined).join(' ');
