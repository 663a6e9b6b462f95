/**
 * controllers/vpc-cni/security-group-refresh — the primary ENI's groups, brought to every other
 * managed ENI within half a minute. Not with custom networking: ENIConfigs name groups there.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/awsutils/awsutils.go:560-650 (RefreshSGIDs).
 */
import { isAwsError } from '../../model/aws-error.ts';
import type { EniMetadata } from './eni-api.ts';
import type { Ipam } from './ipam.ts';

const REFRESH_MS = 30_000;

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((group) => b.includes(group));

export class SecurityGroupRefresh {
  readonly #ipam: Ipam;
  readonly #isManaged: (eni: EniMetadata) => boolean;
  #applied: readonly string[] | undefined;
  #due = false;

  constructor(ipam: Ipam, isManaged: (eni: EniMetadata) => boolean) {
    this.#ipam = ipam;
    this.#isManaged = isManaged;
  }

  /** Something of the ENIs changed: if it is the primary's groups, refresh at the next look. */
  look(): void {
    const { env, terminating, clock } = this.#ipam;
    if (env.customNetworking || !env.networkResourceProvisioning || terminating) return;
    const groups = this.#primary()?.groups;
    if (groups === undefined) return;
    // What a new ENI gets is the primary's; only a later change needs carrying over.
    this.#applied ??= groups;
    if (this.#due || same(groups, this.#applied)) return;
    this.#due = true;
    clock.after(REFRESH_MS - (clock.now() % REFRESH_MS), () => {
      clock.spawn(() => this.#refresh());
    });
  }

  #primary(): EniMetadata | undefined {
    return this.#ipam.api
      .attachedEnis()
      .find((eni) => eni.deviceNumber === 0 && eni.networkCard === 0);
  }

  async #refresh(): Promise<void> {
    this.#due = false;
    const groups = this.#primary()?.groups;
    if (groups === undefined || this.#ipam.terminating) return;
    this.#applied = groups;
    for (const eni of this.#ipam.api.attachedEnis()) {
      if (!this.#isManaged(eni) || eni.isTrunk || same(eni.groups, groups)) continue;
      const result = await this.#ipam.api.setSecurityGroups(eni.eniId, groups);
      if (isAwsError(result)) this.#ipam.failed('ModifyNetworkInterfaceAttribute', result, []);
    }
  }
}
