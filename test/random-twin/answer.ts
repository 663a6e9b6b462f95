/** test/random-twin/answer — a trace as bytes, and what it cites. */
import { type TraceQuestion, traceAnswer } from '../../src/analysis/trace/question.ts';
import type { Element } from '../../src/datapath/trace.ts';
import { InputError } from '../../src/model/input-error.ts';
import { formatIp } from '../../src/net/index.ts';
import type { Datapath } from '../../src/twin/datapath.ts';

export interface Answer {
  /** undefined: there is no such end here; `bytes` says so. */
  readonly trace: ReturnType<typeof traceAnswer> | undefined;
  readonly bytes: string;
}

const plain = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? formatIp(value) : value;

/** Asks; a user's mistake is an answer too, anything else that is thrown is a failure. */
export function ask(datapath: Datapath, question: TraceQuestion): Answer {
  try {
    const trace = traceAnswer(datapath, question);
    return { trace, bytes: JSON.stringify(trace, plain) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { trace: undefined, bytes: `${error.where}: ${error.problem}; ${error.hint}` };
  }
}

export interface Cited {
  readonly decisive: readonly Element[];
  readonly considered: readonly Element[];
}

/** Every element a trace cites, queries of names included. */
export function citedBy({ trace }: Answer): Cited {
  const found = { decisive: [] as Element[], considered: [] as Element[] };
  collect(trace, found);
  return found;
}

function collect(value: unknown, found: { decisive: Element[]; considered: Element[] }): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, it] of Object.entries(value)) {
    // A step has `{ decisive, considered }`; a query of a name has what decided it as a list.
    if (key === 'decisive' || (key === 'evidence' && Array.isArray(it)))
      found.decisive.push(...(it as Element[]));
    else if (key === 'considered') found.considered.push(...((it ?? []) as Element[]));
    else collect(it, found);
  }
}
