/** analysis/load-balancer/words — rules, conditions and actions of AWS in a few words each. */
import type { SecurityGroupRule } from '../../model/ec2/security-group.ts';
import type { ListenerAction, RuleCondition } from '../../model/elbv2/listener.ts';
import type { TwinStore } from '../../model/kinds.ts';

/** `forward to k8s-shop-web-0123`, `redirect to HTTPS :443 (HTTP_301)`. */
export function actionText(store: TwinStore, action: ListenerAction): string {
  switch (action.type) {
    case 'forward':
      return `forward to ${action.targetGroups
        .map(({ targetGroupArn, weight }) => {
          const name = store.get('elbv2/target-group', targetGroupArn)?.targetGroupName;
          const share = action.targetGroups.length > 1 ? ` (weight ${weight ?? 1})` : '';
          return `${name ?? targetGroupArn}${share}`;
        })
        .join(', ')}`;
    case 'redirect': {
      const { protocol, host, port, path, statusCode } = action.redirect;
      const where = [protocol, host, port && `:${port}`, path].filter(Boolean).join(' ');
      return `redirect to ${where} (${statusCode})`;
    }
    case 'fixed-response': {
      const { statusCode, messageBody } = action.fixedResponse;
      return `answer ${statusCode} ${messageBody ?? ''}`.trim();
    }
    default:
      return `${action.type} (declared, not simulated)`;
  }
}

/** `host-header myapp.com`, `path-pattern /api or /api/*`. */
export const conditionText = (condition: RuleCondition): string =>
  `${condition.field} ${conditionValues(condition)}`;

/** What a condition holds for, without its field. */
export function conditionValues({ field: _, ...rest }: RuleCondition): string {
  return Object.values(rest)
    .filter((value) => value !== undefined && String(value) !== '')
    .map((value) => (Array.isArray(value) ? value.map(valueText).join(' or ') : String(value)))
    .join(' ');
}

const valueText = (value: unknown): string =>
  typeof value === 'object' && value !== null ? Object.values(value).join('=') : String(value);

/** `tcp 8080 from sg-0123`. */
export function ruleText({ protocol, fromPort, toPort, peer }: SecurityGroupRule): string {
  const ports = fromPort === toPort ? `${fromPort}` : `${fromPort}-${toPort}`;
  const name = protocol === '-1' ? 'all traffic' : protocol;
  return `${name}${fromPort < 0 ? '' : ` ${ports}`} from ${peerText(peer)}`;
}

function peerText(peer: SecurityGroupRule['peer']): string {
  if (peer.kind === 'group') return peer.groupId;
  return peer.kind === 'prefix-list' ? peer.prefixListId : peer.cidr;
}
