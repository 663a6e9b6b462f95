/** formats/aws/listener-action — actions of listeners and rules as the ELB API has them. */
import type {
  FixedResponseConfig,
  ListenerAction,
  RedirectConfig,
} from '../../model/elbv2/listener.ts';
import { type AwsJson, type AwsReader, present } from './aws-json.ts';

type Forward = Extract<ListenerAction, { type: 'forward' }>;
type Declared = Extract<ListenerAction, { config: unknown }>;

const CONFIG_MEMBERS: Readonly<Record<Declared['type'], string>> = {
  'authenticate-oidc': 'AuthenticateOidcConfig',
  'authenticate-cognito': 'AuthenticateCognitoConfig',
  'jwt-validation': 'JwtValidationConfig',
};

/** `clientID` is `ClientId` in the API. */
const memberName = (name: string): string =>
  (name[0]!.toUpperCase() + name.slice(1)).replace(/ID$/, 'Id').replace(/ARN$/, 'Arn');
const ourName = (member: string): string =>
  (member[0]!.toLowerCase() + member.slice(1)).replace(/Id$/, 'ID').replace(/Arn$/, 'ARN');

const renamed = (json: AwsJson, name: (member: string) => string): AwsJson =>
  Object.fromEntries(Object.entries(json).map(([member, value]) => [name(member), value]));

function forwardToAws({ targetGroups, stickiness }: Forward): AwsJson {
  const lone = targetGroups.length === 1 ? targetGroups[0]!.targetGroupArn : undefined;
  return present({
    Type: 'forward',
    TargetGroupArn: lone,
    ForwardConfig: present({
      TargetGroups: targetGroups.map((it) =>
        present({ TargetGroupArn: it.targetGroupArn, Weight: it.weight }),
      ),
      TargetGroupStickinessConfig:
        stickiness === undefined
          ? undefined
          : present({ Enabled: stickiness.enabled, DurationSeconds: stickiness.durationSeconds }),
    }),
  });
}

function actionToAws(action: ListenerAction): AwsJson {
  switch (action.type) {
    case 'forward':
      return forwardToAws(action);
    case 'redirect':
      return {
        Type: action.type,
        RedirectConfig: present(renamed({ ...action.redirect }, memberName)),
      };
    case 'fixed-response':
      return {
        Type: action.type,
        FixedResponseConfig: present(renamed({ ...action.fixedResponse }, memberName)),
      };
    default:
      return {
        Type: action.type,
        [CONFIG_MEMBERS[action.type]]: present(renamed(action.config, memberName)),
      };
  }
}

/** Actions in their order, which the API numbers from one where there are several. */
export const actionsToAws = (actions: readonly ListenerAction[]): readonly AwsJson[] =>
  actions.map((action, i) =>
    actions.length === 1 ? actionToAws(action) : { ...actionToAws(action), Order: i + 1 },
  );

function forwardFromAws(read: AwsReader): Forward {
  const config = read.object('ForwardConfig');
  const stickiness = config?.object('TargetGroupStickinessConfig');
  const groups = config?.list('TargetGroups') ?? [];
  const targetGroups = groups.map((it) => ({
    targetGroupArn: it.text('TargetGroupArn'),
    ...(it.has('Weight') ? { weight: it.number('Weight') } : {}),
  }));
  const duration =
    stickiness?.has('DurationSeconds') === true
      ? { durationSeconds: stickiness.number('DurationSeconds') }
      : {};
  return {
    type: 'forward',
    targetGroups:
      targetGroups.length > 0 ? targetGroups : [{ targetGroupArn: read.text('TargetGroupArn') }],
    ...(stickiness === undefined
      ? {}
      : { stickiness: { enabled: stickiness.flag('Enabled'), ...duration } }),
  };
}

function actionFromAws(read: AwsReader): ListenerAction {
  const type = read.text('Type');
  if (type === 'forward') return forwardFromAws(read);
  if (type === 'redirect') {
    const config = renamed(read.object('RedirectConfig')?.json ?? {}, ourName);
    return { type, redirect: config as unknown as RedirectConfig };
  }
  if (type === 'fixed-response') {
    const config = renamed(read.object('FixedResponseConfig')?.json ?? {}, ourName);
    return { type, fixedResponse: config as unknown as FixedResponseConfig };
  }
  const known = type as Declared['type'];
  const { ClientSecret: _, ...config } = read.object(CONFIG_MEMBERS[known] ?? '')?.json ?? {};
  return { type: known, config: renamed(config, ourName) };
}

/** Actions in the order the API numbers them. */
export const actionsFromAws = (reads: readonly AwsReader[]): readonly ListenerAction[] =>
  [...reads].sort((a, b) => a.number('Order', 0) - b.number('Order', 0)).map(actionFromAws);
