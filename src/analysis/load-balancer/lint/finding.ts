/** analysis/load-balancer/lint/finding — one thing that is wrong, or odd, in a user's files. */
import type { Where } from '../../../model/input-error.ts';

/**
 * `error`: nothing will be made of it, or not what it says. `warning`: it works, not as most expect,
 * or not for long. `advice`: a habit that keeps trouble away.
 */
export type Severity = 'error' | 'warning' | 'advice';

export interface Finding {
  /** `file:line:column` */
  readonly where: Where;
  readonly severity: Severity;
  /** What was checked, in a word that can be searched for: `unknown-annotation`. */
  readonly check: string;
  /** `ingress/shop/web` */
  readonly object: string;
  readonly text: string;
  /** What to write instead. */
  readonly hint: string;
}

const ORDER: Readonly<Record<Severity, number>> = { error: 0, warning: 1, advice: 2 };

/** By file, line and column as numbers, then by how bad it is. */
export function inReadingOrder(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => {
    const [left, right] = [placeOf(a.where), placeOf(b.where)];
    if (left.file !== right.file) return left.file < right.file ? -1 : 1;
    return (
      left.line - right.line ||
      left.column - right.column ||
      ORDER[a.severity] - ORDER[b.severity] ||
      (a.check < b.check ? -1 : 1)
    );
  });
}

function placeOf(where: Where): { file: string; line: number; column: number } {
  const match = /^(.*?):(\d+):(\d+)$/s.exec(where);
  if (match === null) return { file: where, line: 0, column: 0 };
  return { file: match[1]!, line: Number(match[2]), column: Number(match[3]) };
}
