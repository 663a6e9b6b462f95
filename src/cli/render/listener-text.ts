/** cli/render/listener-text — conditions and actions of rules in a few words. */
import type { ListenerAction, RuleCondition } from '../../model/elbv2/listener.ts';
import type { TwinStore } from '../../model/kinds.ts';

/** The group's name; its ARN when the group is not there. */
export const groupName = (store: TwinStore, arn: string): string =>
  store.get('elbv2/target-group', arn)?.targetGroupName ?? arn;

/** `forward web:80 canary:20`, `redirect HTTPS:443 301`, `fixed 404`. */
export function actionText(store: TwinStore, action: ListenerAction): string {
  switch (action.type) {
    case 'forward': {
      const isLone = action.targetGroups.length === 1;
      const groups = action.targetGroups.map(({ targetGroupArn, weight }) =>
        isLone ? groupName(store, targetGroupArn) : `${groupName(store, targetGroupArn)}:${weight}`,
      );
      return `forward ${groups.join(' ')}`;
    }
    case 'redirect': {
      const { protocol, host, port, path, query, statusCode } = action.redirect;
      const kept = (value: string | undefined): boolean =>
        value === undefined || /^\/?#\{\w+\}$/.test(value);
      const parts = [protocol, host, port, path, query].filter((it) => !kept(it));
      return `redirect ${[...parts, statusCode.replace('HTTP_', '')].join(' ')}`;
    }
    case 'fixed-response':
      return `fixed ${action.fixedResponse.statusCode}`;
    default:
      return action.type;
  }
}

/** `path /api/*|/v1`, `header X-A=b`, `query a=b`. */
export function conditionText(condition: RuleCondition): string {
  const regexes = 'regexValues' in condition ? (condition.regexValues ?? []) : [];
  switch (condition.field) {
    case 'query-string':
      return `query ${condition.values.map(({ key, value }) => (key === undefined ? value : `${key}=${value}`)).join('|')}`;
    case 'http-header':
      return `header ${condition.httpHeaderName}=${[...(condition.values ?? []), ...regexes].join('|')}`;
    case 'host-header':
      return `host ${[...(condition.values ?? []), ...regexes].join('|')}`;
    case 'path-pattern':
      return `path ${[...(condition.values ?? []), ...regexes].join('|')}`;
    case 'http-request-method':
      return `method ${condition.values.join('|')}`;
    case 'source-ip':
      return `from ${condition.values.join('|')}`;
  }
}
