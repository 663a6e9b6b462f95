/**
 * api/kubernetes/write/kept-only — kinds the twin keeps and shows, and nobody acts on: who makes
 * one is told so.
 */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  ResourceQuota: 'a ResourceQuota is kept and not enforced: nothing is counted or refused',
  LimitRange: 'a LimitRange is kept and not enforced: no container is limited or defaulted by it',
  HorizontalPodAutoscaler:
    'a HorizontalPodAutoscaler is kept and scales nothing: there is no load to measure',
  BackendTLSPolicy:
    'a BackendTLSPolicy is kept and has no effect: the AWS Load Balancer Controller reads none',
  ValidatingAdmissionPolicy:
    'a ValidatingAdmissionPolicy is kept and refuses nothing: its rules are not evaluated',
  CertificateSigningRequest:
    'a CertificateSigningRequest is kept and nobody signs it: it stays without a certificate',
};

/** What to warn of; undefined for kinds that have their effect. */
export function keptOnly(kind: string): string | undefined {
  const text = WITHOUT_EFFECT[kind];
  return text === undefined ? undefined : `ekstwin: ${text}`;
}
