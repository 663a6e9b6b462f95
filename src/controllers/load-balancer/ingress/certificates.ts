/**
 * load-balancer/ingress/certificates — the certificates of one Ingress's secure ports: named by
 * ARN, asked for with this stack, or found in ACM by the hosts they are for.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_listener.go
 * computeIngressExplicitTLSCertARNs, computeIngressInferredTLSCertARNs,
 * model_build_certificates.go, pkg/certs/cert_discovery.go.
 */
import type { Certificate } from '../../../model/acm/certificate.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import type { Ingress } from '../../../model/kubernetes/ingress.ts';
import { BuildError } from '../build-error.ts';
import { stackTags } from '../deploy/tracking.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import { digestOf } from '../stack/names.ts';
import { type FieldOf, fieldOf, type Token } from '../stack/token.ts';
import { alb } from './alb-annotations.ts';
import { type ClassifiedIngress, memberKey } from './group.ts';
import { annotationsOf, type GroupBuild, paramsOf } from './group-build.ts';
import { tagsOfCertificate } from './group-tags.ts';

/** Certificates that class or annotation name. */
export function explicitCertificates(member: ClassifiedIngress): readonly Token[] {
  const ofClass = paramsOf(member).certificateArn ?? [];
  const arns =
    ofClass.length > 0 ? ofClass : (alb.stringList('certificate-arn', annotationsOf(member)) ?? []);
  return arns.map((certificateArn) => ({ certificateArn }));
}

/** Hosts of rules and of spec.tls, each once, sorted. */
function hostsOf({ spec }: Ingress): readonly string[] {
  const hosts = (spec.rules ?? []).flatMap(({ host }) => (host ? [host] : []));
  const secured = (spec.tls ?? []).flatMap((tls) => tls.hosts ?? []);
  return [...new Set([...hosts, ...secured])].sort();
}

/** Issued certificates for the Ingress's hosts. @throws BuildError  where a host has none */
export async function inferredCertificates(
  { settings, stack, reads }: GroupBuild,
  { ingress }: ClassifiedIngress,
): Promise<readonly Token[]> {
  const hosts = hostsOf(ingress);
  const tracking = { prefix: 'ingress.k8s.aws', clusterName: settings.clusterName } as const;
  const own = stackTags(tracking, stack.id);
  const arns = discoverCertificates(await reads.certificates(), hosts, settings, own);
  return arns.map((certificateArn) => ({ certificateArn }));
}

/**
 * Every certificate that is for one of the hosts, sorted by ARN.
 *
 * @param issued  certificates whose status is ISSUED
 * @param own     tags of certificates that the controller made: not found again
 * @throws BuildError  `no certificate found for host: H`
 */
export function discoverCertificates(
  issued: readonly Certificate[],
  hosts: readonly string[],
  settings: Pick<ControllerSettings, 'allowedCertificateAuthorityArns' | 'featureGates'>,
  own: Tags,
): readonly string[] {
  const allowed = settings.allowedCertificateAuthorityArns;
  const usable = issued.filter(
    ({ tags, certificateAuthorityArn = '' }) =>
      (allowed.length === 0 || allowed.includes(certificateAuthorityArn)) &&
      !(settings.featureGates.EnableCertificateManagement && isOwn(tags, own)),
  );
  const found = new Set<string>();
  for (const host of hosts) {
    const matching = usable.filter(({ subjectAlternativeNames }) =>
      subjectAlternativeNames.some((domain) => isFor(domain, host)),
    );
    if (matching.length === 0) throw new BuildError(`no certificate found for host: ${host}`);
    for (const { certificateArn } of matching) found.add(certificateArn);
  }
  return [...found].sort();
}

/** By the keys alone: upstream does not compare values here. */
const isOwn = (tags: Tags, own: Tags): boolean =>
  Object.keys(own).every((key) => tags[key] !== undefined);

/** A wildcard stands for exactly one label. */
export function isFor(domain: string, host: string): boolean {
  if (!domain.startsWith('*.')) return domain === host;
  const label = host.indexOf('.');
  return label >= 0 && host.slice(label) === domain.slice(1);
}

/**
 * Asks for a certificate for the Ingress's hosts, where its annotation and the gate want one.
 *
 * @returns undefined where none is asked for
 */
export function createdCertificate(
  { settings, stack }: GroupBuild,
  member: ClassifiedIngress,
): FieldOf | undefined {
  if (!settings.featureGates.EnableCertificateManagement || !wantsCertificate(member)) {
    return undefined;
  }
  if ((alb.stringList('certificate-arn', annotationsOf(member)) ?? []).length > 0) return undefined;
  const certificateAuthorityARN =
    alb.string('acm-pca-arn', annotationsOf(member)) || settings.defaultPcaArn;
  const hosts = hostsOf(member.ingress);
  const key = memberKey(member);
  const [domainName] = hosts;
  if (domainName === undefined) {
    throw new BuildError(
      `ingress ${key} has create-acm-cert enabled but no hostnames defined in spec.rules[].host ` +
        'or spec.tls[].hosts — cannot create a certificate without at least one hostname',
    );
  }
  const type = certificateAuthorityARN === '' ? 'AMAZON_ISSUED' : 'PRIVATE';
  // The id becomes a tag's value, which may have no `*`.
  const domain = domainName.replaceAll('*', 'wildcard');
  const id = `${type.toLowerCase()}/${domain}-${digestOf(key).slice(0, 8)}`;
  stack.add('AWS::ACM::Certificate', id, {
    type,
    certificateAuthorityARN,
    domainName,
    subjectAlternativeNames: hosts,
    validationMethod: 'DNS',
    keyAlgorithm: '',
    tags: tagsOfCertificate(member, settings),
  });
  return fieldOf('AWS::ACM::Certificate', id, 'certificateARN');
}

/** What is no boolean counts as false here, as upstream. */
function wantsCertificate(member: ClassifiedIngress): boolean {
  try {
    return alb.bool('create-acm-cert', annotationsOf(member)) ?? false;
  } catch (error) {
    if (error instanceof BuildError) return false;
    throw error;
  }
}
