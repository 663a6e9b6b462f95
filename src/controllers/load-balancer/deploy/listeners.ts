/**
 * load-balancer/deploy/listeners — the listeners of a stack's load balancers, one a port: those of
 * other ports go first, then the new ones come.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/deploy/elbv2/listener_synthesizer.go, listener_manager.go.
 */
import type { ListenerSettings } from '../../../cloud/elbv2/operations.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import type { Listener } from '../../../model/elbv2/listener.ts';
import type { ListenerSpec } from '../stack/listener-spec.ts';
import type { Resource } from '../stack/stack.ts';
import { actionsOf } from './actions.ts';
import { reconcileAttributes } from './attributes.ts';
import { must, orExplain, patiently } from './deploy-error.ts';
import type { Deployment, Phase } from './deployment.ts';
import { authenticationOf, hasDrifted, removals } from './listener-drift.ts';

const TYPE = 'AWS::ElasticLoadBalancingV2::Listener';
type Wanted = Resource<typeof TYPE>;

/** A new listener is not everywhere at once. */
export const NEW_LISTENER = { everyMs: 2_000, forMs: 20_000 } as const;

export class Listeners implements Phase {
  readonly #deployment: Deployment;

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  async synthesize(): Promise<void> {
    const { stack } = this.#deployment;
    const wantedBy = new Map<string, Wanted[]>();
    for (const { type, id } of stack.list('AWS::ElasticLoadBalancingV2::LoadBalancer')) {
      const arn = this.#deployment.statusOf({
        resourceType: type,
        resourceId: id,
        field: 'loadBalancerARN',
      });
      // As upstream: a load balancer without listeners is looked at only where none has any.
      if (arn !== undefined && stack.list(TYPE).length === 0) wantedBy.set(arn, []);
    }
    for (const wanted of stack.list(TYPE)) {
      const arn = this.#deployment.resolve(wanted.spec.loadBalancerARN);
      wantedBy.set(arn, [...(wantedBy.get(arn) ?? []), wanted]);
    }
    for (const [loadBalancerArn, wanted] of wantedBy) await this.#sync(loadBalancerArn, wanted);
  }

  async #sync(loadBalancerArn: string, wanted: readonly Wanted[]): Promise<void> {
    const existing = await this.#of(loadBalancerArn);
    const wantedBy = new Map(wanted.map((it) => [it.spec.port, it]));
    const existingBy = new Map(existing.map((it) => [it.port, it]));
    for (const [port, { listenerArn }] of inOrder(existingBy))
      if (!wantedBy.has(port)) await this.#delete(listenerArn);
    for (const [port, it] of inOrder(wantedBy))
      if (!existingBy.has(port)) await this.#create(loadBalancerArn, it);
    for (const [port, it] of inOrder(wantedBy)) {
      const there = existingBy.get(port);
      if (there !== undefined) await this.#update(it, there);
    }
  }

  async #of(loadBalancerArn: string): Promise<readonly Listener[]> {
    const { elbv2, settings, tags } = this.#deployment.tools;
    const found = must(await elbv2.describeListeners({ loadBalancerArn }));
    if (!settings.featureGates.ListenerRulesTagging) return found;
    const tagsOf = await tags.tagsOf(found.map(({ listenerArn }) => listenerArn));
    return found.map((it) => ({ ...it, tags: tagsOf.get(it.listenerArn) ?? {} }));
  }

  async #delete(listenerArn: string): Promise<void> {
    const { elbv2, tags } = this.#deployment.tools;
    tags.forget(listenerArn);
    must(await elbv2.deleteListener({ listenerArn }));
  }

  async #create(loadBalancerArn: string, { id, spec }: Wanted): Promise<void> {
    const { elbv2 } = this.#deployment.tools;
    const tags = this.#tags(id, spec.tags);
    const made = must(
      await elbv2.createListener({ loadBalancerArn, ...this.#settings(spec), ...tags }),
    );
    await orExplain('failed to update extra certificates on listener', () =>
      this.#certificates(spec, made, true),
    );
    await this.#attributes(spec, made);
    this.#become(id, made);
  }

  async #update({ id, spec }: Wanted, existing: Listener): Promise<void> {
    const { elbv2, settings, tags } = this.#deployment.tools;
    const { listenerArn } = existing;
    const { tags: wantedTags } = this.#tags(id, spec.tags);
    if (wantedTags !== undefined)
      await tags.reconcile(listenerArn, existing.tags, wantedTags, settings.externalManagedTags);
    const wanted = this.#settings(spec);
    const enhanced = settings.featureGates.EnhancedDefaultBehavior;
    if (hasDrifted(wanted, existing, enhanced)) {
      const off = enhanced ? removals(wanted, existing) : {};
      must(await elbv2.modifyListener({ listenerArn, ...wanted, ...off }));
    }
    await this.#certificates(spec, existing, false);
    await this.#attributes(spec, existing);
    this.#become(id, existing);
  }

  #become(id: string, { listenerArn }: Listener): void {
    this.#deployment.become(TYPE, id, { listenerARN: listenerArn });
  }

  #tags(id: string, tags: Tags | undefined): { readonly tags?: Tags } {
    const { featureGates } = this.#deployment.tools.settings;
    return featureGates.ListenerRulesTagging ? { tags: this.#deployment.tagsFor(id, tags) } : {};
  }

  #settings(spec: ListenerSpec): ListenerSettings {
    const { featureGates: gates } = this.#deployment.tools.settings;
    return {
      port: spec.port,
      protocol: spec.protocol,
      defaultActions: actionsOf(spec.defaultActions, {
        resolve: (token) => this.#deployment.resolve(token),
        gates,
      }),
      certificateArn: this.#certificateArns(spec)[0],
      sslPolicy: spec.sslPolicy,
      ...(spec.alpnPolicy?.length ? { alpnPolicy: spec.alpnPolicy } : {}),
      mutualAuthentication: authenticationOf(spec.mutualAuthentication),
    };
  }

  #certificateArns({ certificates = [] }: ListenerSpec): readonly string[] {
    return certificates.map(({ certificateARN }) => this.#deployment.resolve(certificateARN));
  }

  /** The default one is among the others too, so that it stays when another becomes default. */
  async #certificates(spec: ListenerSpec, listener: Listener, isNew: boolean): Promise<void> {
    if (spec.sslPolicy === undefined && listener.sslPolicy === undefined) return;
    const { clock, elbv2 } = this.#deployment.tools;
    const { listenerArn } = listener;
    const wanted = new Set(this.#certificateArns(spec));
    const current = new Set(isNew ? [] : listener.certificateArns);
    const again = isNew ? ['ListenerNotFound'] : [];
    for (const arn of [...current].sort()) {
      // The default one cannot be taken away here: modifyListener has set it.
      if (wanted.has(arn) || arn === listener.certificateArns[0]) continue;
      must(await elbv2.removeListenerCertificates({ listenerArn, certificateArns: [arn] }));
    }
    for (const arn of [...wanted].sort()) {
      if (current.has(arn)) continue;
      await patiently(clock, again, NEW_LISTENER, () =>
        elbv2.addListenerCertificates({ listenerArn, certificateArns: [arn] }),
      );
    }
  }

  async #attributes(
    { protocol, listenerAttributes = [] }: ListenerSpec,
    { listenerArn }: Listener,
  ): Promise<void> {
    if (protocol === 'TLS') return;
    const { elbv2 } = this.#deployment.tools;
    await reconcileAttributes(
      listenerAttributes.map(({ Key, Value }) => [Key, Value] as const),
      () => elbv2.describeListenerAttributes({ listenerArn }),
      (attributes) => elbv2.modifyListenerAttributes({ listenerArn, attributes }),
    );
  }
}

const inOrder = <It>(byPort: ReadonlyMap<number, It>): readonly (readonly [number, It])[] =>
  [...byPort].sort(([a], [b]) => a - b);
