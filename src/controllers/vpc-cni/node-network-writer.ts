/**
 * controllers/vpc-cni/node-network-writer — keeps the stored description of a node's network in
 * step with the ENIs that are set up.  Writes: `node/network`.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Clock } from '../../sim/clock.ts';
import { connmarkBackend } from './connmark-backend.ts';
import type { EniMetadata } from './eni-api.ts';
import type { IpamdEnv } from './env.ts';
import { nodeNetwork } from './node-network.ts';

/** Upstream looks for new blocks of the VPC this often, ipamd.go:575. */
const VPC_REFRESH_MS = 30_000;

export class NodeNetworkWriter {
  readonly #store: TwinStore;
  readonly #nodeName: string;
  readonly #instanceId: string;
  readonly #env: IpamdEnv;
  #enis = new Map<string, EniMetadata>();
  #primary: EniMetadata | undefined;
  #refreshDue = false;
  #stopped = false;

  constructor(store: TwinStore, nodeName: string, instanceId: string, env: IpamdEnv) {
    this.#store = store;
    this.#nodeName = nodeName;
    this.#instanceId = instanceId;
    this.#env = env;
  }

  primary(): EniMetadata | undefined {
    return this.#primary;
  }

  /** Starts over with what is attached: the host's own set-up. */
  begin(attached: readonly EniMetadata[]): void {
    this.#primary = attached.find((eni) => eni.deviceNumber === 0 && eni.networkCard === 0);
    this.#enis = new Map();
    if (this.#primary !== undefined) this.add(this.#primary);
  }

  add(eni: EniMetadata): void {
    this.#enis.set(eni.eniId, eni);
    this.#write();
  }

  remove(eniId: string): void {
    if (this.#enis.delete(eniId)) this.#write();
  }

  /** Looks at the VPC's blocks again, at upstream's next look. */
  refreshVpc(clock: Clock): void {
    const known = this.#store.get('node/network', this.#nodeName)?.vpcCidrs;
    if (known === undefined || this.#refreshDue) return;
    if (known.join() === this.#vpcCidrs().join()) return;
    this.#refreshDue = true;
    clock.after(VPC_REFRESH_MS - (clock.now() % VPC_REFRESH_MS), () => {
      this.#refreshDue = false;
      if (!this.#stopped) this.#write();
    });
  }

  /** What the node has stays as it is; a look at the VPC that was due is not made. */
  stop(): void {
    this.#stopped = true;
  }

  #vpcCidrs(): readonly string[] {
    const instance = this.#store.get('ec2/instance', this.#instanceId);
    const vpc = instance && this.#store.get('ec2/vpc', instance.vpcId);
    const blocks = (this.#env.ipv6 ? vpc?.ipv6CidrBlocks : vpc?.cidrBlocks) ?? [];
    return blocks.map((block) => block.cidrBlock);
  }

  #write(): void {
    if (this.#primary === undefined) return;
    const network = nodeNetwork({
      nodeName: this.#nodeName,
      instanceId: this.#instanceId,
      env: this.#env,
      primary: this.#primary,
      enis: [...this.#enis.values()],
      vpcCidrs: this.#vpcCidrs(),
      connmarkBackend: connmarkBackend(this.#store, this.#nodeName),
    });
    this.#store.put('node/network', this.#nodeName, network);
  }
}
