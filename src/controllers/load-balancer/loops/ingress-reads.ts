/**
 * load-balancer/loops/ingress-reads — what the builder of a group's stack asks, answered by AWS and
 * the cluster. What WAF and trust stores would answer is not simulated: a name stands for itself.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/shared_utils/target_group_arn_mapper.go (ten minutes), pkg/certs/cert_discovery.go (the list
 * for a minute, a certificate for ten hours).
 */
import type { Acm } from '../../../cloud/acm/operations.ts';
import type { Elbv2 } from '../../../cloud/elbv2/operations.ts';
import type { Certificate } from '../../../model/acm/certificate.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { Clock } from '../../../sim/clock.ts';
import { BuildError } from '../build-error.ts';
import { must } from '../deploy/deploy-error.ts';
import type { Tracking } from '../deploy/tracking.ts';
import { ExpiringMap } from '../expiring-map.ts';
import type { IngressReads } from '../ingress/ingress-reads.ts';
import type { BackendSecurityGroup } from '../security-groups/backend-security-group.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import { selectSubnets } from '../subnets/resolve-subnets.ts';
import { type AwsReads, whileBuilding } from './aws-reads.ts';

const TARGET_GROUP_REMEMBERED_MS = 10 * 60_000;
const CERTIFICATES_REMEMBERED_MS = 60_000;
const CERTIFICATE_REMEMBERED_MS = 10 * 3_600_000;

export interface IngressReadParts {
  readonly clock: Clock;
  readonly store: TwinStore;
  readonly elbv2: Elbv2;
  readonly acm: Acm;
  readonly settings: ControllerSettings;
  readonly tracking: Tracking;
  readonly reads: AwsReads;
  readonly backend: BackendSecurityGroup;
}

/** The builder's questions, each asked of who knows. */
export function ingressReads(parts: IngressReadParts): IngressReads {
  const { clock, store, elbv2, settings, tracking, reads, backend } = parts;
  const targetGroups = new ExpiringMap<string>(clock, TARGET_GROUP_REMEMBERED_MS);
  const declared = (service: string, path: string) =>
    `arn:aws:${service}:${settings.region}:declared:${path}`;
  return {
    existingLoadBalancer: (stack) => reads.existingLoadBalancer(tracking, stack),
    discoverSubnets: (demand) => reads.discoverSubnets(demand),
    namedSubnets: (demand, names) => reads.namedSubnets(demand, names),
    selectSubnets: (demand, selector) => selectSubnets(reads.subnets, settings, demand, selector),
    securityGroups: (names) => reads.securityGroups(names),
    backendSecurityGroup: (members) =>
      whileBuilding(() => backend.get(members.map((key) => ({ kind: 'Ingress', key })))),
    service: (namespace, name) => store.get('Service', `${namespace}/${name}`),
    secret: (namespace, name) => store.get('Secret', `${namespace}/${name}`),
    async targetGroupArn(name) {
      const known = targetGroups.get(name);
      if (known !== undefined) return known;
      const found = await whileBuilding(async () =>
        must(await elbv2.describeTargetGroups({ names: [name] })),
      );
      if (found.length !== 1) {
        throw new BuildError(
          `expecting a single targetGroup with query [${name}] but got ${found.length}`,
        );
      }
      const arn = found[0]!.targetGroupArn;
      targetGroups.set(name, arn);
      return arn;
    },
    webAclArn: async (name) => declared('wafv2', `regional/webacl/${name}`),
    trustStoreArns: async (names) =>
      Object.fromEntries(
        names.map((name) => [name, declared('elasticloadbalancing', `truststore/${name}`)]),
      ),
    certificates: certificateReads(parts),
  };
}

function certificateReads({ clock, acm }: IngressReadParts): () => Promise<readonly Certificate[]> {
  const lists = new ExpiringMap<readonly string[]>(clock, CERTIFICATES_REMEMBERED_MS);
  const described = new ExpiringMap<Certificate>(clock, CERTIFICATE_REMEMBERED_MS);
  return () =>
    whileBuilding(async () => {
      let arns = lists.get('issued');
      if (arns === undefined) {
        const found = must(await acm.listCertificates({ statuses: ['ISSUED'] }));
        arns = found.map(({ certificateArn }) => certificateArn);
        lists.set('issued', arns);
      }
      const certificates: Certificate[] = [];
      for (const certificateArn of arns) {
        const known = described.get(certificateArn);
        const certificate = known ?? must(await acm.describeCertificate({ certificateArn }));
        if (known === undefined) described.set(certificateArn, certificate);
        certificates.push(certificate);
      }
      return certificates;
    });
}
