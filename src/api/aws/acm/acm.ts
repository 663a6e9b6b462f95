/**
 * api/aws/acm/acm — AWS Certificate Manager: certificates found, asked for, imported, tagged. What
 * validates them is not simulated: they are issued at once. Keys are not kept.
 */
import { X509Certificate } from 'node:crypto';
import type { ACM, CertificateSummary, KeyAlgorithm } from '@aws-sdk/client-acm';
import type { Certificate } from '../../../model/acm/certificate.ts';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import { type AwsCall, type Handlers, untyped } from '../operation.ts';
import { pageOf } from '../page.ts';
import { shown } from '../shown.ts';

/** API reference, ListCertificates: 1 to 1,000; the default is recollection. */
const PAGE_DEFAULT = 100;
/** Of keys that are asked for by nobody, only these are listed. */
const USUAL_KEYS = /^RSA_(1024|2048)$/;

const keyOf = ({ keyAlgorithm }: Certificate): string => keyAlgorithm.replace(/-/g, '_');

const usersOf = ({ store }: AwsCall, arn: string): string[] => [
  ...new Set(
    store
      .list('elbv2/listener')
      .filter((it) => it.certificateArns.includes(arn))
      .map((it) => it.loadBalancerArn),
  ),
];

function summary(call: AwsCall, it: Certificate): CertificateSummary {
  return {
    CertificateArn: it.certificateArn,
    DomainName: it.domainName,
    SubjectAlternativeNameSummaries: [...it.subjectAlternativeNames],
    HasAdditionalSubjectAlternativeNames: false,
    Status: it.status as CertificateSummary['Status'],
    Type: it.type,
    KeyAlgorithm: keyOf(it) as KeyAlgorithm,
    InUse: usersOf(call, it.certificateArn).length > 0,
    RenewalEligibility: 'INELIGIBLE',
  };
}

const tagsOf = (
  tags: readonly { readonly Key: string | undefined; readonly Value?: string | undefined }[] = [],
): Tags => Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? '', Value ?? '']));

/** The names an X.509 certificate is for, and its key as ACM calls it. */
function readPem(
  pem: Uint8Array | undefined,
): { readonly names: readonly [string, ...string[]]; readonly keyAlgorithm: string } | AwsError {
  try {
    const certificate = new X509Certificate(Buffer.from(pem ?? []));
    const common = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
    const alternatives = (certificate.subjectAltName ?? '')
      .split(', ')
      .flatMap((it) => (it.startsWith('DNS:') ? [it.slice(4)] : []));
    const [first, ...rest] = [
      ...new Set([...(common === undefined ? [] : [common]), ...alternatives]),
    ];
    if (first === undefined)
      return awsError('ValidationException', 'The certificate names no domain.');
    const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
    const keyAlgorithm =
      asymmetricKeyType === 'rsa'
        ? `RSA-${asymmetricKeyDetails?.modulusLength}`
        : `EC-${asymmetricKeyDetails?.namedCurve}`;
    return { names: [first, ...rest], keyAlgorithm };
  } catch {
    return awsError(
      'ValidationException',
      'The certificate field contains more than one certificate. You can specify only one ' +
        'certificate in this field, PEM-encoded.',
    );
  }
}

const acm: Handlers<ACM> = {
  ListCertificates(input, call) {
    const types = input.Includes?.keyTypes as readonly string[] | undefined;
    const isWanted = (it: Certificate) =>
      types === undefined || types.length === 0
        ? USUAL_KEYS.test(keyOf(it))
        : types.includes(keyOf(it));
    const found = call.cloud.acm.listCertificates({
      statuses: input.CertificateStatuses as readonly Certificate['status'][] | undefined,
    });
    const size = input.MaxItems ?? PAGE_DEFAULT;
    const part = pageOf(call, found.filter(isWanted), size, input.NextToken);
    if (part === undefined) return awsError('ValidationException', 'The nextToken is not valid.');
    return {
      CertificateSummaryList: part.items.map((it) => summary(call, it)),
      NextToken: part.next,
    };
  },

  DescribeCertificate(input, call) {
    const certificateArn = input.CertificateArn!;
    const found = call.cloud.acm.describeCertificate({ certificateArn });
    if (isAwsError(found)) return found;
    return {
      Certificate: {
        ...shown(call, 'acm/certificate', found),
        KeyAlgorithm: keyOf(found) as KeyAlgorithm,
        InUseBy: usersOf(call, certificateArn),
      },
    };
  },

  RequestCertificate(input, { cloud }) {
    const made = cloud.acm.requestCertificate({
      domainName: input.DomainName!,
      subjectAlternativeNames: input.SubjectAlternativeNames,
      tags: tagsOf(input.Tags),
    });
    return isAwsError(made) ? made : { CertificateArn: made.certificateArn };
  },

  ImportCertificate(input, { cloud }) {
    const read = readPem(input.Certificate);
    if (isAwsError(read)) return read;
    const { CertificateArn: certificateArn } = input;
    const made = cloud.acm.importCertificate({ certificateArn, ...read, tags: tagsOf(input.Tags) });
    return isAwsError(made) ? made : { CertificateArn: made.certificateArn };
  },

  DeleteCertificate(input, { cloud }) {
    const gone = cloud.acm.deleteCertificate({ certificateArn: input.CertificateArn! });
    return isAwsError(gone) ? gone : {};
  },

  ListTagsForCertificate(input, { cloud }) {
    const found = cloud.acm.describeCertificate({ certificateArn: input.CertificateArn! });
    if (isAwsError(found)) return found;
    return { Tags: Object.entries(found.tags).map(([Key, Value]) => ({ Key, Value })) };
  },

  AddTagsToCertificate(input, { cloud }) {
    const changed = cloud.acm.changeTags({
      certificateArn: input.CertificateArn!,
      tags: tagsOf(input.Tags),
      removedKeys: [],
    });
    return isAwsError(changed) ? changed : {};
  },

  RemoveTagsFromCertificate(input, { cloud }) {
    const removedKeys = (input.Tags ?? []).map(({ Key }) => Key ?? '');
    const certificateArn = input.CertificateArn!;
    const changed = cloud.acm.changeTags({ certificateArn, tags: {}, removedKeys });
    return isAwsError(changed) ? changed : {};
  },
};

export const HANDLERS = untyped<ACM>(acm);
