/** cli/render/lint — findings as compilers print them: place, severity, text, what to write. */
import type { Finding } from '../../analysis/load-balancer/lint/finding.ts';
import { wrap } from './wrap.ts';

export interface LintReport {
  readonly findings: readonly Finding[];
  readonly counts: { readonly errors: number; readonly warnings: number; readonly advice: number };
  readonly checked: { readonly ingresses: number; readonly services: number };
  /** What a cluster is needed for. */
  readonly notChecked: readonly string[];
}

/** The whole report, without a final newline. */
export function lintText({ findings, counts, checked, notChecked }: LintReport): string {
  const lines = findings.flatMap(({ where, severity, object, text, hint, check }) => [
    `${where}: ${severity}: ${object} [${check}]`,
    ...wrap(text, '  '),
    ...wrap(hint, '  hint: '),
  ]);
  if (lines.length > 0) lines.push('');
  const found = [
    counted(counts.errors, 'error'),
    counted(counts.warnings, 'warning'),
    ...(counts.advice > 0 ? [`${counts.advice} of advice`] : []),
  ].join(', ');
  const of = [counted(checked.ingresses, 'Ingress', 'es'), counted(checked.services, 'Service')];
  lines.push(`${found} in ${of.join(' and ')}`);
  if (notChecked.length > 0) {
    lines.push(...wrap(`${notChecked.join('; ')} (add the files of a cluster)`, 'not checked: '));
  }
  return lines.join('\n');
}

const counted = (count: number, word: string, plural = 's'): string =>
  `${count} ${word}${count === 1 ? '' : plural}`;
