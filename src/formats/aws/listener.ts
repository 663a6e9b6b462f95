/** formats/aws/listener — `aws elbv2 describe-listeners` and `describe-rules`. */
import { listenerAttributesOf } from '../../cloud/elbv2/listener-attributes.ts';
import type { Listener, ListenerProtocol, ListenerRule } from '../../model/elbv2/listener.ts';
import { type AwsJson, type AwsReader, type NounFormat, present } from './aws-json.ts';
import { actionsFromAws, actionsToAws } from './listener-action.ts';
import {
  conditionFromAws,
  conditionToAws,
  transformFromAws,
  transformToAws,
} from './rule-condition.ts';

type Authentication = NonNullable<Listener['mutualAuthentication']>;

const authenticationToAws = (it: Authentication | undefined): AwsJson | undefined =>
  it &&
  present({
    Mode: it.mode,
    TrustStoreArn: it.trustStoreArn,
    IgnoreClientCertificateExpiry: it.ignoreClientCertificateExpiry,
    AdvertiseTrustStoreCaNames: it.advertiseTrustStoreCaNames,
  });

/** Mutual TLS as documents and requests have it. */
export function readAuthentication(read: AwsReader | undefined): Authentication | undefined {
  if (read === undefined) return undefined;
  return present({
    mode: read.text('Mode'),
    trustStoreArn: read.optionalText('TrustStoreArn'),
    ignoreClientCertificateExpiry: read.has('IgnoreClientCertificateExpiry')
      ? read.flag('IgnoreClientCertificateExpiry')
      : undefined,
    advertiseTrustStoreCaNames: read.optionalText('AdvertiseTrustStoreCaNames'),
  }) as unknown as Authentication;
}

/** The default certificate only: describe-listener-certificates tells of the others. */
const certificatesToAws = (it: Listener): readonly AwsJson[] | undefined =>
  it.certificateArns.length === 0 ? undefined : [{ CertificateArn: it.certificateArns[0] }];

export const listener: NounFormat<'elbv2/listener'> = {
  kind: 'elbv2/listener',
  member: 'Listeners',
  items: 'ListenerArn',
  file: 'describe-listeners.json',
  toAws: (it) =>
    present({
      ListenerArn: it.listenerArn,
      LoadBalancerArn: it.loadBalancerArn,
      Port: it.port,
      Protocol: it.protocol,
      Certificates: certificatesToAws(it),
      SslPolicy: it.sslPolicy,
      DefaultActions: actionsToAws(it.defaultActions),
      AlpnPolicy: it.alpnPolicy,
      MutualAuthentication: authenticationToAws(it.mutualAuthentication),
    }),
  fromAws: (read): Listener => {
    const protocol = read.text('Protocol') as ListenerProtocol;
    return {
      listenerArn: read.text('ListenerArn'),
      loadBalancerArn: read.text('LoadBalancerArn'),
      port: read.number('Port', 0),
      protocol,
      certificateArns: read.list('Certificates').map((it) => it.text('CertificateArn')),
      sslPolicy: read.optionalText('SslPolicy'),
      alpnPolicy: read.has('AlpnPolicy') ? read.texts('AlpnPolicy') : undefined,
      mutualAuthentication: readAuthentication(read.object('MutualAuthentication')),
      defaultActions: actionsFromAws(read.list('DefaultActions')),
      attributes: listenerAttributesOf(protocol),
      createdAtMs: 0,
      tags: {},
    };
  },
};

/** A rule's ARN is its listener's and one number more. */
const listenerOf = (ruleArn: string): string =>
  ruleArn.replace(':listener-rule/', ':listener/').replace(/\/[^/]*$/, '');

export const rule: NounFormat<'elbv2/rule'> = {
  kind: 'elbv2/rule',
  member: 'Rules',
  items: 'RuleArn',
  file: 'describe-rules.json',
  /** The default one is the listener's own. */
  isNoun: (read) => !read.flag('IsDefault'),
  toAws: (it) =>
    present({
      RuleArn: it.ruleArn,
      Priority: String(it.priority),
      Conditions: it.conditions.map(conditionToAws),
      Actions: actionsToAws(it.actions),
      IsDefault: false,
      Transforms: it.transforms?.map(transformToAws),
    }),
  fromAws: (read): ListenerRule => ({
    ruleArn: read.text('RuleArn'),
    listenerArn: listenerOf(read.text('RuleArn')),
    priority: Number(read.text('Priority')),
    conditions: read.list('Conditions').map(conditionFromAws),
    actions: actionsFromAws(read.list('Actions')),
    transforms: read.has('Transforms') ? read.list('Transforms').map(transformFromAws) : undefined,
    createdAtMs: 0,
    tags: {},
  }),
};
