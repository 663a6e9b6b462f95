/**
 * formats/aws/balancer-companions — documents that tell more of load balancers, target groups,
 * listeners, rules and hosted zones: tags, attributes, certificates, VPCs; and how they are laid
 * over their nouns.
 */
import type { Tags } from '../../model/ec2/tags.ts';
import type { HostedZone } from '../../model/route53/hosted-zone.ts';
import type { AwsExport } from './aws-documents.ts';
import type { Companion } from './companion-documents.ts';

/** What the companions tell, by ARN, by name, or by the last part of an ARN. */
export interface BalancerCompanions {
  readonly tags: Map<string, Tags>;
  readonly attributes: Map<string, Readonly<Record<string, string>>>;
  /** Of a listener, the default one first. */
  readonly certificates: Map<string, readonly string[]>;
  readonly zones: Map<string, Pick<HostedZone, 'vpcIds' | 'nameServers'>>;
}

export const noBalancerCompanions = (): BalancerCompanions => ({
  tags: new Map(),
  attributes: new Map(),
  certificates: new Map(),
  zones: new Map(),
});

const LISTENER = { member: 'ListenerArn', pattern: /[0-9a-f]{16}/ };

export const BALANCER_COMPANIONS: readonly Companion[] = [
  {
    member: 'TagDescriptions',
    read: (root, _, { balancers }) => {
      for (const it of root.list('TagDescriptions')) {
        const id = it.optionalText('ResourceArn') ?? it.text('LoadBalancerName');
        balancers.tags.set(id, it.tags('Tags'));
      }
    },
  },
  {
    member: 'Attributes',
    items: 'Key',
    of: { ...LISTENER, also: ['LoadBalancerArn', 'TargetGroupArn'] },
    read: (root, id, { balancers }) => {
      const told = root.list('Attributes').map((it) => [it.text('Key'), it.text('Value')]);
      balancers.attributes.set(id, Object.fromEntries(told));
    },
  },
  {
    member: 'Certificates',
    items: 'IsDefault',
    of: LISTENER,
    read: (root, id, { balancers }) => {
      const told = root.list('Certificates');
      const [first = [], others = []] = [true, false].map((isDefault) =>
        told
          .filter((it) => it.flag('IsDefault') === isDefault)
          .map((it) => it.text('CertificateArn')),
      );
      balancers.certificates.set(id, [...first, ...others]);
    },
  },
  {
    member: 'DelegationSet',
    read: (root, _, { balancers }) => {
      const id = root
        .object('HostedZone')
        ?.optionalText('Id')
        ?.replace(/^\/hostedzone\//, '');
      if (id === undefined) return;
      balancers.zones.set(id, {
        vpcIds: root.list('VPCs').map((it) => it.id('VPCId')),
        nameServers: root.object('DelegationSet')?.texts('NameServers') ?? [],
      });
    },
  },
];

const OF_BALANCERS = [
  'elbv2/load-balancer',
  'elbv2/target-group',
  'elbv2/listener',
  'elbv2/rule',
] as const;

/** The number at the end of an ARN, which is all that a file's name tells of one. */
const lastPart = (key: string): string => key.split('/').pop() ?? key;

/** Lays everything the companions tell over the nouns, in place. */
export function layBalancerCompanions({ nouns, companions }: AwsExport): void {
  const { tags, attributes, certificates, zones } = companions.balancers;
  for (const kind of OF_BALANCERS) {
    const byKey = nouns[kind] as Map<string, object>;
    for (const [arn, noun] of byKey) {
      const own = {
        tags: tags.get(arn),
        attributes: told(attributes, arn),
        certificateArns: told(certificates, arn),
      };
      const more = Object.entries(own).filter(([member, it]) => it !== undefined && member in noun);
      if (more.length > 0) byKey.set(arn, { ...noun, ...Object.fromEntries(more) });
    }
  }
  const classic = nouns['elbv2/classic-load-balancer'];
  for (const [name, noun] of classic)
    classic.set(name, { ...noun, tags: tags.get(name) ?? noun.tags });
  for (const [id, zone] of nouns['route53/hosted-zone'])
    nouns['route53/hosted-zone'].set(id, { ...zone, ...zones.get(id) });
}

const told = <Value>(byId: ReadonlyMap<string, Value>, arn: string): Value | undefined =>
  byId.get(arn) ?? byId.get(lastPart(arn));
