/** formats/aws/certificate — `aws acm describe-certificate`; list-certificates tells less of each. */
import type { Certificate } from '../../model/acm/certificate.ts';
import { type NounFormat, present } from './aws-json.ts';

export const certificate: NounFormat<'acm/certificate'> = {
  kind: 'acm/certificate',
  member: 'Certificate',
  file: 'describe-certificate.json',
  toAws: (it) =>
    present({
      CertificateArn: it.certificateArn,
      DomainName: it.domainName,
      SubjectAlternativeNames: it.subjectAlternativeNames,
      Status: it.status,
      Type: it.type,
      KeyAlgorithm: it.keyAlgorithm,
      CertificateAuthorityArn: it.certificateAuthorityArn,
    }),
  fromAws: (read): Certificate => {
    const names = [
      ...read.texts('SubjectAlternativeNames'),
      ...read.texts('SubjectAlternativeNameSummaries'),
    ];
    const domainName = read.text('DomainName');
    return {
      certificateArn: read.text('CertificateArn'),
      domainName,
      subjectAlternativeNames: names.length > 0 ? names : [domainName],
      status: (read.optionalText('Status') ?? 'ISSUED') as Certificate['status'],
      type: (read.optionalText('Type') ?? 'AMAZON_ISSUED') as Certificate['type'],
      keyAlgorithm: read.optionalText('KeyAlgorithm') ?? 'RSA-2048',
      certificateAuthorityArn: read.optionalText('CertificateAuthorityArn'),
      tags: {},
    };
  },
};
