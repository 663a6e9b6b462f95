/**
 * test/random-twin/removals-cluster — policies, endpoints, Services, and the rules and routes of
 * nodes and pods.
 */
import type { TwinStore } from '../../src/model/kinds.ts';
import type { Service } from '../../src/model/kubernetes/core.ts';
import { keyOf } from '../../src/model/kubernetes/meta.ts';
import type { NetworkPolicy } from '../../src/model/kubernetes/networking.ts';
import { policyOf } from '../../src/model/kubernetes/policy-endpoint.ts';
import type { IpRoute, IpRule } from '../../src/model/linux/cni.ts';
import { ipRouteText, ipRuleAction } from '../../src/model/linux/ip-text.ts';
import { formatCidr, parseCidrOrIp } from '../../src/net/index.ts';
import { type Change, change, type Removal, without } from './removal.ts';

/** A peer that is nobody. */
const NOBODY = { ipBlock: { cidr: '255.255.255.255/32' } };

/**
 * A rule that lets nobody in, in the place of one: rules of a policy have no names but their places,
 * so one that is cut out would rename those behind it.
 */
function rulesOf(policy: NetworkPolicy): readonly Removal[] {
  const key = keyOf(policy);
  return (['ingress', 'egress'] as const).flatMap((direction) =>
    (policy.spec[direction] ?? []).flatMap((rule, place) => {
      const field = direction === 'ingress' ? 'from' : 'to';
      const peers = (rule as { readonly [Field in typeof field]?: readonly unknown[] })[field];
      return [undefined, ...(peers ?? []).keys()].map((at): Removal => {
        const rules = policy.spec[direction]!.map((one, i) => {
          if (i !== place) return one;
          const kept =
            at === undefined ? [NOBODY] : peers!.map((it, j) => (j === at ? NOBODY : it));
          return { ...one, [field]: kept };
        });
        const path = `${direction}[${place}]`;
        return {
          kind: 'network-policy',
          object: `networkpolicy ${key}`,
          rule: at === undefined ? path : `${path}.${field}[${at}]`,
          // The path of a whole rule begins those of its peers.
          texts: [`"${path}`],
          changes: [
            change('NetworkPolicy', key, {
              ...policy,
              spec: { ...policy.spec, [direction]: rules },
            }),
          ],
        };
      });
    }),
  );
}

function* ofPolicies(store: TwinStore): Generator<Removal> {
  for (const policy of store.list('NetworkPolicy')) {
    const key = keyOf(policy);
    const endpoints = store
      .lookup('PolicyEndpoint', 'policy', `NetworkPolicy:${key}`)
      .map((it): Change => change('PolicyEndpoint', keyOf(it)));
    yield {
      kind: 'network-policy',
      object: `networkpolicy ${key}`,
      texts: [key],
      // Its controller would take the endpoints with it.
      changes: [change('NetworkPolicy', key), ...endpoints],
    };
    yield* rulesOf(policy);
  }
  for (const endpoint of store.list('PolicyEndpoint')) {
    const key = keyOf(endpoint);
    if (policyOf(endpoint) === undefined) continue;
    for (const direction of ['ingress', 'egress'] as const)
      for (const entry of endpoint.spec[direction] ?? []) {
        const cidr = parseCidrOrIp(entry.cidr ?? '');
        if (cidr === undefined) continue;
        const spec = without(endpoint.spec, direction, entry);
        yield {
          kind: 'policy-endpoint',
          object: `policyendpoint ${key}`,
          rule: formatCidr(cidr),
          texts: [`"policyendpoint ${key}","rule":"${entry.cidr}"`],
          changes: [change('PolicyEndpoint', key, { ...endpoint, spec })],
        };
      }
  }
}

const addressesOf = ({ spec }: Service): readonly string[] =>
  (spec.clusterIPs ?? []).filter((ip) => ip !== 'None');

function* ofServices(store: TwinStore): Generator<Removal> {
  for (const service of store.list('Service')) {
    const key = keyOf(service);
    yield {
      kind: 'service',
      object: `service ${key}`,
      // By key, by address, or as others look it up: `did you mean web.town?`.
      texts: [key, ...addressesOf(service), key.split('/').reverse().join('.')],
      changes: [change('Service', key)],
    };
  }
  for (const slice of store.list('EndpointSlice')) {
    const key = keyOf(slice);
    // kube-proxy's rules for a Service are made from all of its endpoints: a trace that goes by the
    // Service tells of every one, by rules that need not name it.
    const name = slice.metadata.labels?.['kubernetes.io/service-name'] ?? '';
    const service = store.get('Service', `${slice.metadata.namespace}/${name}`);
    const tells = service === undefined ? [] : [keyOf(service), ...addressesOf(service)];
    for (const endpoint of slice.endpoints) {
      const address = endpoint.addresses[0] ?? '';
      yield {
        kind: 'endpoint',
        object: `endpointslice ${key}`,
        rule: address,
        texts: [address, ...tells],
        changes: [change('EndpointSlice', key, without(slice, 'endpoints', endpoint))],
      };
    }
  }
}

const ruleRemoval = (object: string, rule: IpRule, changed: Change): Removal => ({
  kind: 'ip-rule',
  object,
  rule: `${rule.priority}: ${ipRuleAction(rule)}`,
  texts: [],
  changes: [changed],
});

const routeRemoval = (object: string, route: IpRoute, changed: Change): Removal => ({
  kind: 'ip-route',
  object,
  rule: ipRouteText(route),
  texts: [],
  changes: [changed],
});

function* ofNodes(store: TwinStore): Generator<Removal> {
  for (const network of store.list('node/network')) {
    const { nodeName: key } = network;
    for (const rule of network.rules)
      yield ruleRemoval(
        `node ${key}`,
        rule,
        change('node/network', key, without(network, 'rules', rule)),
      );
    for (const route of network.routes)
      yield routeRemoval(
        `node ${key}`,
        route,
        change('node/network', key, without(network, 'routes', route)),
      );
  }
  for (const sandbox of store.list('node/pod-sandbox')) {
    const key = `${sandbox.namespace}/${sandbox.podName}`;
    for (const [place, one] of sandbox.interfaces.entries()) {
      const changed = (it: typeof one): Change =>
        change('node/pod-sandbox', key, {
          ...sandbox,
          interfaces: sandbox.interfaces.with(place, it),
        });
      const [node, pod] = [`node ${sandbox.nodeName}`, `pod ${key}`];
      for (const it of one.hostRules)
        yield ruleRemoval(node, it, changed(without(one, 'hostRules', it)));
      for (const it of one.hostRoutes)
        yield routeRemoval(node, it, changed(without(one, 'hostRoutes', it)));
      for (const it of one.podRules)
        yield ruleRemoval(pod, it, changed(without(one, 'podRules', it)));
      for (const it of one.podRoutes)
        yield routeRemoval(pod, it, changed(without(one, 'podRoutes', it)));
    }
  }
}

export const removalsOfCluster = (store: TwinStore): readonly Removal[] => [
  ...ofPolicies(store),
  ...ofServices(store),
  ...ofNodes(store),
];
