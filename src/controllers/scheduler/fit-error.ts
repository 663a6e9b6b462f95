/**
 * controllers/scheduler/fit-error — the sentence that tells why a pod waits.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/framework/types.go FitError.Error: `count reason`
 * texts, sorted as texts, then what preemption found.
 */
import type { Refusal } from './filters.ts';
import { NOT_HELPFUL, NOT_NAMED } from './reasons.data.ts';

export const NO_NODES = 'no nodes available to schedule pods';

/** Reasons with how many nodes gave each. */
export class Diagnosis {
  readonly #counts = new Map<string, number>();
  /** Nodes where preemption might help. */
  readonly resolvable: number[] = [];
  readonly nodes: number;
  refused = 0;

  constructor(nodes: number) {
    this.nodes = nodes;
  }

  refuse(index: number, refusal: Refusal): void {
    this.refused++;
    if (refusal.isResolvable) this.resolvable.push(index);
    for (const reason of refusal.reasons) this.add(reason, 1);
  }

  add(reason: string, nodes: number): void {
    if (nodes > 0) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + nodes);
  }

  /** `0/3 nodes are available: 1 Insufficient cpu, 2 Too many pods.` */
  text(): string {
    const reasons = [...this.#counts].map(([reason, count]) => `${count} ${reason}`).sort();
    const listed = reasons.length === 0 ? '' : ` ${reasons.join(', ')}.`;
    return `0/${this.nodes} nodes are available:${listed}`;
  }
}

/** Nodes a pinned pod was never meant for. */
export function refuseOthers(diagnosis: Diagnosis): void {
  diagnosis.add(NOT_NAMED, diagnosis.nodes - diagnosis.refused);
}

/** What is said of preemption when it found nothing: reasons, and nodes it cannot help on. */
export function preemptionText(nodes: number, reasons: readonly string[]): string {
  const diagnosis = new Diagnosis(nodes);
  for (const reason of reasons) diagnosis.add(reason, 1);
  diagnosis.add(NOT_HELPFUL, nodes - reasons.length);
  return `preemption: ${diagnosis.text()}`;
}
