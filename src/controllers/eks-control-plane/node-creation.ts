/**
 * controllers/eks-control-plane/node-creation — whether what a managed node group launched becomes
 * nodes: EKS waits for them, and then says that they did not.
 *
 * Source: EKS API reference, Issue (NodeCreationFailure); the texts and the time from public
 * issues: terraform-aws-modules/terraform-aws-eks#1910 (21 min until CREATE_FAILED) and #2041
 * (Unhealthy nodes, after 20 min). A creation that failed stays failed, also when the nodes come
 * later (aws/containers-roadmap#764). Instances found at the start with their time over are left
 * alone.
 * Reads: Node.
 */
import type { NodeGroup } from '../../model/eks/cluster.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { isConditionTrue } from '../../model/kubernetes/condition.ts';
import type { Node } from '../../model/kubernetes/core.ts';
import type { Clock, Millis, Timer } from '../../sim/clock.ts';

type HealthIssue = NodeGroup['healthIssues'][number];

/** From an instance's launch to EKS's patience with it being over. */
export const CREATION_MS: Millis = 20 * 60_000;

/** What was launched within a minute is judged together. */
const TOGETHER_MS = 60_000;

interface Expected {
  readonly instanceId: string;
  readonly launchedAtMs: Millis;
}

/** The instances of one group that are not Ready nodes yet, and those that never became one. */
interface Wait {
  readonly pending: Map<string, Millis>;
  readonly failed: Set<string>;
  timer: Timer | undefined;
  /** All it had were Ready nodes at some time: its creation succeeded. */
  wasComplete: boolean;
}

export const isReadyNode = (node: Node | undefined): boolean =>
  isConditionTrue(node?.status?.conditions, 'Ready');

export class NodeCreation {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #waits = new Map<string, Wait>();
  /** Instance → its group, while it is waited for. */
  readonly #groupOf = new Map<string, string>();
  /** Called when a group's issues changed. */
  readonly #onChange: (groupKey: string) => void;

  constructor(clock: Clock, store: TwinStore, onChange: (groupKey: string) => void) {
    this.#clock = clock;
    this.#store = store;
    this.#onChange = onChange;
  }

  /** The instances a managed group has now. */
  expect(groupKey: string, instances: readonly Expected[]): void {
    const wait: Wait = this.#waits.get(groupKey) ?? {
      pending: new Map(),
      failed: new Set(),
      timer: undefined,
      wasComplete: false,
    };
    const present = new Set(instances.map(({ instanceId }) => instanceId));
    for (const id of [...wait.pending.keys(), ...wait.failed])
      if (!present.has(id)) this.#drop(wait, id);
    for (const { instanceId, launchedAtMs } of instances) {
      if (this.#groupOf.has(instanceId)) continue;
      const untilMs = launchedAtMs + CREATION_MS;
      if (untilMs <= this.#clock.now() || this.#isNode(instanceId)) continue;
      wait.pending.set(instanceId, untilMs);
      this.#groupOf.set(instanceId, groupKey);
    }
    this.#waits.set(groupKey, wait);
    this.#watchTime(groupKey, wait);
  }

  /** A node became Ready. */
  ready(instanceId: string): void {
    const groupKey = this.#groupOf.get(instanceId);
    const wait = groupKey === undefined ? undefined : this.#waits.get(groupKey);
    if (groupKey === undefined || wait === undefined) return;
    const hadFailed = wait.failed.has(instanceId);
    this.#drop(wait, instanceId);
    this.#watchTime(groupKey, wait);
    if (hadFailed) this.#onChange(groupKey);
  }

  /** What EKS says of the group's nodes; nothing while all is well or may become so. */
  issues(groupKey: string): readonly HealthIssue[] {
    const failed = [...(this.#waits.get(groupKey)?.failed ?? [])];
    const hasNode = (id: string): boolean =>
      this.#store.lookupKeys('Node', 'instance', id).size > 0;
    const unhealthy = failed.filter(hasNode);
    const absent = failed.filter((id) => !hasNode(id));
    return [
      ...issueOf('Instances failed to join the kubernetes cluster', absent),
      ...issueOf('Unhealthy nodes in the kubernetes cluster', unhealthy),
    ];
  }

  /** Whether the group is past its creation: what fails now fails later. */
  wasComplete(groupKey: string): boolean {
    return this.#waits.get(groupKey)?.wasComplete === true;
  }

  stop(): void {
    for (const { timer } of this.#waits.values()) timer?.cancel();
  }

  #isNode(instanceId: string): boolean {
    return isReadyNode(this.#store.lookup('Node', 'instance', instanceId)[0]);
  }

  #drop(wait: Wait, instanceId: string): void {
    wait.pending.delete(instanceId);
    wait.failed.delete(instanceId);
    this.#groupOf.delete(instanceId);
  }

  /** One timer a group, for the instance whose time is over first. */
  #watchTime(groupKey: string, wait: Wait): void {
    if (wait.pending.size === 0) {
      wait.timer?.cancel();
      wait.timer = undefined;
      wait.wasComplete ||= wait.failed.size === 0;
    }
    if (wait.pending.size === 0 || wait.timer !== undefined) return;
    const firstMs = Math.min(...wait.pending.values());
    wait.timer = this.#clock.after(firstMs - this.#clock.now(), () => {
      wait.timer = undefined;
      this.#timeIsOver(groupKey, wait);
    });
  }

  #timeIsOver(groupKey: string, wait: Wait): void {
    for (const [instanceId, untilMs] of wait.pending) {
      if (untilMs > this.#clock.now() + TOGETHER_MS) continue;
      wait.pending.delete(instanceId);
      wait.failed.add(instanceId);
    }
    this.#watchTime(groupKey, wait);
    if (wait.failed.size > 0) this.#onChange(groupKey);
  }
}

const issueOf = (message: string, resourceIds: readonly string[]): HealthIssue[] =>
  resourceIds.length === 0 ? [] : [{ code: 'NodeCreationFailure', message, resourceIds }];
