/** cloud/acm/operations — the verbs of AWS Certificate Manager that look certificates up. */
import type { Certificate } from '../../model/acm/certificate.ts';
import type { AwsError } from '../../model/aws-error.ts';
import type { Tags } from '../../model/ec2/tags.ts';

export interface AcmOperations {
  /** Issued at once: what validates it is not simulated. */
  requestCertificate(input: {
    readonly domainName: string;
    readonly subjectAlternativeNames?: readonly string[] | undefined;
    readonly tags?: Tags | undefined;
  }): Certificate | AwsError;
  /** What somebody else issued; with an ARN, in the place of an imported one. */
  importCertificate(input: {
    readonly certificateArn?: string | undefined;
    readonly names: readonly [string, ...string[]];
    readonly keyAlgorithm: string;
    readonly tags?: Tags | undefined;
  }): Certificate | AwsError;
  changeTags(input: {
    readonly certificateArn: string;
    readonly tags: Tags;
    readonly removedKeys: readonly string[];
  }): Certificate | AwsError;
  listCertificates(input: {
    readonly statuses?: readonly Certificate['status'][] | undefined;
  }): readonly Certificate[];
  describeCertificate(input: { readonly certificateArn: string }): Certificate | AwsError;
  deleteCertificate(input: {
    readonly certificateArn: string;
  }): { readonly kind: 'done' } | AwsError;
}

/** The same verbs, each taking AWS's time. */
export type Acm = {
  readonly [Action in keyof AcmOperations]: (
    ...input: Parameters<AcmOperations[Action]>
  ) => Promise<ReturnType<AcmOperations[Action]>>;
};
