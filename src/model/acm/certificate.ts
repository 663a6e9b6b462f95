/** model/acm/certificate — a certificate of AWS Certificate Manager: which names it is for. */
import type { Tags } from '../ec2/tags.ts';

export interface Certificate {
  readonly certificateArn: string;
  readonly domainName: string;
  /** The domain name among them. */
  readonly subjectAlternativeNames: readonly string[];
  readonly status: 'ISSUED' | 'PENDING_VALIDATION' | 'EXPIRED' | 'REVOKED' | 'FAILED' | 'INACTIVE';
  readonly type: 'AMAZON_ISSUED' | 'IMPORTED' | 'PRIVATE';
  readonly keyAlgorithm: string;
  readonly certificateAuthorityArn?: string | undefined;
  readonly tags: Tags;
}
