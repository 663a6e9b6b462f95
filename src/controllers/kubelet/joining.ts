/**
 * controllers/kubelet/joining — instances on their way to a Node: they boot, ask EC2 who they are,
 * and register with the API server. One whose way is closed runs on without a Node.
 *
 * Upstream: awslabs/amazon-eks-ami@05447948 nodeadm/internal/api/status.go:50 (EC2 is asked for
 * three minutes, in the configuration phase and again in the run phase; a phase that failed is not
 * started again, issue #1917), kubernetes/kubernetes pkg/kubelet/kubelet_node_status.go:51
 * registerWithAPIServer (100 ms doubling to 7 s, for ever).
 * Reads: Instance, Node.  Writes: Node.
 */
import type { Instance } from '../../model/ec2/instance.ts';
import type { Node } from '../../model/kubernetes/core.ts';
import type { JoinPaths } from '../../model/linux/reach.ts';
import type { Millis } from '../../sim/clock.ts';
import { BOOT_MS, groupOf, registerNode } from './node-registration.ts';
import { between, type Surroundings } from './surroundings.ts';

/** How long nodeadm asks EC2 before it leaves the instance without a kubelet. */
export const EC2_PATIENCE_MS = 2 * 180_000;
/** Between two tries of nodeadm or the kubelet, once they have failed for a while. */
const RETRY_MS = [0, 7_000] as const;

const OPEN: JoinPaths = { ec2: undefined, apiServer: undefined };

export class Joining {
  readonly #surroundings: Surroundings;
  readonly #onRegistered: (node: Node) => void;
  /** Instances that boot or try again: what is due is one timer each. */
  readonly #due = new Set<string>();
  /** Instances whose way was closed when they tried → when they give up. */
  readonly #waiting = new Map<string, Millis>();
  #stopped = false;

  constructor(surroundings: Surroundings, onRegistered: (node: Node) => void) {
    this.#surroundings = surroundings;
    this.#onRegistered = onRegistered;
  }

  /** A running instance without a Node; nothing when it is no node group's. */
  see(instance: Instance): void {
    const { clock, random, store } = this.#surroundings;
    const { instanceId } = instance;
    if (this.#due.has(instanceId) || this.#waiting.has(instanceId)) return;
    if (groupOf(store, instance) === undefined) return;
    const bootedAtMs = instance.launchedAtMs + between(random, ...BOOT_MS);
    this.#tryAfter(instanceId, bootedAtMs - clock.now());
  }

  /** The instance stopped. */
  forget(instanceId: string): void {
    this.#waiting.delete(instanceId);
  }

  /** A way may have opened: who still tries finds out at its next try. */
  networkChanged(): void {
    const { clock, random } = this.#surroundings;
    for (const [instanceId, untilMs] of this.#waiting) {
      if (clock.now() > untilMs || this.#due.has(instanceId)) continue;
      this.#tryAfter(instanceId, between(random, ...RETRY_MS));
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  #tryAfter(instanceId: string, forMs: Millis): void {
    this.#due.add(instanceId);
    this.#surroundings.clock.after(forMs, () => {
      this.#due.delete(instanceId);
      if (!this.#stopped) this.#join(instanceId);
    });
  }

  #join(instanceId: string): void {
    const { store, reach } = this.#surroundings;
    const instance = store.get('ec2/instance', instanceId);
    if (instance?.state !== 'running') return;
    if (store.lookupKeys('Node', 'instance', instanceId).size > 0) return;
    const { ec2, apiServer } = reach?.joinPaths(instanceId) ?? OPEN;
    if (ec2 !== undefined) {
      const givesUpMs = instance.launchedAtMs + BOOT_MS[1] + EC2_PATIENCE_MS;
      this.#waiting.set(instanceId, this.#waiting.get(instanceId) ?? givesUpMs);
      return;
    }
    if (apiServer !== undefined) {
      this.#waiting.set(instanceId, Number.POSITIVE_INFINITY);
      return;
    }
    this.#waiting.delete(instanceId);
    const node = registerNode(this.#surroundings, instance);
    if (node !== undefined) this.#onRegistered(node);
  }
}
