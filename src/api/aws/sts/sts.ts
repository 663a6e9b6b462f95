/**
 * api/aws/sts/sts — the Security Token Service, with stand-ins: IAM is not simulated, so whoever
 * signs is the user `ekstwin` of the twin's account, and any role may be assumed. Credentials that
 * are handed out carry their identity in the session token, so nothing has to be remembered; their
 * secret is the one this server verifies with.
 */
import { randomBytes } from 'node:crypto';
import type { AssumeRoleCommandInput, Credentials, STS } from '@aws-sdk/client-sts';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import { type AwsCall, type Handlers, untyped } from '../operation.ts';

interface Identity {
  readonly UserId: string;
  readonly Arn: string;
}

const USER_ID = 'AIDAEKSTWINEXAMPLE01';
const HOUR_SECONDS = 3_600;
const HALF_DAY_SECONDS = 12 * HOUR_SECONDS;
const LEAST_SECONDS = 900;

const sts: Handlers<STS> = {
  GetCallerIdentity: (_input, call) => ({
    ...identityOf(call),
    Account: call.cloud.accountId,
  }),

  GetAccessKeyInfo: (_input, { cloud }) => ({ Account: cloud.accountId }),

  GetSessionToken(input, call) {
    const seconds = soundSeconds(input.DurationSeconds ?? HALF_DAY_SECONDS, 3 * HALF_DAY_SECONDS);
    if (isAwsError(seconds)) return seconds;
    return { Credentials: credentials(call, identityOf(call), seconds) };
  },

  AssumeRole: (input, call) => assumed(input, call),

  AssumeRoleWithWebIdentity(input, call) {
    const subject = subjectOf(input.WebIdentityToken ?? '');
    if (subject === undefined) {
      return awsError(
        'InvalidIdentityToken',
        'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
      );
    }
    const answer = assumed(input, call);
    return isAwsError(answer) ? answer : { ...answer, SubjectFromWebIdentityToken: subject };
  },
};

export const HANDLERS = untyped<STS>(sts);

/** Who calls, by the session token that was handed out to them. */
function identityOf({ sessionToken, cloud }: AwsCall): Identity {
  const fallback = { UserId: USER_ID, Arn: `arn:aws:iam::${cloud.accountId}:user/ekstwin` };
  if (sessionToken === undefined) return fallback;
  try {
    const { UserId, Arn } = JSON.parse(Buffer.from(sessionToken, 'base64').toString()) as Identity;
    return typeof UserId === 'string' && typeof Arn === 'string' ? { UserId, Arn } : fallback;
  } catch {
    return fallback; // somebody else's token
  }
}

const KEY_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const keyId = (prefix: string): string =>
  `${prefix}${Array.from(randomBytes(16), (byte) => KEY_LETTERS[byte % 32]).join('')}`;

const credentials = ({ served }: AwsCall, identity: Identity, seconds: number): Credentials => ({
  AccessKeyId: keyId('ASIA'),
  SecretAccessKey: served.awsSecret,
  SessionToken: Buffer.from(JSON.stringify(identity)).toString('base64'),
  // By the wall clock: clients compare it with theirs.
  Expiration: new Date(Math.floor(Date.now() / 1000 + seconds) * 1000),
});

function soundSeconds(seconds: number, most: number): number | AwsError {
  if (seconds >= LEAST_SECONDS && seconds <= most) return seconds;
  const [limit, word] = seconds < LEAST_SECONDS ? [LEAST_SECONDS, 'greater'] : [most, 'less'];
  return awsError(
    'ValidationError',
    `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy ` +
      `constraint: Member must have value ${word} than or equal to ${limit}`,
  );
}

const ROLE = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(?:.*\/)?([\w+=,.@-]{1,64})$/;

function assumed(
  input: Pick<AssumeRoleCommandInput, 'RoleArn' | 'RoleSessionName' | 'DurationSeconds'>,
  call: AwsCall,
) {
  const { RoleArn = '', RoleSessionName = '' } = input;
  const [, partition, account, role] = ROLE.exec(RoleArn) ?? [];
  if (role === undefined) return awsError('ValidationError', `${RoleArn} is invalid`);
  if (!/^[\w+=,.@-]{2,64}$/.test(RoleSessionName)) {
    return awsError(
      'ValidationError',
      `1 validation error detected: Value '${RoleSessionName}' at 'roleSessionName' failed to ` +
        'satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*',
    );
  }
  const seconds = soundSeconds(input.DurationSeconds ?? HOUR_SECONDS, HALF_DAY_SECONDS);
  if (isAwsError(seconds)) return seconds;
  const AssumedRoleId = `AROAEKSTWINEXAMPLE01:${RoleSessionName}`;
  const Arn = `arn:${partition}:sts::${account}:assumed-role/${role}/${RoleSessionName}`;
  return {
    Credentials: credentials(call, { UserId: AssumedRoleId, Arn }, seconds),
    AssumedRoleUser: { AssumedRoleId, Arn },
  };
}

/** Of a JSON web token, unverified. */
function subjectOf(token: string): string | undefined {
  const [, payload = ''] = token.split('.');
  try {
    const { sub } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub?: unknown };
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
}
