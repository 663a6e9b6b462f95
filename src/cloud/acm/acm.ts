/**
 * cloud/acm/acm — AWS Certificate Manager over one region: certificates asked for, listed, looked
 * up, deleted. Texts: ACM API 2015-12-08 and public reports.
 */
import type { Certificate } from '../../model/acm/certificate.ts';
import { type AwsError, awsError } from '../../model/aws-error.ts';
import { partitionOf, type Region } from '../region.ts';
import type { AcmOperations } from './operations.ts';

const notFound = (region: Region, arn: string): AwsError =>
  awsError(
    'ResourceNotFoundException',
    `Could not find certificate ${arn} in account ${region.accountId}.`,
  );

/** "Number of domain names per ACM certificate" (ACM User Guide, "Quotas"). */
const NAMES_MAX = 10;

export const acmActions = (region: Region): AcmOperations => ({
  requestCertificate: (input) => request(region, input),
  importCertificate: (input) => imported(region, input),
  changeTags({ certificateArn: arn, tags, removedKeys }) {
    const found = region.store.get('acm/certificate', arn);
    if (found === undefined) return notFound(region, arn);
    const kept = Object.entries(found.tags).filter(([key]) => !removedKeys.includes(key));
    const changed = { ...found, tags: { ...Object.fromEntries(kept), ...tags } };
    region.store.put('acm/certificate', arn, changed);
    return changed;
  },
  listCertificates({ statuses }) {
    const all = region.store.list('acm/certificate');
    return statuses === undefined ? all : all.filter((it) => statuses.includes(it.status));
  },
  describeCertificate: ({ certificateArn: arn }) =>
    region.store.get('acm/certificate', arn) ?? notFound(region, arn),
  deleteCertificate({ certificateArn: arn }) {
    const { store } = region;
    if (store.get('acm/certificate', arn) === undefined) return notFound(region, arn);
    const inUse = store.list('elbv2/listener').some((it) => it.certificateArns.includes(arn));
    if (inUse)
      return awsError(
        'ResourceInUseException',
        `Certificate ${arn} in account ${region.accountId} is in use.`,
      );
    store.delete('acm/certificate', arn);
    return { kind: 'done' };
  },
});

const NAME = /^(\*\.)?(((?!-)[A-Za-z0-9-]{1,63}(?<!-))\.)+((?!-)[A-Za-z0-9-]{2,63}(?<!-))$/;

function request(
  region: Region,
  input: Parameters<AcmOperations['requestCertificate']>[0],
): Certificate | AwsError {
  const names = [...new Set([input.domainName, ...(input.subjectAlternativeNames ?? [])])];
  const wrong = names.find((name) => !NAME.test(name));
  if (wrong !== undefined)
    return awsError('ValidationException', `'${wrong}' is not a valid domain name`);
  if (names.length > NAMES_MAX)
    return awsError(
      'LimitExceededException',
      `Error: the number of domain names exceeds the quota of ${NAMES_MAX}`,
    );
  const certificate: Certificate = {
    certificateArn: newArn(region),
    domainName: input.domainName,
    subjectAlternativeNames: names,
    status: 'ISSUED',
    type: 'AMAZON_ISSUED',
    keyAlgorithm: 'RSA-2048',
    tags: input.tags ?? {},
  };
  region.store.put('acm/certificate', certificate.certificateArn, certificate);
  return certificate;
}

function newArn({ ids, name, accountId }: Region): string {
  const hex = ids.hex(32);
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return `arn:${partitionOf(name)}:acm:${name}:${accountId}:certificate/${uuid}`;
}

function imported(
  region: Region,
  {
    certificateArn: arn,
    names,
    keyAlgorithm,
    tags,
  }: Parameters<AcmOperations['importCertificate']>[0],
): Certificate | AwsError {
  const before = arn === undefined ? undefined : region.store.get('acm/certificate', arn);
  if (arn !== undefined && before === undefined) return notFound(region, arn);
  if (before !== undefined && before.type !== 'IMPORTED')
    return awsError('ValidationException', `Certificate ${arn} was not imported.`);
  const certificate: Certificate = {
    certificateArn: arn ?? newArn(region),
    domainName: names[0],
    subjectAlternativeNames: names,
    status: 'ISSUED',
    type: 'IMPORTED',
    keyAlgorithm,
    tags: before?.tags ?? tags ?? {},
  };
  region.store.put('acm/certificate', certificate.certificateArn, certificate);
  return certificate;
}
