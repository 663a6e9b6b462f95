/**
 * load-balancer/deploy/target-groups — the target groups of a stack. One nobody wants any more is
 * deleted in the end, when no listener forwards to it.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/deploy/elbv2/target_group_synthesizer.go, target_group_manager.go.
 */
import type { HealthCheck, TargetGroup } from '../../../model/elbv2/target-group.ts';
import type { Resource } from '../stack/stack.ts';
import { stackIdText } from '../stack/stack.ts';
import type { HealthCheckSpec, TargetGroupSpec } from '../stack/target-group-spec.ts';
import { reconcileAttributes } from './attributes.ts';
import { must, orExplain, patiently } from './deploy-error.ts';
import type { Deployment, Phase } from './deployment.ts';
import { type Matched, matchByTag } from './matching.ts';
import { isOfCluster, resourceTagKey, stackTagKey } from './tracking.ts';

const TYPE = 'AWS::ElasticLoadBalancingV2::TargetGroup';
type Wanted = Resource<typeof TYPE>;

/** While a listener or rule is still letting go of it. */
const DELETION = { everyMs: 2_000, forMs: 20_000 } as const;

export class TargetGroups implements Phase {
  readonly #deployment: Deployment;
  #found: Matched<Wanted, TargetGroup> | undefined;

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  /** What is wanted beside what exists; asked of AWS once a deployment. */
  async match(): Promise<Matched<Wanted, TargetGroup>> {
    if (this.#found !== undefined) return this.#found;
    const { tracking, settings } = this.#deployment.tools;
    const hasFreeHealthCheck = settings.featureGates.NLBHealthCheckAdvancedConfig;
    this.#found = matchByTag(this.#deployment.stack.list(TYPE), await this.#ofStack(), {
      tagKey: resourceTagKey(tracking),
      nameOf: ({ targetGroupArn }) => `targetGroup with no resourceID: ${targetGroupArn}`,
      needsReplacement: (existing, { spec }) =>
        needsReplacement(existing, spec) ||
        (!hasFreeHealthCheck && needsReplacementForHealthCheck(existing, spec)),
    });
    return this.#found;
  }

  async synthesize(): Promise<void> {
    const { matched, missing } = await this.match();
    for (const wanted of missing) await this.#create(wanted);
    for (const { wanted, existing } of matched) await this.#update(wanted, existing);
  }

  async finish(): Promise<void> {
    const { clock, elbv2, tags } = this.#deployment.tools;
    const { unwanted } = await this.match();
    for (const { targetGroupArn } of unwanted) {
      tags.forget(targetGroupArn);
      await orExplain('failed to delete targetGroup', () =>
        patiently(clock, ['ResourceInUse'], DELETION, () =>
          elbv2.deleteTargetGroup({ targetGroupArn }),
        ),
      );
    }
  }

  async #ofStack(): Promise<readonly TargetGroup[]> {
    const { tracking, elbv2, settings, tags } = this.#deployment.tools;
    const key = stackTagKey(tracking);
    const value = stackIdText(this.#deployment.stack.id);
    const described = must(await elbv2.describeTargetGroups({ tagged: { key, value } }));
    const inVpc = described.filter(({ vpcId }) => vpcId === settings.vpcId);
    const tagsOf = await tags.tagsOf(inVpc.map(({ targetGroupArn }) => targetGroupArn));
    return inVpc
      .map((it) => ({ ...it, tags: tagsOf.get(it.targetGroupArn) ?? {} }))
      .filter((it) => isOfCluster(tracking, it.tags) && it.tags[key] === value);
  }

  async #create({ id, spec }: Wanted): Promise<void> {
    const { elbv2, settings } = this.#deployment.tools;
    const made = must(
      await elbv2.createTargetGroup({
        name: spec.name,
        targetType: spec.targetType,
        port: spec.port,
        protocol: spec.protocol,
        protocolVersion: spec.protocolVersion,
        ipAddressType: spec.ipAddressType === 'ipv6' ? 'ipv6' : undefined,
        vpcId: settings.vpcId,
        targetControlPort: spec.targetControlPort,
        ...healthCheckInput(spec),
        tags: this.#deployment.tagsFor(id, spec.tags),
      }),
    );
    await this.#attributes(spec, made);
    this.#deployment.become(TYPE, id, { targetGroupARN: made.targetGroupArn });
  }

  async #update({ id, spec }: Wanted, existing: TargetGroup): Promise<void> {
    const { elbv2, tags } = this.#deployment.tools;
    const { targetGroupArn } = existing;
    await tags.reconcile(
      targetGroupArn,
      existing.tags,
      this.#deployment.tagsFor(id, spec.tags),
      this.#deployment.foreignTagKeys,
    );
    const input = healthCheckInput(spec);
    if (input.healthCheck !== undefined && hasDrifted(existing.healthCheck, input.healthCheck))
      must(await elbv2.modifyTargetGroup({ targetGroupArn, healthCheck: input.healthCheck }));
    await this.#attributes(spec, existing);
    this.#deployment.become(TYPE, id, { targetGroupARN: targetGroupArn });
  }

  async #attributes(
    { targetGroupAttributes = [] }: TargetGroupSpec,
    { targetGroupArn }: TargetGroup,
  ): Promise<void> {
    const { elbv2 } = this.#deployment.tools;
    await reconcileAttributes(
      targetGroupAttributes.map(({ key, value }) => [key, value] as const),
      () => elbv2.describeTargetGroupAttributes({ targetGroupArn }),
      (attributes) => elbv2.modifyTargetGroupAttributes({ targetGroupArn, attributes }),
    );
  }
}

const needsReplacement = (existing: TargetGroup, spec: TargetGroupSpec): boolean =>
  spec.targetType !== existing.targetType ||
  spec.protocol !== existing.protocol ||
  (spec.protocolVersion !== undefined && spec.protocolVersion !== existing.protocolVersion) ||
  spec.targetControlPort !== existing.targetControlPort;

/** Before its health checks could be changed, a network load balancer's group had to go. */
function needsReplacementForHealthCheck(existing: TargetGroup, spec: TargetGroupSpec): boolean {
  const { healthCheck } = healthCheckInput(spec);
  if (healthCheck === undefined || spec.protocol.startsWith('HTTP')) return false;
  const { protocol, matcher, intervalSeconds, timeoutSeconds } = healthCheck;
  const fixed = dropUnset({ protocol, matcher, intervalSeconds, timeoutSeconds });
  return hasDrifted(existing.healthCheck, fixed);
}

type Wish = Partial<HealthCheck>;

const healthCheckInput = ({
  healthCheckConfig: it,
}: TargetGroupSpec): { readonly healthCheck?: Wish } =>
  it === undefined ? {} : { healthCheck: wishOf(it) };

const wishOf = (it: HealthCheckSpec): Wish => ({
  enabled: true,
  ...dropUnset({
    protocol: it.protocol,
    port: it.port === undefined ? undefined : String(it.port),
    path: it.path,
    matcher: it.matcher?.httpCode ?? it.matcher?.grpcCode,
    intervalSeconds: it.intervalSeconds,
    timeoutSeconds: it.timeoutSeconds,
    healthyThresholdCount: it.healthyThresholdCount,
    unhealthyThresholdCount: it.unhealthyThresholdCount,
  }),
});

const dropUnset = <Fields extends object>(fields: Fields): Wish =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** Does anything wanted differ from what is there? Switching it on is never looked at. */
const hasDrifted = (current: HealthCheck, wanted: Wish): boolean =>
  Object.entries(wanted).some(
    ([field, value]) => field !== 'enabled' && current[field as keyof HealthCheck] !== value,
  );
