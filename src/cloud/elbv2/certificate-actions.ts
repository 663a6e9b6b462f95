/** cloud/elbv2/certificate-actions — certificates of a listener besides its default. */
import { awsError } from '../../model/aws-error.ts';
import type { Region } from '../region.ts';
import { DONE, noListener, validationError } from './elb-error.ts';
import { certificateRefusal } from './listener-settings.ts';
import type { Elbv2Operations } from './operations.ts';

type CertificateActions = Pick<
  Elbv2Operations,
  'addListenerCertificates' | 'removeListenerCertificates' | 'describeListenerCertificates'
>;

export const certificateActions = (region: Region): CertificateActions => ({
  addListenerCertificates({ listenerArn, certificateArns: asked }) {
    const listener = region.store.get('elbv2/listener', listenerArn);
    if (listener === undefined) return noListener(listenerArn);
    if (listener.certificateArns.length === 0)
      return validationError(
        `Certificates cannot be added to listeners with the protocol '${listener.protocol}'`,
      );
    for (const arn of asked) {
      const refusal = certificateRefusal(region, arn);
      if (refusal !== undefined) return refusal;
    }
    const [first, ...others] = listener.certificateArns;
    // The default one may be in the list for server names as well.
    const added = asked.filter((arn) => !others.includes(arn));
    if (others.length + added.length > region.quotas.certificatesPerLoadBalancer)
      return awsError(
        'TooManyCertificates',
        `The maximum number of certificates on listener '${listenerArn}' has been reached`,
      );
    const certificateArns = [first!, ...others, ...new Set(added)];
    region.store.put('elbv2/listener', listenerArn, { ...listener, certificateArns });
    return DONE;
  },
  removeListenerCertificates({ listenerArn, certificateArns: asked }) {
    const listener = region.store.get('elbv2/listener', listenerArn);
    if (listener === undefined) return noListener(listenerArn);
    const [first, ...others] = listener.certificateArns;
    const kept = others.filter((arn) => !asked.includes(arn));
    if (first !== undefined && asked.includes(first) && !others.includes(first))
      return awsError(
        'OperationNotPermitted',
        'Default certificate cannot be removed from a listener',
      );
    const certificateArns = first === undefined ? [] : [first, ...kept];
    region.store.put('elbv2/listener', listenerArn, { ...listener, certificateArns });
    return DONE;
  },
  describeListenerCertificates({ listenerArn }) {
    const listener = region.store.get('elbv2/listener', listenerArn);
    if (listener === undefined) return noListener(listenerArn);
    return listener.certificateArns.map((certificateArn, i) => ({
      certificateArn,
      isDefault: i === 0,
    }));
  },
});
