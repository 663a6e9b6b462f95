/** api/aws/elbv2/listeners — listeners, their certificates and attributes. */
import type {
  Action,
  Certificate,
  ElasticLoadBalancingV2,
  MutualAuthenticationAttributes,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsReader } from '../../../formats/aws/aws-json.ts';
import { readAuthentication } from '../../../formats/aws/listener.ts';
import { actionsFromAws } from '../../../formats/aws/listener-action.ts';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { Listener, ListenerAction, ListenerProtocol } from '../../../model/elbv2/listener.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { page, pairsOf, readersOf, recordOf } from './requests.ts';

const described = (call: AwsCall) => (it: Listener) => shown(call, 'elbv2/listener', it);

/** Actions as requests spell them. */
export const actionsOf = (
  member: string,
  actions: readonly Action[] | undefined,
): readonly ListenerAction[] => actionsFromAws([...readersOf(member, actions)]);

const certificatesOf = (certificates: readonly Certificate[] | undefined): readonly string[] =>
  (certificates ?? []).flatMap(({ CertificateArn }) => CertificateArn ?? []);

const authenticationOf = (given: MutualAuthenticationAttributes | undefined) =>
  readAuthentication(given && new AwsReader({ ...given }, 'MutualAuthentication'));

export const listeners: Handlers<ElasticLoadBalancingV2> = {
  CreateListener(input, call) {
    if (input.Port === undefined || input.Protocol === undefined)
      return awsError('ValidationError', 'A listener port and protocol must be specified');
    const made = call.cloud.elbv2.createListener({
      loadBalancerArn: input.LoadBalancerArn!,
      port: input.Port,
      protocol: input.Protocol as ListenerProtocol,
      certificateArn: certificatesOf(input.Certificates)[0],
      sslPolicy: input.SslPolicy,
      alpnPolicy: input.AlpnPolicy,
      mutualAuthentication: authenticationOf(input.MutualAuthentication),
      defaultActions: actionsOf('DefaultActions', input.DefaultActions),
      tags: input.Tags && recordOf(input.Tags),
    });
    return isAwsError(made) ? made : { Listeners: [described(call)(made)] };
  },

  DescribeListeners(input, call) {
    const found = call.cloud.elbv2.describeListeners({
      loadBalancerArn: input.LoadBalancerArn,
      listenerArns: input.ListenerArns,
    });
    const part = page(call, input, found, described(call));
    return isAwsError(part) ? part : { Listeners: part.items, NextMarker: part.NextMarker };
  },

  ModifyListener(input, call) {
    const given = {
      port: input.Port,
      protocol: input.Protocol as ListenerProtocol | undefined,
      certificateArn: certificatesOf(input.Certificates)[0],
      sslPolicy: input.SslPolicy,
      alpnPolicy: input.AlpnPolicy,
      mutualAuthentication: authenticationOf(input.MutualAuthentication),
      defaultActions: input.DefaultActions && actionsOf('DefaultActions', input.DefaultActions),
    };
    const asked = Object.entries(given).filter(([, value]) => value !== undefined);
    const changed = call.cloud.elbv2.modifyListener({
      listenerArn: input.ListenerArn!,
      ...Object.fromEntries(asked),
    });
    return isAwsError(changed) ? changed : { Listeners: [described(call)(changed)] };
  },

  DeleteListener(input, { cloud }) {
    const gone = cloud.elbv2.deleteListener({ listenerArn: input.ListenerArn! });
    return isAwsError(gone) ? gone : {};
  },

  AddListenerCertificates(input, { cloud }) {
    const certificateArns = certificatesOf(input.Certificates);
    const listenerArn = input.ListenerArn!;
    const done = cloud.elbv2.addListenerCertificates({ listenerArn, certificateArns });
    if (isAwsError(done)) return done;
    return {
      Certificates: certificateArns.map((CertificateArn) => ({ CertificateArn, IsDefault: false })),
    };
  },

  RemoveListenerCertificates(input, { cloud }) {
    const done = cloud.elbv2.removeListenerCertificates({
      listenerArn: input.ListenerArn!,
      certificateArns: certificatesOf(input.Certificates),
    });
    return isAwsError(done) ? done : {};
  },

  DescribeListenerCertificates(input, call) {
    const found = call.cloud.elbv2.describeListenerCertificates({
      listenerArn: input.ListenerArn!,
    });
    const part = page(call, input, found, ({ certificateArn, isDefault }) => ({
      CertificateArn: certificateArn,
      IsDefault: isDefault,
    }));
    return isAwsError(part) ? part : { Certificates: part.items, NextMarker: part.NextMarker };
  },

  DescribeListenerAttributes(input, { cloud }) {
    const attributes = cloud.elbv2.describeListenerAttributes({ listenerArn: input.ListenerArn! });
    return isAwsError(attributes) ? attributes : { Attributes: pairsOf(attributes) };
  },

  ModifyListenerAttributes(input, { cloud }) {
    const attributes = cloud.elbv2.modifyListenerAttributes({
      listenerArn: input.ListenerArn!,
      attributes: recordOf(input.Attributes),
    });
    return isAwsError(attributes) ? attributes : { Attributes: pairsOf(attributes) };
  },
};
