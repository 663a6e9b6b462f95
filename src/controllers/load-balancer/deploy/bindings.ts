/**
 * load-balancer/deploy/bindings — the TargetGroupBindings of a stack, objects of the cluster that
 * the binding controller fills target groups by. They are found by label and told apart by the
 * target group they bind.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/deploy/elbv2/target_group_binding_synthesizer.go, target_group_binding_manager.go.
 */
import { isEqual } from '../../../cluster/equal.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import {
  type NetworkingIngressRule,
  stackTermOf,
  type TargetGroupBinding,
} from '../../../model/kubernetes/load-balancer.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import type { Resource } from '../stack/stack.ts';
import type { NetworkingSpec } from '../stack/target-group-spec.ts';
import { DeployError, must, orExplain } from './deploy-error.ts';
import type { Deployment, Phase } from './deployment.ts';
import { stackLabels } from './tracking.ts';

const TYPE = 'K8S::ElasticLoadBalancingV2::TargetGroupBinding';
const KIND = 'TargetGroupBinding';
type Wanted = Resource<typeof TYPE>;

/** How long its controller may take to see a change, or to let go of a binding. */
const OBSERVED = { everyMs: 200, forMs: 60_000 } as const;

/** What the binding controller notes on a binding for itself. */
const ITS_OWN_NOTES = new Set(['elbv2.k8s.aws/checkpoint', 'elbv2.k8s.aws/checkpoint-timestamp']);

export class Bindings implements Phase {
  readonly #deployment: Deployment;
  #unwanted: readonly TargetGroupBinding[] = [];

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  async synthesize(): Promise<void> {
    const wantedBy = new Map<string, Wanted>();
    for (const wanted of this.#deployment.stack.list(TYPE)) {
      wantedBy.set(this.#deployment.resolve(wanted.spec.template.spec.targetGroupARN), wanted);
    }
    const existingBy = new Map(this.#ofStack().map((it) => [it.spec.targetGroupARN ?? '', it]));
    const arns = [...wantedBy.keys()].sort();
    for (const arn of arns) if (!existingBy.has(arn)) this.#create(wantedBy.get(arn)!);
    for (const arn of arns) {
      const existing = existingBy.get(arn);
      if (existing !== undefined) await this.#update(wantedBy.get(arn)!, existing);
    }
    this.#unwanted = [...existingBy.keys()]
      .filter((arn) => !wantedBy.has(arn))
      .sort()
      .map((arn) => existingBy.get(arn)!);
  }

  async finish(): Promise<void> {
    const { kubernetes } = this.#deployment.tools;
    for (const binding of this.#unwanted) {
      must(kubernetes.delete(KIND, keyOf(binding)));
      await orExplain('failed to wait targetGroupBinding deletion', () =>
        this.#until(binding, (it) => it === undefined),
      );
    }
  }

  #ofStack(): readonly TargetGroupBinding[] {
    const { store, tracking } = this.#deployment.tools;
    const labels = stackLabels(tracking, this.#deployment.stack.id);
    return store.lookup(KIND, 'stack', stackTermOf(labels) ?? '');
  }

  #create(wanted: Wanted): void {
    const { metadata } = wanted.spec.template;
    const { name, namespace, annotations } = metadata;
    must(
      this.#deployment.tools.kubernetes.create<TargetGroupBinding>({
        apiVersion: 'elbv2.k8s.aws/v1beta1',
        kind: KIND,
        metadata: { name, namespace, annotations, labels: this.#labels(wanted) },
        spec: this.#spec(wanted),
      }),
    );
  }

  async #update(wanted: Wanted, existing: TargetGroupBinding): Promise<void> {
    const { annotations = {} } = wanted.spec.template.metadata;
    const labels = this.#labels(wanted);
    const spec = this.#spec(wanted);
    const current = Object.fromEntries(
      Object.entries(existing.metadata.annotations ?? {}).filter(
        ([key]) => !ITS_OWN_NOTES.has(key),
      ),
    );
    if (
      isEqual(spec, existing.spec) &&
      isEqual(labels, existing.metadata.labels ?? {}) &&
      isEqual(annotations, current)
    )
      return;
    const metadata = { ...existing.metadata, annotations, labels };
    const changed = must(
      this.#deployment.tools.kubernetes.update<TargetGroupBinding>({ ...existing, metadata, spec }),
    ) as TargetGroupBinding;
    const generation = changed.metadata.generation ?? 0;
    await this.#until(changed, (it) => (it?.status?.observedGeneration ?? 0) >= generation);
  }

  /** Looks until it is so. @throws DeployError when that takes too long */
  async #until(
    binding: TargetGroupBinding,
    isSo: (now: TargetGroupBinding | undefined) => boolean,
  ): Promise<void> {
    const { clock, store } = this.#deployment.tools;
    const untilMs = clock.now() + OBSERVED.forMs;
    while (!isSo(store.get(KIND, keyOf(binding)))) {
      if (clock.now() >= untilMs) throw new DeployError('timed out waiting for the condition');
      await clock.sleep(OBSERVED.everyMs);
    }
  }

  #labels({ spec }: Wanted): Tags {
    const { tracking } = this.#deployment.tools;
    return {
      ...spec.template.metadata.labels,
      ...stackLabels(tracking, this.#deployment.stack.id),
    };
  }

  #spec({ spec: { template } }: Wanted): TargetGroupBinding['spec'] {
    const { spec } = template;
    return {
      targetGroupARN: this.#deployment.resolve(spec.targetGroupARN),
      ...given({
        targetType: spec.targetType,
        targetGroupProtocol: spec.targetGroupProtocol,
        nodeSelector: spec.nodeSelector,
        ipAddressType: spec.ipAddressType,
        vpcID: spec.vpcID,
        multiClusterTargetGroup: spec.multiClusterTargetGroup,
      }),
      serviceRef: spec.serviceRef,
      ...(spec.networking === undefined
        ? {}
        : { networking: { ingress: this.#networking(spec.networking) } }),
    };
  }

  #networking({ ingress = [] }: NetworkingSpec): readonly NetworkingIngressRule[] {
    return ingress.map(({ from, ports }) => ({
      from: from.map(({ ipBlock, securityGroup }) => {
        if (ipBlock !== undefined) return { ipBlock };
        if (securityGroup === undefined)
          throw new DeployError('either ipBlock or securityGroup should be specified');
        return { securityGroup: { groupID: this.#deployment.resolve(securityGroup.groupID) } };
      }),
      ports,
    }));
  }
}

const given = <Fields extends object>(fields: Fields): Partial<Fields> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<Fields>;
