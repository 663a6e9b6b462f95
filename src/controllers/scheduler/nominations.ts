/**
 * controllers/scheduler/nominations — room promised to pods that preempted others and wait for them
 * to leave.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/backend/queue/nominator.go.
 */
import type { PodClass } from './pod-class.ts';

interface Nomination {
  readonly nodeName: string;
  readonly podClass: PodClass;
}

export class Nominations {
  readonly #byPod = new Map<string, Nomination>();

  get size(): number {
    return this.#byPod.size;
  }

  nominate(podKey: string, nodeName: string, podClass: PodClass): void {
    this.#byPod.set(podKey, { nodeName, podClass });
  }

  withdraw(podKey: string): void {
    this.#byPod.delete(podKey);
  }

  nodeOf(podKey: string): string | undefined {
    return this.#byPod.get(podKey)?.nodeName;
  }

  /** Pods other than `podKey` that were promised the node and matter at least as much. */
  on(nodeName: string, priority: number, podKey: string): readonly PodClass[] {
    if (this.#byPod.size === 0) return NOBODY;
    const found: PodClass[] = [];
    for (const [key, nomination] of this.#byPod) {
      if (key === podKey || nomination.nodeName !== nodeName) continue;
      if (nomination.podClass.priority >= priority) found.push(nomination.podClass);
    }
    return found;
  }

  /** Pods promised the node that matter less than `priority`. */
  below(nodeName: string, priority: number): readonly string[] {
    const found: string[] = [];
    for (const [key, nomination] of this.#byPod) {
      if (nomination.nodeName === nodeName && nomination.podClass.priority < priority)
        found.push(key);
    }
    return found;
  }
}

const NOBODY: readonly PodClass[] = [];
