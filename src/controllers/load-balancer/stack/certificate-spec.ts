/**
 * controllers/load-balancer/stack/certificate-spec — a certificate the controller asks ACM for.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/model/acm/certificate.go.
 */
import type { Tags } from '../../../model/ec2/tags.ts';

export interface CertificateSpec {
  readonly type: 'AMAZON_ISSUED' | 'PRIVATE';
  /** Empty: Amazon's own. */
  readonly certificateAuthorityARN: string;
  readonly domainName: string;
  readonly subjectAlternativeNames: readonly string[];
  readonly validationMethod: 'DNS';
  readonly keyAlgorithm: string;
  readonly tags?: Tags | undefined;
}
