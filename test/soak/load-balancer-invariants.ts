/**
 * test/soak/load-balancer-invariants — AWS beside the stacks that its objects ask for: built anew
 * from the cluster with AWS's own answers, compared with what is there.
 */
import type { Acm } from '../../src/cloud/acm/operations.ts';
import type { Ec2 } from '../../src/cloud/ec2/operations.ts';
import { ruleKeyText } from '../../src/cloud/ec2/security-group-rule.ts';
import type { Elbv2 } from '../../src/cloud/elbv2/operations.ts';
import { BuildError } from '../../src/controllers/load-balancer/build-error.ts';
import { defaultConfig } from '../../src/controllers/load-balancer/config/controller-config.ts';
import {
  actionsOf,
  conditionsOf,
  sameActions,
  sameConditions,
} from '../../src/controllers/load-balancer/deploy/actions.ts';
import { buildIngressGroup } from '../../src/controllers/load-balancer/ingress/build-ingress.ts';
import { groupOfText } from '../../src/controllers/load-balancer/ingress/group.ts';
import { loadGroup } from '../../src/controllers/load-balancer/ingress/group-loading.ts';
import { storeLookups } from '../../src/controllers/load-balancer/ingress/store-lookups.ts';
import { AwsReads } from '../../src/controllers/load-balancer/loops/aws-reads.ts';
import { ingressReads } from '../../src/controllers/load-balancer/loops/ingress-reads.ts';
import { serviceReads } from '../../src/controllers/load-balancer/loops/service-reads.ts';
import type { BackendSecurityGroup } from '../../src/controllers/load-balancer/security-groups/backend-security-group.ts';
import {
  buildService,
  claimOf,
} from '../../src/controllers/load-balancer/service/build-service.ts';
import { settingsAt } from '../../src/controllers/load-balancer/settings/settings.ts';
import { type Stack, stackIdText } from '../../src/controllers/load-balancer/stack/stack.ts';
import { resolveToken, type Token } from '../../src/controllers/load-balancer/stack/token.ts';
import type { SecurityGroup } from '../../src/model/ec2/security-group.ts';
import type { Tags } from '../../src/model/ec2/tags.ts';
import type { Random } from '../../src/sim/random.ts';
import type { Twin } from '../../src/twin/twin.ts';

const CLUSTER_TAG = 'elbv2.k8s.aws/cluster';
const PREFIXES = { Ingress: 'ingress.k8s.aws', Service: 'service.k8s.aws' } as const;
type Prefix = (typeof PREFIXES)[keyof typeof PREFIXES];

/** Made by the controller of the cluster that soaks. */
export const isOfController = (tags: Tags): boolean => tags[CLUSTER_TAG] === 'soak';

/** The same verbs, answering at once. */
const soon = <Verbs>(verbs: object): Verbs =>
  new Proxy(verbs, {
    get: (target, action: string) => async (input: unknown) =>
      (target as Record<string, (input: unknown) => unknown>)[action]!(input),
  }) as Verbs;

interface Wanted {
  readonly prefix: Prefix;
  readonly stack: Stack;
}

const backendOf = (twin: Twin): SecurityGroup | undefined =>
  twin.store
    .list('ec2/security-group')
    .find(({ tags }) => isOfController(tags) && tags['elbv2.k8s.aws/resource'] === 'backend-sg');

/** Every stack that the cluster's objects ask for now, and what cannot be built. */
async function stacksOf(twin: Twin): Promise<{
  readonly wanted: readonly Wanted[];
  readonly failing: ReadonlySet<string>;
  readonly usesBackend: boolean;
}> {
  const { store, cloud, clock } = twin;
  const { vpcId } = store.list('eks/cluster')[0]!;
  const place = { vpcId, region: cloud.region };
  const config = defaultConfig({ clusterName: 'soak' });
  const settings = settingsAt(config, place);
  const [ec2, elbv2, acm] = [soon<Ec2>(cloud.ec2), soon<Elbv2>(cloud.elbv2), soon<Acm>(cloud.acm)];
  const reads = new AwsReads(clock, ec2, elbv2, settings);
  const backend = {
    get: async () => backendOf(twin)?.groupId ?? 'the backend security group',
  } as unknown as BackendSecurityGroup;
  const wanted: Wanted[] = [];
  const failing = new Set<string>();
  let usesBackend = false;
  const parts = { clock, store, elbv2, acm, settings, reads, backend };
  const ofIngresses = ingressReads({
    ...parts,
    tracking: { prefix: 'ingress.k8s.aws', clusterName: 'soak' },
  });
  for (const name of groupsOf(twin)) {
    const group = loadGroup(groupOfText(name), storeLookups(store), 'alb');
    const built = await buildIngressGroup(group, settings, ofIngresses);
    if (built instanceof BuildError) failing.add(`ingress.k8s.aws ${name}`);
    else if (group.members.length > 0)
      wanted.push({ prefix: 'ingress.k8s.aws', stack: built.stack });
    if (!(built instanceof BuildError) && built.usesBackendSecurityGroup) usesBackend = true;
  }
  const ofServices = serviceReads(
    store,
    { prefix: 'service.k8s.aws', clusterName: 'soak' },
    reads,
    backend,
  );
  for (const { key, value } of store.entries('Service')) {
    if (claimOf(value, settings).by !== 'load-balancer-controller') continue;
    const built = await buildService(value, settings, ofServices);
    if (built instanceof BuildError) failing.add(`service.k8s.aws ${key}`);
    else {
      wanted.push({ prefix: 'service.k8s.aws', stack: built.stack });
      usesBackend ||= built.usesBackendSecurityGroup;
    }
  }
  return { wanted, failing, usesBackend };
}

/** Groups that an Ingress is in, as their tags name them. */
const groupsOf = ({ store }: Twin): readonly string[] => [
  ...new Set(
    store
      .list('Ingress')
      .map(
        ({ metadata }) =>
          metadata.annotations?.['alb.ingress.kubernetes.io/group.name'] ??
          `${metadata.namespace}/${metadata.name}`,
      ),
  ),
];

const stackOfTags = (tags: Tags): string | undefined => {
  for (const prefix of Object.values(PREFIXES)) {
    const id = tags[`${prefix}/stack`];
    if (id !== undefined) return `${prefix} ${id}`;
  }
  return undefined;
};

/** Everything of AWS's that carries the controller's tags, by whose stack it is. */
const owned = <It extends { readonly tags: Tags }>(all: readonly It[]) =>
  all.filter(({ tags }) => isOfController(tags) && stackOfTags(tags) !== undefined);

/** AWS state equals the built stack, and there is nothing else. */
export async function awsIsAsBuilt(twin: Twin): Promise<string[]> {
  const { wanted, failing, usesBackend } = await stacksOf(twin);
  const wrong: string[] = [];
  const seen = new Set<string>();
  for (const { prefix, stack } of wanted) {
    const of = `${prefix} ${stackIdText(stack.id)}`;
    seen.add(of);
    wrong.push(...stackIsThere(twin, prefix, stack).map((text) => `${of}: ${text}`));
  }
  const orphans = (kind: string, all: readonly { readonly tags: Tags }[]) => {
    for (const { tags } of owned(all)) {
      const of = stackOfTags(tags)!;
      if (!seen.has(of) && !failing.has(of)) wrong.push(`${kind} of ${of} is an orphan`);
    }
  };
  const { store } = twin;
  orphans('load balancer', store.list('elbv2/load-balancer'));
  orphans('target group', store.list('elbv2/target-group'));
  orphans('listener', store.list('elbv2/listener'));
  orphans('rule', store.list('elbv2/rule'));
  orphans('security group', store.list('ec2/security-group'));
  if (failing.size === 0 && usesBackend !== (backendOf(twin) !== undefined))
    wrong.push(usesBackend ? 'the backend group is missing' : 'the backend group is an orphan');
  return [...wrong, ...interfacesHaveBalancers(twin), ...objectsAreExplained(twin, failing)];
}

function stackIsThere(twin: Twin, prefix: Prefix, stack: Stack): string[] {
  const { store } = twin;
  const wrong: string[] = [];
  const resource = `${prefix}/resource`;
  const of = `${prefix} ${stackIdText(stack.id)}`;
  const ofStack = <It extends { readonly tags: Tags }>(all: readonly It[]) =>
    new Map(
      owned(all)
        .filter(({ tags }) => stackOfTags(tags) === of)
        .map((it) => [it.tags[resource]!, it] as const),
    );
  const balancers = ofStack(store.list('elbv2/load-balancer'));
  const groups = ofStack(store.list('elbv2/target-group'));
  const listeners = ofStack(store.list('elbv2/listener'));
  const rules = ofStack(store.list('elbv2/rule'));
  const security = ofStack(store.list('ec2/security-group'));
  const ids: Record<string, ReadonlyMap<string, { readonly tags: Tags }>> = {
    'AWS::ElasticLoadBalancingV2::LoadBalancer': balancers,
    'AWS::ElasticLoadBalancingV2::TargetGroup': groups,
    'AWS::ElasticLoadBalancingV2::Listener': listeners,
    'AWS::ElasticLoadBalancingV2::ListenerRule': rules,
    'AWS::EC2::SecurityGroup': security,
  };
  for (const [type, there] of Object.entries(ids)) {
    const want = stack.list(type as 'AWS::EC2::SecurityGroup').map(({ id }) => id);
    if ([...want].sort().join() !== [...there.keys()].sort().join())
      wrong.push(`${type}: ${[...there.keys()]} instead of ${want}`);
  }
  const resolve = (token: Token): string =>
    resolveToken(token, ({ resourceType, resourceId }) => {
      const it = ids[resourceType]?.get(resourceId) as Record<string, string> | undefined;
      return it?.loadBalancerArn && resourceType.endsWith('LoadBalancer')
        ? it.loadBalancerArn
        : (it?.targetGroupArn ?? it?.listenerArn ?? it?.groupId);
    }) ?? '?';
  for (const { id, spec } of stack.list('AWS::ElasticLoadBalancingV2::LoadBalancer')) {
    const it = balancers.get(id);
    if (it === undefined) continue;
    if (it.scheme !== spec.scheme || it.type !== spec.type) wrong.push(`${id} is ${it.scheme}`);
    const want = (spec.securityGroups ?? []).map(resolve).sort().join();
    if ([...it.securityGroups].sort().join() !== want)
      wrong.push(`${id} has groups ${it.securityGroups} instead of ${want}`);
    for (const { key, value } of spec.loadBalancerAttributes ?? [])
      if (it.attributes[key] !== value) wrong.push(`${id} has ${key}=${it.attributes[key]}`);
    for (const [key, value] of Object.entries(spec.tags ?? {}))
      if (it.tags[key] !== value) wrong.push(`${id} has tag ${key}=${it.tags[key]}`);
  }
  const terms = { resolve, gates: defaultConfig().featureGates };
  for (const { id, spec } of stack.list('AWS::ElasticLoadBalancingV2::ListenerRule')) {
    const it = rules.get(id);
    if (it === undefined) continue;
    if (it.priority !== spec.priority) wrong.push(`rule ${id} stands at ${it.priority}`);
    if (!sameConditions(conditionsOf(spec.conditions), it.conditions))
      wrong.push(`rule ${id} asks for something else`);
    if (!sameActions(actionsOf(spec.actions, terms), it.actions))
      wrong.push(`rule ${id} does something else`);
  }
  for (const { id, spec } of stack.list('AWS::ElasticLoadBalancingV2::Listener')) {
    const it = listeners.get(id);
    if (it !== undefined && !sameActions(actionsOf(spec.defaultActions, terms), it.defaultActions))
      wrong.push(`listener ${id} does something else by default`);
  }
  for (const { id, spec } of stack.list('AWS::ElasticLoadBalancingV2::TargetGroup')) {
    const it = groups.get(id);
    if (it === undefined) continue;
    if (it.targetType !== spec.targetType) wrong.push(`${id} takes ${it.targetType}`);
    const path = spec.healthCheckConfig?.path;
    if (path !== undefined && it.healthCheck.path !== path) wrong.push(`${id} checks another path`);
  }
  for (const { id, spec } of stack.list('AWS::EC2::SecurityGroup')) {
    const it = security.get(id);
    const there = (it?.rules ?? [])
      .filter(({ direction, fromPort }) => direction === 'ingress' && fromPort !== 22)
      .map(ruleKeyText)
      .map((text) => text.split(' ').slice(1).join(' '));
    const want = (spec.ingress ?? []).map(
      ({ fromPort, toPort, ipRanges, ipv6Ranges }) =>
        `${fromPort} ${toPort} ${ipRanges?.[0]?.cidrIP ?? ipv6Ranges?.[0]?.cidrIPv6}`,
    );
    if (there.sort().join() !== [...new Set(want)].sort().join())
      wrong.push(`${id} lets in ${there.join(' | ')} instead of ${want.join(' | ')}`);
  }
  const bindings = stack.list('K8S::ElasticLoadBalancingV2::TargetGroupBinding');
  const bound = store
    .list('TargetGroupBinding')
    .map(({ spec }) => spec.targetGroupARN)
    .filter((arn) => [...groups.values()].some((it) => it.targetGroupArn === arn));
  if (bound.length !== bindings.length)
    wrong.push(`${bound.length} bindings instead of ${bindings.length}`);
  return wrong;
}

/** No interface of a load balancer that is gone. */
function interfacesHaveBalancers({ store }: Twin): string[] {
  const used = new Set(
    store
      .list('elbv2/load-balancer')
      .flatMap(({ zones }) => zones.map(({ networkInterfaceId }) => networkInterfaceId)),
  );
  return store
    .list('ec2/network-interface')
    .filter((eni) => /^ELB /.test(eni.description) && !used.has(eni.networkInterfaceId))
    .map((eni) => `${eni.networkInterfaceId} (${eni.description}) is left over`);
}

/** Every object has its address, or an event that says why not; none is stuck on its way out. */
function objectsAreExplained({ store }: Twin, failing: ReadonlySet<string>): string[] {
  const wrong: string[] = [];
  for (const kind of ['Ingress', 'Service'] as const) {
    for (const { key, value } of store.entries(kind)) {
      if (value.metadata.deletionTimestamp !== undefined && failing.size === 0)
        wrong.push(`${kind} ${key} never finished terminating`);
      const isOurs = (value.metadata.finalizers ?? []).some((it) => it.includes('k8s.aws'));
      const named = (value.status?.loadBalancer?.ingress ?? []).length > 0;
      if (!isOurs || named) continue;
      const events = store.lookup('Event', 'object', `${kind}:${key}`);
      if (!events.some(({ type }) => type === 'Warning'))
        wrong.push(`${kind} ${key} has no address and nothing says why`);
    }
  }
  return wrong;
}

/** When every object is gone, so is everything that was made for it. */
export function nothingIsLeft(twin: Twin): string[] {
  const { store } = twin;
  const left = (kind: string, all: readonly { readonly tags: Tags }[]): string[] => {
    const mine = all.filter(({ tags }) => isOfController(tags));
    return mine.map(({ tags }) => `a ${kind} is left: ${JSON.stringify(tags)}`);
  };
  const marked = store
    .list('ec2/security-group')
    .flatMap(({ rules }) => rules)
    .filter(({ description }) => description === 'elbv2.k8s.aws/targetGroupBinding=shared');
  return [
    ...left('load balancer', store.list('elbv2/load-balancer')),
    ...left('listener', store.list('elbv2/listener')),
    ...left('rule', store.list('elbv2/rule')),
    ...left('target group', store.list('elbv2/target-group')),
    ...left('security group', store.list('ec2/security-group')),
    ...interfacesHaveBalancers(twin),
    ...store.list('TargetGroupBinding').map(({ metadata }) => `binding ${metadata.name} is left`),
    ...store.list('Ingress').map(({ metadata }) => `Ingress ${metadata.name} is left`),
    ...marked.map(({ ruleId }) => `${ruleId} on a node's group is left`),
  ];
}

/** What others made, as it was when they made it. */
export interface Strangers {
  readonly things: Map<string, string>;
  /** Somebody makes a load balancer like one of the controller's. */
  arrive(twin: Twin, random: Random): string;
}

const STRANGE = { 'made-by': 'a stranger', [CLUSTER_TAG]: 'another' };

/** Strangers of a life. */
export function strangersOf({ store }: Twin): Strangers {
  const things = new Map<string, string>();
  const { vpcId } = store.list('eks/cluster')[0]!;
  return {
    things,
    arrive(twin, random) {
      const { elbv2, ec2 } = twin.cloud;
      const name = `strange-${random.int(100_000)}`;
      const stack = `default/${['shop', 'blog', 'api', 'docs'][random.int(4)]}`;
      const tags = { ...STRANGE, 'ingress.k8s.aws/stack': stack };
      const group = ec2.createSecurityGroup({ groupName: name, description: 's', vpcId, tags });
      const targets = elbv2.createTargetGroup({ name, protocol: 'HTTP', port: 80, vpcId, tags });
      const subnets = twin.store
        .lookup('ec2/subnet', 'vpc', vpcId)
        .filter((it) => it.tags['kubernetes.io/role/internal-elb'] !== undefined);
      const subnetMappings = subnets.map(({ subnetId }) => ({ subnetId }));
      const balancer = elbv2.createLoadBalancer({
        name,
        scheme: 'internal',
        subnetMappings,
        tags,
        ...('groupId' in group ? { securityGroups: [group.groupId] } : {}),
      });
      if ('groupId' in group) things.set(`ec2/security-group ${group.groupId}`, '');
      if ('targetGroupArn' in targets)
        things.set(`elbv2/target-group ${targets.targetGroupArn}`, '');
      if ('loadBalancerArn' in balancer)
        things.set(`elbv2/load-balancer ${balancer.loadBalancerArn}`, '');
      for (const name of things.keys())
        if (things.get(name) === '') things.set(name, textOf(twin, name));
      return `a stranger makes ${name} for ${stack}`;
    },
  };
}

/** What must not change of a stranger's thing; a load balancer becomes active by itself. */
function textOf({ store }: Twin, name: string): string {
  const [kind, key] = name.split(' ') as ['ec2/security-group', string];
  const thing = store.get(kind, key);
  return JSON.stringify({ ...thing, state: undefined });
}

/** Nothing that others made was touched. */
export const strangersUntouched = (twin: Twin, { things }: Strangers): string[] =>
  [...things].flatMap(([name, before]) => {
    const now = textOf(twin, name);
    return now === before ? [] : [`${name} was touched: ${now}`];
  });
