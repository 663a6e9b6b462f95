/**
 * up/certificates — the twin's own certificate authority, and the certificate its Kubernetes server
 * shows: ECDSA P-256, ten years. The authority is kept, so that kubeconfigs of earlier runs and
 * DescribeCluster's answer stay true when the server gets other names.
 *
 * Follows RFC 5280; what a cluster's own certificate names: kubernetes/kubernetes
 * cmd/kubeadm/app/phases/certs pkiutil GetAPIServerAltNames.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { familyOf, parseIp } from '../net/ip.ts';
import {
  bits,
  explicit,
  implicit,
  integer,
  isTrue,
  objectId,
  octets,
  sequence,
  setOf,
  time,
  utf8Text,
} from './der.ts';

/** PEM texts; all of them are kept in the data folder. */
export interface Certificates {
  /** What clients trust. */
  readonly authority: string;
  readonly authorityKey: string;
  /** What the server shows and proves itself with. */
  readonly server: string;
  readonly serverKey: string;
}

/** Names under which pods and users reach the API server, whatever else it is called. */
const OWN_NAMES = [
  '127.0.0.1',
  '::1',
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

const YEAR_MS = 365 * 24 * 3_600_000;
const VALID_MS = 10 * YEAR_MS;
/** Clocks of clients may be behind ours. */
const BACKDATED_MS = 3_600_000;

const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
const COMMON_NAME = '2.5.4.3';
const AUTHORITY_NAME = 'ekstwin certificate authority';

const named = (commonName: string): Buffer =>
  sequence(setOf(sequence(objectId(COMMON_NAME), utf8Text(commonName))));

const extension = (id: string, value: Buffer, isCritical = false): Buffer =>
  sequence(objectId(id), ...(isCritical ? [isTrue()] : []), octets(value));

const basicConstraints = (isAuthority: boolean): Buffer =>
  extension('2.5.29.19', sequence(...(isAuthority ? [isTrue()] : [])), true);

/** keyCertSign and cRLSign, or digitalSignature. */
const keyUsage = (isAuthority: boolean): Buffer =>
  extension('2.5.29.15', isAuthority ? bits(Buffer.of(0x06), 1) : bits(Buffer.of(0x80), 7), true);

const serverAuthentication = (): Buffer =>
  extension('2.5.29.37', sequence(objectId('1.3.6.1.5.5.7.3.1')));

function alternativeNames(names: readonly string[]): Buffer {
  const entries = names.map((name) => {
    const ip = parseIp(name);
    if (ip === undefined) return implicit(2, Buffer.from(name, 'ascii'));
    const digits = ip.toString(16).padStart(familyOf(ip) === 4 ? 8 : 32, '0');
    return implicit(7, Buffer.from(digits, 'hex'));
  });
  return extension('2.5.29.17', sequence(...entries));
}

const publicKeyBytes = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

/** RFC 5280 4.2.1.2: any unique value; here a hash of the whole SubjectPublicKeyInfo. */
const keyId = (key: KeyObject): Buffer =>
  createHash('sha256').update(publicKeyBytes(key)).digest().subarray(0, 20);

interface Request {
  readonly subject: string;
  readonly subjectKey: KeyObject;
  readonly issuerKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly nowMs: number;
}

/** One certificate of ours as PEM. */
function issue({ subject, subjectKey, issuerKey, extensions, nowMs }: Request): string {
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const signed = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(serial),
    ECDSA_WITH_SHA256,
    named(AUTHORITY_NAME),
    sequence(time(nowMs - BACKDATED_MS), time(nowMs + VALID_MS)),
    named(subject),
    publicKeyBytes(subjectKey),
    explicit(
      3,
      sequence(
        ...extensions,
        extension('2.5.29.14', octets(keyId(subjectKey))),
        extension('2.5.29.35', sequence(implicit(0, keyId(createPublicKey(issuerKey))))),
      ),
    ),
  );
  const signature = sign('sha256', signed, issuerKey);
  const der = sequence(signed, ECDSA_WITH_SHA256, bits(signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${der.replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string;

function issueAuthority(nowMs: number): Pick<Certificates, 'authority' | 'authorityKey'> {
  const { publicKey, privateKey } = newKey();
  const authority = issue({
    subject: AUTHORITY_NAME,
    subjectKey: publicKey,
    issuerKey: privateKey,
    extensions: [basicConstraints(true), keyUsage(true)],
    nowMs,
  });
  return { authority, authorityKey: pemOf(privateKey) };
}

function issueServer(
  authorityKey: string,
  names: readonly string[],
  nowMs: number,
): Pick<Certificates, 'server' | 'serverKey'> {
  const { publicKey, privateKey } = newKey();
  const server = issue({
    subject: 'kube-apiserver',
    subjectKey: publicKey,
    issuerKey: createPrivateKey(authorityKey),
    extensions: [
      basicConstraints(false),
      keyUsage(false),
      serverAuthentication(),
      alternativeNames(names),
    ],
    nowMs,
  });
  return { server, serverKey: pemOf(privateKey) };
}

const isValidAt = (certificate: X509Certificate, nowMs: number): boolean =>
  Date.parse(certificate.validFrom) <= nowMs && nowMs < Date.parse(certificate.validTo);

/** Is the server's certificate for all these names, signed by this authority, and still valid? */
function serves(kept: Certificates, names: readonly string[], nowMs: number): boolean {
  const server = new X509Certificate(kept.server);
  return (
    isValidAt(server, nowMs) &&
    server.checkPrivateKey(createPrivateKey(kept.serverKey)) &&
    server.verify(new X509Certificate(kept.authority).publicKey) &&
    names.every(
      (name) =>
        (parseIp(name) === undefined ? server.checkHost(name) : server.checkIP(name)) !== undefined,
    )
  );
}

/**
 * The certificates to serve with at `nowMs`: those that are kept where they still do, a new one for
 * the server where it has other names now, both where there are none.
 *
 * @param extraNames the cluster's endpoint host, addresses of --listen: names or addresses
 * @throws TypeError or Error of node:crypto when what is kept is no certificate
 */
export function certificatesFor(
  kept: Certificates | undefined,
  extraNames: readonly string[],
  nowMs: number,
): Certificates {
  const names = [...new Set([...OWN_NAMES, ...extraNames])];
  if (kept !== undefined && isValidAt(new X509Certificate(kept.authority), nowMs)) {
    if (serves(kept, names, nowMs)) return kept;
    const { authority, authorityKey } = kept;
    return { authority, authorityKey, ...issueServer(authorityKey, names, nowMs) };
  }
  const made = issueAuthority(nowMs);
  return { ...made, ...issueServer(made.authorityKey, names, nowMs) };
}
