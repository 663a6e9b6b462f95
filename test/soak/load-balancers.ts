/**
 * test/soak/load-balancers — one seeded life of a cluster with the AWS Load Balancer Controller:
 * Ingresses and Services come, change and go, groups gain and lose members, strangers make load
 * balancers of the same names and tags, people meddle with rules, the controller's pods are
 * deleted at any await, AWS throttles and fails. At rest AWS holds what the stacks say and nothing
 * else; when every object is gone so is everything of theirs. The same seed is the same life.
 */
import type { KubernetesObject } from '../../src/model/kubernetes/meta.ts';
import { type Faults, noFaults } from '../../src/sim/faults.ts';
import { type Random, seeded } from '../../src/sim/random.ts';
import { buildTwin } from '../../src/twin/build.ts';
import type { Twin } from '../../src/twin/twin.ts';
import {
  awsIsAsBuilt,
  isOfController,
  nothingIsLeft,
  type Strangers,
  strangersOf,
  strangersUntouched,
} from './load-balancer-invariants.ts';
import type { SoakOutcome } from './soak.ts';

const STEPS_MAX = 12;
const CONTROLLER = 'app.kubernetes.io/name';

const CLUSTER = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: soak, region: us-west-2, version: "1.33"}
availabilityZones: [us-west-2a, us-west-2b]
vpc: {cidr: 10.20.0.0/16}
managedNodeGroups:
  - {name: ng, instanceType: m5.large, desiredCapacity: 2, minSize: 0, maxSize: 4, privateNetworking: true}
`;

const NAMES = ['shop', 'blog', 'api', 'docs'] as const;
const GROUPS = ['front', 'back'] as const;
const ALB = 'alb.ingress.kubernetes.io';
const NLB = 'service.beta.kubernetes.io/aws-load-balancer';

const pick = <T>(random: Random, list: readonly T[]): T => list[random.int(list.length)]!;
const sometimes = (random: Random, fields: Record<string, string>): Record<string, string> =>
  random.int(3) === 0 ? fields : {};

const deployment = (name: string, replicas: number): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 2,
        containers: [{ name: 'c', image: 'nginx', ports: [{ name: 'http', containerPort: 8080 }] }],
      },
    },
  },
});

function backend(random: Random): KubernetesObject {
  const name = pick(random, NAMES);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', annotations: {} },
    spec: {
      type: pick(random, ['ClusterIP', 'NodePort']),
      selector: { app: name },
      ports: [
        { name: 'http', port: 80, targetPort: pick<number | string>(random, [8080, 'http']) },
      ],
    },
  };
}

function ingress(random: Random): KubernetesObject {
  const name = pick(random, NAMES);
  const paths = ['/', '/a', '/b', '/c/d'].slice(random.int(3), 3 + random.int(2));
  const service = { name: pick(random, NAMES), port: { number: 80 } };
  const ports = pick(random, ['[{"HTTP":80}]', '[{"HTTP":80},{"HTTP":8080}]', '[{"HTTP":8081}]']);
  const rules = Array.from({ length: 1 + random.int(3) }, (_, at) => ({
    ...(random.int(2) === 0 ? {} : { host: `${name}${at}.example.com` }),
    http: {
      paths: paths.map((path) => ({
        path,
        pathType: pick(random, ['Prefix', 'Exact', 'ImplementationSpecific']),
        backend: { service: random.int(3) === 0 ? { ...service, name: 'nobody' } : service },
      })),
    },
  }));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'default',
      annotations: {
        [`${ALB}/scheme`]: pick(random, ['internal', 'internet-facing']),
        [`${ALB}/target-type`]: pick(random, ['ip', 'ip', 'instance']),
        ...sometimes(random, { [`${ALB}/group.name`]: pick(random, GROUPS) }),
        ...sometimes(random, { [`${ALB}/group.order`]: String(random.int(5)) }),
        ...sometimes(random, { [`${ALB}/listen-ports`]: ports }),
        ...sometimes(random, { [`${ALB}/inbound-cidrs`]: `10.${random.int(9)}.0.0/16` }),
        ...sometimes(random, { [`${ALB}/healthcheck-path`]: `/healthz${random.int(3)}` }),
        ...sometimes(random, { [`${ALB}/tags`]: `team=${random.int(3)}` }),
        ...sometimes(random, {
          [`${ALB}/load-balancer-attributes`]: `idle_timeout.timeout_seconds=${60 + random.int(9)}`,
        }),
      },
    },
    spec: { ingressClassName: 'alb', rules },
  };
}

function balancer(random: Random): KubernetesObject {
  const name = pick(random, NAMES);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: `nlb-${name}`,
      namespace: 'default',
      annotations: {
        [`${NLB}-scheme`]: pick(random, ['internal', 'internet-facing']),
        [`${NLB}-nlb-target-type`]: pick(random, ['ip', 'instance']),
        ...sometimes(random, { [`${NLB}-additional-resource-tags`]: `team=${random.int(3)}` }),
        ...sometimes(random, { [`${NLB}-healthcheck-protocol`]: 'http' }),
      },
    },
    spec: {
      type: 'LoadBalancer',
      loadBalancerClass: 'service.k8s.aws/nlb',
      externalTrafficPolicy: pick(random, ['Cluster', 'Local']),
      selector: { app: name },
      ports: [
        { name: 'http', port: 80, targetPort: 8080 },
        ...(random.int(2) === 0 ? [] : [{ name: 'more', port: 81, targetPort: 8080 }]),
      ],
    },
  };
}

/** What may happen next; each returns what it did. */
type Happening = (twin: Twin, random: Random, strangers: Strangers) => string;

const applied = (twin: Twin, object: KubernetesObject): string => {
  const refused = twin.apply([object])[0];
  const { annotations } = object.metadata;
  const what = `${object.kind} ${object.metadata.name} ${JSON.stringify(annotations ?? {})}`;
  return refused === undefined ? `${what} is applied` : `${what} is refused: ${refused.message}`;
};

const deleted = (
  twin: Twin,
  random: Random,
  kind: 'Ingress' | 'Service',
  matches: (name: string) => boolean,
): string => {
  const keys = [...twin.store.entries(kind)]
    .filter(({ value }) => value.metadata.namespace === 'default' && matches(value.metadata.name))
    .map(({ key }) => key);
  if (keys.length === 0) return `no ${kind} to delete`;
  const key = pick(random, keys);
  twin.kubernetes.delete(kind, key);
  return `${kind} ${key} is deleted`;
};

const happenings: readonly Happening[] = [
  (twin, random) => applied(twin, ingress(random)),
  (twin, random) => applied(twin, ingress(random)),
  (twin, random) => applied(twin, ingress(random)),
  (twin, random) => applied(twin, balancer(random)),
  (twin, random) => applied(twin, balancer(random)),
  (twin, random) => applied(twin, backend(random)),
  (twin, random) => applied(twin, deployment(pick(random, NAMES), random.int(6))),
  (twin, random) => deleted(twin, random, 'Ingress', () => true),
  (twin, random) => deleted(twin, random, 'Service', (name) => name.startsWith('nlb-')),
  (twin, random) => deleted(twin, random, 'Service', (name) => NAMES.includes(name as 'shop')),
  (twin, random) => {
    const pods = twin.store
      .list('Pod')
      .filter(({ metadata }) => metadata.labels?.[CONTROLLER] === 'aws-load-balancer-controller');
    if (pods.length === 0) return 'the controller has no pod';
    const { name } = pick(random, pods).metadata;
    twin.kubernetes.delete('Pod', `kube-system/${name}`, { gracePeriodSeconds: random.int(2) });
    return `${name} is deleted`;
  },
  (twin, random) => {
    const groups = twin.store.list('ec2/security-group').filter(({ tags }) => isOfController(tags));
    if (groups.length === 0) return 'no group to meddle with';
    const { groupId } = pick(random, groups);
    const peer = { kind: 'ipv4', cidr: '198.51.100.7/32' } as const;
    const rule = { protocol: 'tcp', fromPort: 22, toPort: 22, peer };
    twin.cloud.ec2.authorizeSecurityGroupIngress({ groupId, rules: [rule] });
    return `somebody opens port 22 of ${groupId}`;
  },
  (twin, random, strangers) => strangers.arrive(twin, random),
  (_twin, random) => `nothing for a while (${random.int(1)})`,
  (twin, random) => {
    const desiredSize = 1 + random.int(3);
    twin.cloud.eks.updateNodegroupConfig({ clusterName: 'soak', nodegroupName: 'ng', desiredSize });
    return `the node group wants ${desiredSize}`;
  },
  (twin, random) => {
    const faults: Faults = {
      // The controller's SDK tries ten times: what is rare never gets to the controller.
      throttle: pick(random, [0, 0.1, 0.7, 0.9]),
      internalError: random.int(2) * 0.05,
      insufficientAddresses: 0,
      slow: random.int(2) * 0.3,
      slowMs: 20_000,
      duplicateEvent: random.int(2) * 0.1,
      lostEvent: random.int(2) * 0.05,
      relistAfterMs: 5_000,
    };
    twin.setFaults(faults);
    return `faults: ${JSON.stringify(faults)}`;
  },
  (twin) => {
    twin.setFaults(noFaults);
    return 'no more faults';
  },
];

/** Long enough for what is tried again at long intervals, and for the last ENI to go. */
const LATER_MS = 45 * 60_000;

async function rest(twin: Twin): Promise<string[]> {
  twin.setFaults(noFaults);
  await twin.settle();
  await twin.clock.runUntil(twin.clock.now() + LATER_MS);
  const settled = await twin.settle();
  return settled.kind === 'settled' ? [] : ['it does not settle'];
}

/** Lives one life; never throws, a crash is a broken invariant. */
export async function soakLoadBalancers(seed: number): Promise<SoakOutcome> {
  const steps: string[] = [];
  const broken: string[] = [];
  const see = (what: readonly string[], when: string): void => {
    for (const sentence of what) broken.push(`${when}: ${sentence}`);
  };
  try {
    const random = seeded(seed).split('soak of load balancers');
    const twin = await buildTwin([{ path: 'soak.yaml', text: CLUSTER }], {
      seed,
      with: ['aws-load-balancer-controller'],
    });
    await twin.settle();
    const strangers = strangersOf(twin);
    for (const name of NAMES) {
      twin.apply([deployment(name, 2)]);
      const type = pick(random, ['ClusterIP', 'NodePort']);
      const given = backend(random);
      const metadata = { ...given.metadata, name };
      const spec = { ...(given.spec as object), type, selector: { app: name } };
      twin.apply([{ ...given, metadata, spec }]);
    }
    const count = 4 + random.int(STEPS_MAX - 3);
    for (let i = 0; i < count; i++) {
      const happening = happenings[random.int(happenings.length)]!;
      steps.push(`${twin.clock.now()}ms ${happening(twin, random, strangers)}`);
      await twin.clock.runUntil(twin.clock.now() + random.int(120_000));
    }
    see(await rest(twin), 'after the last step');
    see(await awsIsAsBuilt(twin), 'at rest');
    see(strangersUntouched(twin, strangers), 'at rest');
    for (const { key, value } of [...twin.store.entries('Ingress')])
      if (value.metadata.deletionTimestamp === undefined) twin.kubernetes.delete('Ingress', key);
    for (const { key, value } of [...twin.store.entries('Service')])
      if (value.metadata.namespace === 'default' && value.metadata.name !== 'kubernetes')
        twin.kubernetes.delete('Service', key);
    see(await rest(twin), 'after everything was deleted');
    see(nothingIsLeft(twin), 'when everything is deleted');
    see(strangersUntouched(twin, strangers), 'when everything is deleted');
    twin.stop();
  } catch (failure) {
    see([failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)], 'crash');
  }
  return { seed, steps, broken };
}
