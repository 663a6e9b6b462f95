/**
 * api/kubernetes/access/bearer-token — who is asking: the served token, or one made by
 * `aws eks get-token`, which is a presigned GetCallerIdentity and is read, not sent anywhere.
 *
 * Upstream: kubernetes-sigs/aws-iam-authenticator pkg/token/token.go Verify: the prefix, the
 * host, the parameters a presigned URL may have, and its fifteen minutes.
 */
import type { IncomingMessage } from 'node:http';
import type { Served } from '../../running-twin.ts';
import { accountOf } from '../subresources/account-token.ts';

export interface User {
  readonly username: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

const ADMIN: User = {
  username: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
};

const EKS_PREFIX = 'k8s-aws-v1.';
const CLUSTER_HEADER = 'x-k8s-aws-id';
const TOKEN_LASTS_MS = 15 * 60_000;
const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

/** The user of a request; undefined when nobody vouches for it. */
export function userOf(request: IncomingMessage, served: Served): User | undefined {
  const header = request.headers.authorization ?? '';
  const token = /^Bearer\s+(\S+)\s*$/i.exec(header)?.[1] ?? tokenOfWebSocket(request);
  return token === undefined ? undefined : userOfToken(token, served);
}

/** Browsers cannot set a header, so a subprotocol carries it (websocket/protocol.go). */
function tokenOfWebSocket({ headers }: IncomingMessage): string | undefined {
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((it) => it.trim());
  const given = protocols.find((it) => it.startsWith(TOKEN_PROTOCOL));
  return given && Buffer.from(given.slice(TOKEN_PROTOCOL.length), 'base64url').toString();
}

/** The user a token stands for. */
export function userOfToken(token: string, served: Served): User | undefined {
  if (token === served.token) return ADMIN;
  if (token.startsWith(EKS_PREFIX)) return userOfEksToken(token.slice(EKS_PREFIX.length));
  const account = accountOf(token, served);
  return account === undefined
    ? undefined
    : { username: account, groups: groupsOfAccount(account) };
}

/** Of `system:serviceaccount:NAMESPACE:NAME`. */
export const groupsOfAccount = (account: string): readonly string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${account.split(':')[2]}`,
  'system:authenticated',
];

/** Signed more than fifteen minutes ago, by this machine's time: it made the token too. */
function isExpired(parameters: URLSearchParams): boolean {
  const signed = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(
    parameters.get('X-Amz-Date') ?? '',
  );
  if (signed === null) return true;
  const [year = 0, month = 0, ...rest] = signed.slice(1).map(Number);
  const at = Date.UTC(year, month - 1, ...(rest as [number, number, number, number]));
  return Date.now() > at + TOKEN_LASTS_MS;
}

/** Whose access key signed it. The signature is AWS's to check; here nobody could. */
function userOfEksToken(encoded: string): User | undefined {
  let url: URL;
  try {
    url = new URL(Buffer.from(encoded, 'base64url').toString());
  } catch {
    return undefined;
  }
  const { searchParams } = url;
  const key = (searchParams.get('X-Amz-Credential') ?? '').split('/')[0]!;
  if (searchParams.get('Action') !== 'GetCallerIdentity' || key === '') return undefined;
  const names = (searchParams.get('X-Amz-SignedHeaders') ?? '').split(';');
  if (!names.includes(CLUSTER_HEADER) || isExpired(searchParams)) return undefined;
  return { username: `aws:${key}`, groups: ['system:masters', 'system:authenticated'] };
}
